"""Which target group is which colour, and which colour a resource belongs to.

There is one way to tell. Its evidence is texts about each of the two: what the switch function calls them,
their tags, their names. The first kind of evidence that gives each one colour of its own decides.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

COLOURS = ("blue", "green")
Texts = Mapping[str, Iterable[str]]  # key of a target group → what is said of it

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def told(evidence: Sequence[Texts]) -> dict[str, str] | None:
    """Colour → key, by the first of `evidence` that tells the two apart; None where none does."""
    for texts in evidence:
        said = {key: said_colours(of) for key, of in texts.items()}
        found = {colour: key for key, colours in said.items() if len(colours) == 1 for colour in colours}
        if len(said) == len(found) == len(COLOURS):
            return {colour: found[colour] for colour in COLOURS}
    return None


def assumed(keys: Sequence[str], evidence: Sequence[Texts]) -> dict[str, str]:
    """Key → colour, also where only one of them, or none, says its colour: then the first is blue.

    For pictures and policies. Who moves or guards traffic needs `told`.
    """
    if found := told(evidence):
        blue = [found["blue"]]
    else:
        said = {key: {c for texts in evidence for c in said_colours(texts.get(key, ()))} for key in keys}
        blue = [key for key in keys if said[key] == {"blue"}]
        blue = blue or [key for key in keys if "green" not in said[key]][:1]
    return {key: "blue" if key in blue else "green" for key in keys}


def said_colours(texts: Iterable[str]) -> set[str]:
    """The colours that are a word of one of the texts: of `BLUE_TG_ARN`, `blueTargets`, `payments-blue`."""
    return {word.lower() for text in texts for word in _WORD.findall(text)} & set(COLOURS)


def own_part(names: Sequence[str]) -> list[str]:
    """The names without the beginning that all have: every id of a stack may have both colours in it."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    shared = sum(1 for _ in alike) if len(names) > 1 else 0
    return [name[shared:] for name in names]


Tag = tuple[str, str]


def telling(tags: Mapping[str, set[Tag]]) -> dict[Tag, str]:
    """Tag → colour: the tags that one of the two target groups has, and the other has not.

    `tags`: colour → tags of its target group.
    """
    blue, green = (tags[colour] for colour in COLOURS)
    return dict.fromkeys(blue - green, "blue") | dict.fromkeys(green - blue, "green")
