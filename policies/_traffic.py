"""The blue-green part of a stack: forwards by weight, the colours' target groups."""

from dataclasses import dataclass
from itertools import takewhile

from policies._stack import Block, Stack
from policies._values import Body, number, objects, strings

LISTENERS = ("aws_lb_listener", "aws_alb_listener")
RULES = ("aws_lb_listener_rule", "aws_alb_listener_rule")
TARGET_GROUPS = ("aws_lb_target_group", "aws_alb_target_group")
LOAD_BALANCERS = ("aws_lb", "aws_alb")
SWITCHING = "elasticloadbalancing:ModifyListener"


@dataclass(frozen=True, eq=False)
class Forward:
    """One forward action of a listener or of one of its rules. `entries` are its target_group blocks."""

    owner: Block
    argument: str  # default_action or action
    body: Body  # the forward block
    entries: list[Body]

    @property
    def weights(self) -> list[float | None]:
        """The weight of each entry; None where it is no number. AWS takes 1 where none is given."""
        return [number(entry.get("weight", 1)) for entry in self.entries]


class Traffic:
    """How one stack splits traffic."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.forwards = [
            Forward(owner, argument, forward, objects(forward.get("target_group")))
            for owner in stack.resources(*LISTENERS, *RULES)
            for argument in ("default_action", "action")
            for action in owner.blocks(argument)
            for forward in objects(action.get("forward"))
        ]

    @property
    def weighted(self) -> list[Forward]:
        """Forwards to at least two different target groups."""
        return [forward for forward in self.forwards if len(self.groups(forward)) > 1]

    def groups(self, forward: Forward) -> list[str]:
        """The different target groups of a forward, as the configuration refers to them."""
        found = [self._group(entry.get("arn")) for entry in forward.entries]
        return list(dict.fromkeys(name for name in found if name))

    def _group(self, arn: object) -> str:
        group = self._stack.one(arn, *TARGET_GROUPS)
        return group.address if group else str(arn or "")

    @property
    def forwarding(self) -> list[Block]:
        """Listeners that forward to targets, rather than redirect or answer."""
        listeners = self._stack.resources(*LISTENERS)
        return [
            block
            for block in listeners
            if any(action.get("type") == "forward" for action in block.blocks("default_action"))
        ]

    @property
    def coloured_groups(self) -> list[Block]:
        """The target groups that a weighted forward lists: blue and green."""
        named = [name for forward in self.weighted for name in self.groups(forward)]
        return [block for name in dict.fromkeys(named) if (block := self._stack.at(name))]

    @property
    def _sides(self) -> list[Block]:
        return self.coloured_groups or self._stack.resources(*TARGET_GROUPS)

    @property
    def blue(self) -> list[Block]:
        """The target group that calls itself blue, else the one that forwards list first."""
        sides = self._sides
        said = [group for group in sides if "blue" in _words(group, sides)]
        return said or [group for group in sides if "green" not in _words(group, sides)][:1]

    @property
    def green(self) -> list[Block]:
        """All others."""
        return [group for group in self._sides if group not in self.blue]


def _words(group: Block, sides: list[Block]) -> str:
    """What a side is called, without what both are called: every id of a BlueGreenStack has "blue" in it."""
    alike = takewhile(
        lambda letters: len(set(letters)) == 1, zip(*(side.name for side in sides), strict=False)
    )
    shared = len(list(alike)) if len(sides) > 1 else 0
    return " ".join([group.name[shared:], *strings(group.get("name")), *strings(group.get("tags"))]).lower()
