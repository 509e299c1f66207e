"""Which colour a resource belongs to, from what refers to what; not from names.

A colour's *own* resources are its target group and everything that carries a tag which tells the two target
groups apart (`Colour = blue`, say), and whatever refers to one of those, directly or through others. What is
connected to them belongs to the colour as well, as long as nothing else uses it. What is connected to both
colours, or to neither, is shared.
"""

from collections.abc import Iterable, Mapping

References = Mapping[str, frozenset[str]]  # block → blocks that it refers to
Colours = frozenset[str]
SHARED: Colours = frozenset()


def owners(references: References, anchors: Mapping[str, Colours], ordered: References) -> dict[str, Colours]:
    """Block → its colour. None is SHARED; two: it may be either's, because it refers to a block that stands
    for resources of both colours (by for_each). `anchors`: block → the colours that it is known to be of.
    `ordered`: block → blocks that it waits for, which connects it to them without being a use of them.
    """
    used = _Graph(references)
    near = {block: used.nearest(block, anchors) for block in references}
    graph = _Graph({block: others | ordered.get(block, SHARED) for block, others in references.items()})
    reached = {block: SHARED.union(*found) for block, found in near.items()}
    mixed = {block for block, found in near.items() if any(len(colours) > 1 for colours in found)}
    colours = frozenset().union(*anchors.values())
    own = {colour: {b for b in references if reached[b] == {colour}} - mixed for colour in colours}
    shared = mixed | {block for block, found in reached.items() if len(found) > 1}
    for _ in references:  # each round shares at least one more block
        regions = {colour: graph.region(own[colour], _others(own, colour) | shared) for colour in colours}
        contested = set.intersection(*regions.values()) if len(regions) > 1 else set()
        if not contested:
            break
        # What others use first: without it, most of the rest turns out to be clearly one colour's.
        shared |= {block for block in contested if graph.used(block)} or contested
    found = {block: frozenset({colour}) for colour, region in regions.items() for block in region}
    return {block: colours if block in mixed else found.get(block, SHARED) for block in references}


def orphans(known: Mapping[str, Colours], dependencies: References) -> dict[str, Colours]:
    """The same for blocks that are no longer in the configuration, from the dependencies in the state, which
    are transitive: the colour of what they were connected to, if that is one.
    """
    found: dict[str, Colours] = {}
    for block in dependencies.keys() - known.keys():
        users = {other for other, needed in dependencies.items() if block in needed}
        colours = {
            known[other] for other in users | dependencies[block] if len(known.get(other, SHARED)) == 1
        }
        found[block] = next(iter(colours)) if len(colours) == 1 else SHARED
    return found


def _others(own: Mapping[str, set[str]], colour: str) -> set[str]:
    return {block for other, blocks in own.items() if other != colour for block in blocks}


class _Graph:
    def __init__(self, references: References) -> None:
        self._references = references
        self._referrers: dict[str, set[str]] = {block: set() for block in references}
        for block, others in references.items():
            for other in others:
                self._referrers[other].add(block)

    def used(self, block: str) -> bool:
        return bool(self._referrers[block])

    def nearest(self, block: str, anchors: Mapping[str, Colours]) -> list[Colours]:
        """The colours of each anchor that it refers to, not looking behind one; an anchor has its own."""
        found: list[Colours] = []
        seen, waiting = {block}, [block]
        while waiting:
            current = waiting.pop()
            if anchors.get(current):
                found.append(anchors[current])
            else:
                new = self._references[current] - seen
                seen |= new
                waiting += new
        return found

    def region(self, own: set[str], barred: set[str]) -> set[str]:
        """`own`, and all that is connected to it and used by nothing outside."""
        colour = set(self._references) - barred
        while True:
            kept = self._connected(own, own | {b for b in colour if self._referrers[b] <= colour})
            if kept == colour:
                return colour
            colour = kept

    def _connected(self, own: Iterable[str], colour: set[str]) -> set[str]:
        seen = set(own)
        waiting = list(seen)
        while waiting:
            current = waiting.pop()
            new = ((self._references[current] | self._referrers[current]) & colour) - seen
            seen |= new
            waiting += new
        return seen
