"""A listener's default action, read as weights of blue and green, and the same action with other weights."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ListenerStateError
from .models import Colour, Weights


@dataclass(frozen=True)
class Listener:
    """`action` is the live default action as AWS described it. `weights` is None when it can't be read as
    blue and green; `problem` tells what keeps the switch from changing this listener (then `weights` may
    still be known).
    """

    arn: str
    role: str  # "production listener" or "test listener", for messages
    action: Mapping[str, Any] | None
    weights: Weights | None
    problem: str | None

    def usable_weights(self) -> Weights:
        """The weights of a listener that may be changed; raises ListenerStateError otherwise."""
        if self.weights is None or self.problem:
            raise ListenerStateError(
                what=f"the {self.role} {self.problem}",
                where=f"listener {self.arn}",
                why="weights can be moved safely only where blue and green share all the traffic",
                mend=(
                    "give it one default action that forwards to both target groups, weights summing to 100: "
                    "`terraform apply` restores the shape, `aws elbv2 modify-listener` the weights"
                ),
            )
        return self.weights


def read_listener(
    arn: str, role: str, described: Mapping[str, Any] | None, target_groups: Mapping[str, Colour]
) -> Listener:
    """`described`: an item of DescribeListeners, None if there is none. `target_groups`: ARN → colour."""
    if described is None:
        return Listener(arn, role, None, None, "does not exist")
    actions = described.get("DefaultActions", [])
    types = [action.get("Type") for action in actions]
    if types != ["forward"]:
        return Listener(arn, role, None, None, f"has the default actions {types} instead of one forward")
    groups = actions[0].get("ForwardConfig", {}).get("TargetGroups", [])
    weighted = {target_groups.get(group["TargetGroupArn"]): group.get("Weight") for group in groups}
    if len(groups) != len(Colour) or set(weighted) != set(Colour):
        arns = [group["TargetGroupArn"] for group in groups]
        return Listener(
            arn, role, None, None, f"forwards to {arns} instead of blue's and green's target group"
        )
    if None in weighted.values():
        return Listener(arn, role, None, None, "has no weights")
    weights = Weights(weighted[Colour.BLUE], weighted[Colour.GREEN])
    problem = None if weights.valid else f"has weights that don't sum to 100: {weights}"
    return Listener(arn, role, actions[0], weights, problem)


def with_weights(
    action: Mapping[str, Any], weights: Weights, target_groups: Mapping[str, Colour]
) -> dict[str, Any]:
    """The action with only its weights changed: a dropped Order or stickiness would show in the next plan."""
    changed = copy.deepcopy(dict(action))
    for group in changed["ForwardConfig"]["TargetGroups"]:
        group["Weight"] = weights.of(target_groups[group["TargetGroupArn"]])
    return changed
