"""Backups are there when a mistake is noticed, and not for ever."""

from collections.abc import Iterator
from zoneinfo import available_timezones

from stack_gate.stack import Block, Body, is_true, lookup, number, objects

from policies._policy import ResourcePolicy
from policies._schedules import ScheduleError, longest_gap
from policies.data._backups import PLAN

WEEK, COLD, CONTINUOUS, MOST = 7, 90, 35, 3_653  # days
DAY = 1_440  # minutes


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
            elif days > MOST:
                yield f"rule {name} keeps cardholder data for {days:g} days"
            else:
                found = [*_rare(rule, days), *_refused(rule, days), *_copied(rule)]
                yield from (f"rule {name} {what}" for what in found)


def _refused(rule: Body, days: float) -> Iterator[str]:
    """Source: AWS Backup API reference, BackupRule, Lifecycle; developer guide, "Point-in-time recovery"."""
    cold = number(lookup(rule, "lifecycle.cold_storage_after"))
    if cold is not None and days < cold + COLD:
        yield f"keeps backups {days - cold:g} days in cold storage; AWS takes {COLD} or more"
    if is_true(rule.get("enable_continuous_backup")) and days > CONTINUOUS:
        yield f"keeps continuous backups for {days:g} days; AWS takes {CONTINUOUS} at most"
    zone = rule.get("schedule_expression_timezone")
    if zone and "${" not in str(zone) and (known := available_timezones()) and zone not in known:
        yield f"runs in the time zone {zone}, which there is none of"


def _copied(rule: Body) -> Iterator[str]:
    for copy in objects(rule.get("copy_action")):
        kept = number(lookup(copy, "lifecycle.delete_after"))
        if kept is not None and kept < WEEK:
            yield f"keeps copies for {kept:g} days"


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
    if start is not None and start > gap * DAY:
        yield f"may begin {start:g} minutes late, after the next one"
    if end is not None and end > WEEK * DAY:
        yield f"has {end:g} minutes to finish, and fails only then"


check = BackupsAreKeptAWeek()
