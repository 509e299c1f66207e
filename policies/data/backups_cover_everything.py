"""No database and no table is without backups."""

from collections.abc import Iterator
from types import MappingProxyType

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._backups import PLAN, Selections
from policies.data._databases import DATABASES, TABLE


class BackupsCoverEverything(ResourcePolicy):
    policy = "CKV_BG_107"
    title = "A backup selection covers each database cluster and each DynamoDB table"
    requirement = "R06"
    pci = "12.10.1"
    severity = "HIGH"
    why = "The plan runs every night, reports success, and has no copy of it"
    fix = (
        "add its arn to resources of an aws_backup_selection whose plan_id is that of the stack's "
        "aws_backup_plan"
    )
    types = (*DATABASES, TABLE)
    replaces = MappingProxyType(
        {"CKV2_AWS_8": "it knows no selection by a tag, or by a pattern of ARNs, and asks of clusters alone"}
    )

    def defects(self, resource: Block) -> Iterator[str]:
        stack = resource.stack
        if stack.resources(PLAN) and not stack.derived(Selections).covers(resource):
            yield "is in no backup selection"


check = BackupsCoverEverything()
