"""Which colour a resource belongs to: from target groups, the tags that tell them apart, and references."""

from stack_gate.stack import COLOURS, Block, Stack, Traffic
from stack_gate.stack.colours import telling
from stack_gate.stack.ownership import SHARED, owners


class Anchored:
    """Those of one stack."""

    def __init__(self, stack: Stack) -> None:
        groups = stack.derived(Traffic).colours
        self._owners: dict[str, frozenset[str]] = {}
        self._telling: dict[tuple[str, str], str] = {}
        if all(len(groups[colour]) == 1 for colour in COLOURS):
            by_key = {groups[colour][0].key: frozenset({colour}) for colour in COLOURS}
            self._telling = tags = telling({colour: _tags(groups[colour][0]) for colour in COLOURS})
            anchors = {
                block.key: by_key.get(block.key)
                or frozenset(tags[tag] for tag in _tags(block) if tag in tags)
                for block in stack.resources()
            }
            found = owners(stack.references, anchors, stack.ordered)
            self._owners = {**found, **{key: colours for key, colours in anchors.items() if colours}}

    def of(self, block: Block) -> frozenset[str]:
        """Its colour; none where it is shared or unknown; both where it may be either's."""
        return self._owners.get(block.key, SHARED)

    def told_by_tags(self, block: Block) -> frozenset[str]:
        """The colour that its own tags tell."""
        return frozenset(self._telling[tag] for tag in _tags(block) if tag in self._telling)


def _tags(block: Block) -> set[tuple[str, str]]:
    tags = next(iter(block.blocks("tags")), {})
    return {(name, value) for name, value in tags.items() if isinstance(value, str)}
