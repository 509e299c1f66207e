"""A database can be had as it was a week ago."""

from collections.abc import Iterator

from stack_gate.stack import Block, number

from policies._policy import ResourcePolicy
from policies.data._databases import DATABASES, STAND_ALONE, is_replica

WEEK = 7  # days


class DatabaseKeepsBackupsAWeek(ResourcePolicy):
    policy = "CKV_BG_124"
    title = "The backup retention of each database is at least 7 days"
    requirement = "R20"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = "Damage that is noticed after a long weekend can't be undone to the minute before it"
    fix = "set backup_retention_period = 7, or more"
    types = DATABASES

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == STAND_ALONE and is_replica(resource):
            return
        given = resource.get("backup_retention_period")
        days = number(given)
        if days is None:
            yield f"has the backup_retention_period {given}" if given else "names no backup_retention_period"
        elif days < WEEK:
            yield f"keeps backups for {days:g} days"


check = DatabaseKeepsBackupsAWeek()
