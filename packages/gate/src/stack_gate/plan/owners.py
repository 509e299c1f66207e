"""Whose each resource of a plan is: the evidence in the plan, handed to `ownership`."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stack_gate.plan import configuration
from stack_gate.plan.document import Change, Plan, without_index
from stack_gate.plan.traffic import Traffic
from stack_gate.stack import ownership
from stack_gate.stack.colours import Tag, telling
from stack_gate.stack.ownership import SHARED, Colours


@dataclass(frozen=True)
class Owners:
    """`references`: block → blocks; `telling`: tag → the colour that it tells; `claims`: address → colours of
    the target groups, and by its own tags; `owners`: block → colours.
    """

    references: Mapping[str, frozenset[str]]
    telling: Mapping[Tag, str]
    claims: Mapping[str, Colours]
    owners: Mapping[str, Colours]

    def of(self, change: Change) -> Colours:
        """The colour of what is changed; SHARED; or both, where it may be either's."""
        return self.claims.get(change.address) or self.owners.get(change.block, SHARED)

    def told_by(self, values: Mapping[str, Any]) -> Colours:
        """The colours that the tags of a resource tell."""
        return frozenset(self.telling[tag] for tag in _tags(values) if tag in self.telling)


def read(plan: Plan, traffic: Traffic) -> Owners:
    """Tags count as they are now and as they would be: to change one must not make an active resource look
    inactive.
    """
    colour_of = _telling(plan, traffic)
    blank = Owners({}, colour_of, {}, {})
    groups = {arn: frozenset({colour}) for colour, arn in traffic.groups.items()}
    claims = {
        change.address: groups.get(str(change.before.get("arn")), SHARED)
        | blank.told_by(change.before)
        | blank.told_by(change.after)
        for change in plan.changes
    }
    anchors: dict[str, Colours] = defaultdict(frozenset)
    for change in plan.changes:
        anchors[change.block] |= claims[change.address]
    wholes = configuration.wholes(plan.configuration)
    for part, others in wholes.items():
        anchors[part] = anchors[part].union(*(anchors[other] for other in others))
    for change in plan.changes:
        if change.block in wholes:
            claims[change.address] |= anchors[change.block]
    references = configuration.references(plan.configuration)
    ordered = configuration.ordered(plan.configuration)
    owners = ownership.owners(references, anchors, ordered)
    known = {**{block: colours for block, colours in anchors.items() if colours}, **owners}
    former = {
        without_index(address): frozenset(resource.get("depends_on", ()))
        for address, resource in plan.prior.items()
    }
    connected = {block: others | ordered[block] for block, others in references.items()}
    return Owners(connected, colour_of, claims, {**owners, **ownership.orphans(known, former)})


def _telling(plan: Plan, traffic: Traffic) -> dict[Tag, str]:
    """The tags that one of the two target groups has, and the other has not."""
    by_arn = {arn: colour for colour, arn in traffic.groups.items()}
    tags = {
        by_arn[change.before["arn"]]: _tags(change.before)
        for change in plan.changes
        if change.before.get("arn") in by_arn
    }
    return telling(tags)


def _tags(values: Mapping[str, Any]) -> set[Tag]:
    both = {**(values.get("tags") or {}), **(values.get("tags_all") or {})}
    return {(name, value) for name, value in both.items() if isinstance(value, str)}
