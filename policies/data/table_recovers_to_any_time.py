"""A table can be had as it was before the mistake."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._policy import ResourcePolicy
from policies.data._databases import TABLE


class TableRecoversToAnyTime(ResourcePolicy):
    policy = "CKV_BG_112"
    title = "Each DynamoDB table has point-in-time recovery"
    requirement = "R12"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = "A faulty release that overwrites items costs everything since the last nightly backup"
    fix = "set point_in_time_recovery.enabled = true"
    types = (TABLE,)

    def defects(self, resource: Block) -> Iterator[str]:
        if not is_true(resource.get("point_in_time_recovery.enabled")):
            yield "has no point-in-time recovery"


check = TableRecoversToAnyTime()
