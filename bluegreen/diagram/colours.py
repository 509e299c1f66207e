"""Which colour each resource belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass

from stack_gate.stack import COLOURS, Block, Stack, Traffic
from stack_gate.stack.colours import Tag, said_colours, telling
from stack_gate.stack.ownership import owners

from bluegreen.diagram.errors import DiagramError

NO_COLOURS = "give the directory of a blue-green stack"


@dataclass(frozen=True)
class Colours:
    """`groups`: colour → its target group; `owner`: address → colour, for what one colour alone uses."""

    groups: Mapping[str, Block]
    owner: Mapping[str, str]

    def of(self, resource: Block) -> str | None:
        """The colour that a resource belongs to; None where it is shared.

        What nothing connects to a colour belongs to the one that it names.
        """
        if colour := self.owner.get(resource.address):
            return colour
        named = said_colours([resource.label, resource.called])
        return named.pop() if len(named) == 1 else None


def find(stack: Stack) -> Colours:
    """Raises DiagramError where no listener divides its traffic between two target groups."""
    traffic = stack.derived(Traffic)
    if (number := len(traffic.coloured_groups)) != len(COLOURS):
        message = f"{stack.name} divides traffic between {number} target groups, not between two"
        raise DiagramError(message, NO_COLOURS)
    groups = {colour: group for colour, (group,) in traffic.colours.items()}
    colour_of = telling({colour: _tags(group) for colour, group in groups.items()})
    anchors = {
        resource.address: frozenset(colour_of[tag] for tag in _tags(resource) if tag in colour_of)
        for resource in stack.resources()
    }
    anchors |= {group.address: frozenset({colour}) for colour, group in groups.items()}
    found = owners(stack.references, anchors, stack.ordered)
    return Colours(groups, {address: next(iter(c)) for address, c in found.items() if len(c) == 1})


def _tags(resource: Block) -> set[Tag]:
    return {
        (key, value)
        for block in resource.blocks("tags")
        for key, value in block.items()
        if isinstance(value, str)
    }
