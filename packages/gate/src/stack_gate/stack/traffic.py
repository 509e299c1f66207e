"""How a stack routes its traffic: listeners, rules, forwards by weight, and the colours' target groups."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from stack_gate.stack.colours import COLOURS, assumed, own_part
from stack_gate.stack.model import Block, Stack
from stack_gate.stack.values import Body, number, objects, strings

LISTENERS = ("aws_lb_listener", "aws_alb_listener")
RULES = ("aws_lb_listener_rule", "aws_alb_listener_rule")
TARGET_GROUPS = ("aws_lb_target_group", "aws_alb_target_group")
LOAD_BALANCERS = ("aws_lb", "aws_alb")
# Type → the argument that says where its traffic goes.
ROUTING = dict.fromkeys(LISTENERS, "default_action") | dict.fromkeys(RULES, "action")
_ALL = 100  # the weight of a target group that is the only one


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
    """The routing of one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.forwards = [
            Forward(owner, ROUTING[owner.type], forward, objects(forward.get("target_group")))
            for owner in stack.resources(*ROUTING)
            for action in owner.blocks(ROUTING[owner.type])
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
        return group.key if group else str(arn or "")

    @property
    def forwarding(self) -> list[Block]:
        """Listeners that forward to targets, rather than redirect or answer."""
        return [
            block
            for block in self._stack.resources(*LISTENERS)
            if any(action.get("type") == "forward" for action in block.blocks("default_action"))
        ]

    def weights(self, owner: Block) -> dict[str, int]:
        """Target group → weight, of a listener or rule as the configuration creates it."""
        return {
            group.key: int(number(entry.get("weight", 1)) or 0)
            for entry in _entries(owner)
            for group in self._stack.referred(entry.get("arn"), *TARGET_GROUPS)
        }

    @cached_property
    def coloured_groups(self) -> list[Block]:
        """The target groups that a weighted forward lists: blue and green."""
        named = [name for forward in self.weighted for name in self.groups(forward)]
        return [block for name in dict.fromkeys(named) if (block := self._stack.at(name))]

    @cached_property
    def colours(self) -> dict[str, list[Block]]:
        """Colour → its target groups: one each, where traffic is divided between two."""
        groups = self.coloured_groups or self._stack.resources(*TARGET_GROUPS)
        labels = own_part([group.label for group in groups])
        tags = {group.key: strings(group.blocks("tags")) for group in groups}
        names = {g.key: [label, *strings(g.get("name"))] for label, g in zip(labels, groups, strict=True)}
        # Not what the switch function calls them: whether it is told right is a policy's question.
        found = assumed([group.key for group in groups], [tags, names])
        return {colour: [group for group in groups if found[group.key] == colour] for colour in COLOURS}


def _entries(owner: Block) -> Iterator[Body]:
    for action in owner.blocks(ROUTING[owner.type]):
        if not action.get("forward"):
            yield {"arn": action.get("target_group_arn"), "weight": _ALL}
        for forward in objects(action.get("forward")):
            yield from objects(forward.get("target_group"))
