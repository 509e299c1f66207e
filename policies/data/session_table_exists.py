"""Sessions live outside of both colours."""

from collections.abc import Iterator

from policies._policy import StackPolicy
from policies._stack import Block, Stack
from policies.data._databases import TABLE


class SessionTableExists(StackPolicy):
    policy = "CKV2_BG_111"
    title = "There is a DynamoDB table for sessions"
    requirement = "R12"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = (
        "Sessions that each colour keeps by itself are lost with every shift: customers pay twice, or give up"
    )
    mend = (
        "add an aws_dynamodb_table for the sessions, with point_in_time_recovery and server_side_encryption"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        if not stack.resources(TABLE):
            yield None, "has no DynamoDB table"


check = SessionTableExists()
