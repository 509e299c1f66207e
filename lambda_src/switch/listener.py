"""A listener's default action: what it does with a request, and the action that the platform declares.

Elastic Load Balancing API reference: Listener, Action, ForwardActionConfig, TargetGroupTuple,
TargetGroupStickinessConfig.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract.errors import ListenerStateError
from ..contract.values import FULL, Colour, Weights

REPAIR = "bluegreen reconcile --repair --reason …"
DELETED = 'follow docs/runbook.md, "A listener was deleted"'
AGAIN = "run the same request again, which is safe"
MISSING = "does not exist"
# As modules/traffic/load_balancer.py declares it; a test compares the two. Elastic Load Balancing takes a
# duration of 1 to 604,800 seconds.
STICKINESS: Mapping[str, Any] = {"Enabled": False, "DurationSeconds": 1}
ORDER = 1


@dataclass(frozen=True)
class Listener:
    """`action`: the live default action as AWS described it, where that is one forward.

    `weights`: what the action says of blue and green, None where it names neither. `share`: the same in
    percent of what both get: what clients get, if nothing else decides. None where neither gets anything.
    `problem`: what differs from the declared shape, None where nothing does. `there`: it was found.
    `shaped`: it lacks nothing of the declared shape but the right weights.
    """

    arn: str
    role: str  # "production listener" or "test listener", for messages
    action: Mapping[str, Any] | None
    weights: Weights | None
    share: Weights | None
    problem: str | None
    there: bool = True
    shaped: bool = False

    @property
    def fix(self) -> str:
        if self.there:
            return f"run `{REPAIR}`"
        return DELETED if self.problem == MISSING else AGAIN

    def usable_weights(self) -> Weights:
        """The weights of a listener of the declared shape; raises ListenerStateError otherwise."""
        if self.weights is None or self.problem:
            raise ListenerStateError(
                what=f"the {self.role} {self.problem}",
                where=f"listener {self.arn}",
                cause="the switch moves traffic only where blue and green share all of it by weight",
                fix=self.fix,
            )
        return self.weights


def read_listener(
    arn: str, role: str, described: Mapping[str, Any] | None, target_groups: Mapping[str, Colour]
) -> Listener:
    """`described`: an item of DescribeListeners, None if there is none. `target_groups`: ARN → colour."""
    if described is None:
        return absent(arn, role, MISSING)
    actions = described.get("DefaultActions", [])
    types = [action.get("Type") for action in actions]
    if types != ["forward"]:
        return Listener(
            arn, role, None, None, None, f"has the default actions {types} instead of one forward"
        )
    groups = forwarded(actions[0])
    weights = _weights(groups, target_groups)
    problem = _problem(actions[0], groups, target_groups)
    shaped = problem is None
    if shaped and not (weights and weights.valid):
        problem = f"has weights that don't sum to 100: {weights}"
    return Listener(arn, role, actions[0], weights, share_of(weights), problem, shaped=shaped)


def absent(arn: str, role: str, problem: str) -> Listener:
    """One that was not found, or could not be read."""
    return Listener(arn, role, None, None, None, problem, there=False)


def forwarded(action: Mapping[str, Any]) -> list[tuple[str, int]]:
    """ARN and weight of each target group that the action forwards to; a single one has all requests."""
    groups = action.get("ForwardConfig", {}).get("TargetGroups") or []
    if not groups and "TargetGroupArn" in action:
        groups = [{"TargetGroupArn": action["TargetGroupArn"]}]
    if len(groups) == 1:
        return [(groups[0]["TargetGroupArn"], FULL)]
    return [(group["TargetGroupArn"], group.get("Weight", 1)) for group in groups]


def is_sticky(action: Mapping[str, Any]) -> bool:
    """Whether a forward keeps a client at the target group that it got first."""
    config = action.get("ForwardConfig", {}).get("TargetGroupStickinessConfig") or {}
    return bool(config.get("Enabled"))


def named(arn: str, target_groups: Mapping[str, Colour]) -> str:
    """The colour of a target group; the ARN of any other."""
    return str(target_groups.get(arn, arn))


def share_of(weights: Weights | None) -> Weights | None:
    """In percent, so that a colour with any weight keeps at least 1 and never gets more than its part."""
    if weights is None or weights.blue + weights.green <= 0:
        return None
    green = round(FULL * weights.green / (weights.blue + weights.green))
    if weights.blue and weights.green:
        green = min(max(green, 1), FULL - 1)
    return Weights(FULL - green, green)


def with_weights(
    action: Mapping[str, Any], weights: Weights, target_groups: Mapping[str, Colour]
) -> dict[str, Any]:
    """The action with only its weights changed: a dropped Order or stickiness would show in the next plan."""
    changed = copy.deepcopy(dict(action))
    for group in changed["ForwardConfig"]["TargetGroups"]:
        group["Weight"] = weights.of(target_groups[group["TargetGroupArn"]])
    return changed


def declared_action(weights: Weights, target_groups: Mapping[str, Colour], *, sticky: bool) -> dict[str, Any]:
    """The declared shape with these weights, whatever the live action is.

    `sticky`: one of the two groups has stickiness of its own. Elastic Load Balancing then refuses an
    action without stickiness (InvalidConfigurationRequest), so it gets the shortest one that there is.
    """
    groups = [
        {"TargetGroupArn": arn, "Weight": weights.of(colour)}
        for arn, colour in sorted(target_groups.items(), key=lambda item: item[1])
    ]
    stickiness = dict(STICKINESS) | {"Enabled": sticky}
    forward = {"TargetGroups": groups, "TargetGroupStickinessConfig": stickiness}
    return {"Type": "forward", "Order": ORDER, "ForwardConfig": forward}


def _weights(groups: Sequence[tuple[str, int]], target_groups: Mapping[str, Colour]) -> Weights | None:
    """The sums of blue's and of green's; None where the action names neither."""
    sums = {colour: 0 for arn, _ in groups if (colour := target_groups.get(arn))}
    for arn, weight in groups:
        if colour := target_groups.get(arn):
            sums[colour] += weight
    return Weights(sums.get(Colour.BLUE, 0), sums.get(Colour.GREEN, 0)) if sums else None


def _problem(
    action: Mapping[str, Any],
    groups: Sequence[tuple[str, int]],
    target_groups: Mapping[str, Colour],
) -> str | None:
    if sorted(arn for arn, _ in groups) != sorted(target_groups):
        names = ", ".join(named(arn, target_groups) for arn, _ in groups)
        return f"forwards to {names} instead of blue's and green's target group"
    return "keeps clients at the target group that they got first (stickiness)" if is_sticky(action) else None
