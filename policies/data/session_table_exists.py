"""Sessions live outside of both colours."""

from collections.abc import Iterator

from stack_gate.stack import LISTENERS, Block, Stack, strings

from policies._policy import StackPolicy
from policies._switch import environment
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
    fix = "add an aws_dynamodb_table for the sessions, with point_in_time_recovery and server_side_encryption"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        own = [table for f in stack.resources("aws_lambda_function") for table in _remembered(f)]
        if not [table for table in stack.resources(TABLE) if table not in own]:
            yield None, f"has no DynamoDB table{' but that of the switch function' if own else ''}"


def _remembered(function: Block) -> list[Block]:
    """Tables in which a switch keeps its lock and history: a function is told of them and of a listener, and
    unlike sessions they don't expire.
    """
    told, stack = strings(environment(function)), function.stack
    tables = stack.referred(told, TABLE) if stack.referred(told, *LISTENERS) else []
    return [table for table in tables if not table.blocks("ttl")]


check = SessionTableExists()
