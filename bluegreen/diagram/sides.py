"""Which target group is which colour, and which side each resource belongs to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stack_gate.plan.ownership import owners
from stack_gate.plan.traffic import COLOURS, ROUTING, TARGET_GROUPS

from bluegreen.diagram.errors import DiagramError
from bluegreen.diagram.stack import Resource, Stack, objects, strings
from bluegreen.diagram.words import common_start

NO_SIDES = "give the directory of a blue-green stack"


@dataclass(frozen=True)
class Sides:
    """`groups`: colour → its target group; `owner`: address → colour, for what one side alone uses."""

    groups: Mapping[str, Resource]
    owner: Mapping[str, str]

    def of(self, resource: Resource) -> str | None:
        """The colour that a resource belongs to; None where it is shared.

        What nothing connects to a side belongs to the one that it names.
        """
        if colour := self.owner.get(resource.address):
            return colour
        named = _words([resource.label, resource.name]) & set(COLOURS)
        return named.pop() if len(named) == 1 else None


def find(stack: Stack) -> Sides:
    """Raises DiagramError where no listener divides its traffic between two target groups."""
    groups = _coloured(stack)
    blue, green = (_tags(group) for group in groups.values())
    telling = dict.fromkeys(blue - green, COLOURS[0]) | dict.fromkeys(green - blue, COLOURS[1])
    anchors = {
        resource.address: frozenset(telling[tag] for tag in _tags(resource) if tag in telling)
        for resource in stack.resources.values()
    }
    anchors |= {group.address: frozenset({colour}) for colour, group in groups.items()}
    found = owners(stack.references, anchors)
    return Sides(groups, {address: next(iter(c)) for address, c in found.items() if len(c) == 1})


def weights(stack: Stack, listener: Resource) -> dict[str, int]:
    """Target group → weight, of a listener or rule as the configuration creates it."""
    return {
        group.address: int(entry.get("weight", 1))
        for entry in _entries(listener)
        for group in stack.referred(entry.get("arn"), *TARGET_GROUPS)
    }


def _entries(listener: Resource) -> Iterator[Mapping[str, Any]]:
    for action in listener.blocks(ROUTING[listener.type]):
        if not action.get("forward"):
            yield {"arn": action.get("target_group_arn"), "weight": 100}
        for forward in objects(action.get("forward")):
            yield from objects(forward.get("target_group"))


def _coloured(stack: Stack) -> dict[str, Resource]:
    """By name and tags; else the first that a forward lists is blue."""
    found: dict[str, Resource] = {}
    for listener in stack.of(*ROUTING):
        if len(divided := weights(stack, listener)) > 1:
            found |= {address: stack.resources[address] for address in divided}
    groups = list(found.values())
    if len(groups) != len(COLOURS):
        message = f"{stack.name} divides traffic between {len(groups)} target groups, not between two"
        raise DiagramError(message, NO_SIDES)
    first = groups[0] if "green" not in _said(groups[0], groups) else groups[1]
    second = groups[1] if first is groups[0] else groups[0]
    return dict(zip(COLOURS, (first, second), strict=True))


def _said(group: Resource, groups: list[Resource]) -> set[str]:
    """What a side is called, without what both are called."""
    alike = len(common_start([other.label for other in groups]))
    return _words([group.label[alike:], *strings(group.body.get("name")), *strings(group.body.get("tags"))])


def _words(texts: list[str]) -> set[str]:
    return {word.lower() for text in texts for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", text)}


def _tags(resource: Resource) -> set[tuple[str, str]]:
    return {
        (key, value)
        for block in resource.blocks("tags")
        for key, value in block.items()
        if isinstance(value, str)
    }
