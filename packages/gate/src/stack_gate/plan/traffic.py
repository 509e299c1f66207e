"""Who serves, as the plan itself tells: Terraform has read the live listeners before it planned."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stack_gate.plan.document import Change, Plan, PlanError
from stack_gate.stack import LISTENERS, ROUTING, TARGET_GROUPS
from stack_gate.stack.colours import told

HTTPS = 443
COLOURS = 2
TELL_THEM_APART = 'tag the target groups: {"Colour": "blue"} and {"Colour": "green"}'
DELETED = 'follow docs/runbook.md, "A listener was deleted"'
REPAIR = "run `bluegreen reconcile --repair --reason …`, then plan again"
PRODUCTION = (
    "give the switch function the production listener's ARN as LISTENER_ARN, or let it be on port 443"
)

Weights = Mapping[str, int]  # ARN of a target group → its weight


@dataclass(frozen=True)
class Traffic:
    """`groups`: colour → ARN of its target group; `weighted`: address → weights of each listener, or rule of
    one, that divides traffic; `listeners`: their ARNs; `production`: address of the one with the payments.
    """

    groups: Mapping[str, str]
    weighted: Mapping[str, Weights]
    listeners: frozenset[str]
    production: str

    @property
    def weights(self) -> dict[str, int]:
        """Colour → weight, in production, when the plan was made."""
        weights = self.weighted[self.production]
        return {colour: weights.get(arn, 0) for colour, arn in self.groups.items()}


def read(plan: Plan) -> Traffic:
    """Raises PlanError where it can't be told which target group is which colour's, or which listener
    matters.
    """
    existing = [change for change in plan.changes if change.exists]
    weighted = {
        change.address: weights
        for change in existing
        if change.type in ROUTING
        and len(weights := forwarded(change.before[ROUTING[change.type]])) >= COLOURS
    }
    arns = sorted({arn for weights in weighted.values() for arn in weights})
    _require_shape(existing, weighted)
    if not weighted:
        raise PlanError(
            "has no listener that divides its traffic: nothing tells which colour serves",
            "give the plan of the blue-green stack, made with a refresh",
        )
    if len(arns) != COLOURS:
        what = f"divides traffic between {len(arns)} target groups: {', '.join(arns)}"
        raise PlanError(f"{what}; only blue's and green's belong there", REPAIR)
    listeners = {change.address: change for change in existing if change.address in weighted}
    return Traffic(
        groups=_colours(arns, existing),
        weighted=weighted,
        listeners=frozenset(_listener_arn(change) for change in listeners.values()),
        production=_production(listeners, existing),
    )


def forwarded(actions: Any) -> dict[str, int]:
    """The weights in the actions of a listener or rule, as the provider gives them."""
    groups = (
        group
        for action in actions or ()
        for forward in action.get("forward") or ()
        for group in forward.get("target_group") or ()
    )
    return {group["arn"]: group["weight"] for group in groups if group.get("arn")}


def _require_shape(existing: list[Change], weighted: Mapping[str, Weights]) -> None:
    """The listener that the switch function knows as production's forwards by weight to the two target groups
    that it knows: the provider ignores which groups those are, so a plan shows no change.
    """
    given = dict(variables(existing))
    arns = {change.before.get("arn") for change in existing if change.type in LISTENERS}
    if "LISTENER_ARN" in given and given["LISTENER_ARN"] not in arns:
        raise PlanError("can't be judged: the production listener does not exist", DELETED)
    declared = {given[name] for name in ("BLUE_TG_ARN", "GREEN_TG_ARN") if name in given}
    for change in existing:
        if change.type not in LISTENERS or change.before.get("arn") != given.get("LISTENER_ARN"):
            continue
        groups = weighted.get(change.address)
        if groups is None:
            kinds = ", ".join(str(action.get("type")) for action in change.before.get("default_action") or ())
            what = f"has a production listener, {change.address}, that does not forward by weight ({kinds})"
            raise PlanError(f"{what}: nothing tells which colour serves", REPAIR)
        if len(declared) == COLOURS and set(groups) != declared:
            what = (
                f"has a production listener, {change.address}, that forwards to {', '.join(sorted(groups))}"
            )
            raise PlanError(f"{what} instead of blue's and green's target group", REPAIR)


def _listener_arn(change: Change) -> str:
    rule = change.type.endswith("_rule")
    return str(change.before.get("listener_arn" if rule else "arn"))


def _production(listeners: Mapping[str, Change], existing: list[Change]) -> str:
    """The only one; else the one that the switch function knows as LISTENER_ARN; else the one on port 443."""
    named = {value for name, value in variables(existing) if name == "LISTENER_ARN"}
    by_name = [address for address, change in listeners.items() if change.before.get("arn") in named]
    by_port = [address for address, change in listeners.items() if change.before.get("port") == HTTPS]
    for found in (list(listeners), by_name, by_port):
        if len(found) == 1:
            return found[0]
    raise PlanError(f"has {len(listeners)} weighted listeners, and nothing tells which serves", PRODUCTION)


def _colours(arns: list[str], existing: list[Change]) -> dict[str, str]:
    """By what the switch function calls them; else by their tags; else by their own names."""
    groups = {change.before.get("arn"): change for change in existing if change.type in TARGET_GROUPS}
    if not all(arn in groups for arn in arns):
        raise PlanError(
            "divides traffic between target groups that are not in it", "give the plan of their stack"
        )
    called = {arn: [name for name, value in variables(existing) if value == arn] for arn in arns}
    tags = {arn: [*(groups[arn].before.get("tags_all") or {}).values()] for arn in arns}
    names = {arn: [str(groups[arn].before.get("name")), groups[arn].address] for arn in arns}
    if found := told([called, tags, names]):
        return found
    raise PlanError("does not tell which target group is blue's and which is green's", TELL_THEM_APART)


def variables(existing: list[Change]) -> Iterator[tuple[str, str]]:
    """The environment variables of every function."""
    for change in existing:
        if change.type == "aws_lambda_function":
            for environment in change.before.get("environment") or ():
                yield from (environment.get("variables") or {}).items()
