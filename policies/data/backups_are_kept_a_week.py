"""Backups are there when a mistake is noticed, and not for ever."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body, lookup, number

from policies._policy import ResourcePolicy
from policies._schedules import ScheduleError, longest_gap
from policies.data._backups import PLAN

WEEK = 7  # days


class BackupsAreKeptAWeek(ResourcePolicy):
    policy = "CKV_BG_106"
    title = "Each rule of a backup plan keeps backups for at least 7 days, and runs before they expire"
    requirement = "R06"
    pci = "12.10.1"
    severity = "HIGH"
    why = (
        "Damage that is noticed after a long weekend is in every backup that is left; backups without"
        " an end keep "
        "cardholder data that had to be deleted"
    )
    fix = "set lifecycle.delete_after = 7, or more, in each rule of the plan"
    types = (PLAN,)

    def defects(self, resource: Block) -> Iterator[str]:
        if not resource.blocks("rule"):
            yield "has no rule"
        for rule in resource.blocks("rule"):
            name = rule.get("rule_name") or "without name"
            days = number(lookup(rule, "lifecycle.delete_after"))
            if days is None:
                yield f"rule {name} does not say for how long it keeps backups"
            elif days < WEEK:
                yield f"rule {name} keeps backups for {days:g} days"
            else:
                yield from (f"rule {name} {what}" for what in _rare(rule, days))


def _rare(rule: Body, days: float) -> Iterator[str]:
    try:
        gap = longest_gap(str(rule.get("schedule") or ""))
    except ScheduleError as error:
        yield f"makes no backup: {error}"
        return
    if gap >= days:
        yield f"runs after {gap:g} days, and keeps backups for {days:g}"
    start, end = number(rule.get("start_window")), number(rule.get("completion_window"))
    if start is not None and end is not None and end <= start:
        yield f"has {end:g} minutes to finish, and {start:g} to begin"


check = BackupsAreKeptAWeek()
