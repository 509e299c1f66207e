"""Sessions live outside of both colours."""

from collections.abc import Iterator

from stack_gate.stack import LISTENERS, Block, Stack, is_true, strings

from policies._policy import StackPolicy
from policies._switch import environment
from policies.data._databases import TABLE
from policies.service._containers import TASK_DEFINITION


class SessionTableExists(StackPolicy):
    policy = "CKV2_BG_111"
    title = "There is a DynamoDB table for sessions, which expire; the switch's own table forgets nothing"
    requirement = "R12"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = (
        "Sessions that each colour keeps by itself are lost with every shift: customers pay twice, or give up"
    )
    fix = (
        "add an aws_dynamodb_table for the sessions, with point_in_time_recovery, server_side_encryption and "
        "ttl"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        own = [table for f in stack.resources("aws_lambda_function") for table in _told(f)]
        if all(table in own for table in stack.resources(TABLE)):
            own = [table for table in own if not table.blocks("ttl")]  # of both, sessions are what expires
        others = [table for table in stack.resources(TABLE) if table not in own]
        if not others:
            yield None, f"has no DynamoDB table{' but that of the switch function' if own else ''}"
        written = stack.referred(
            [task.get("container_definitions") for task in stack.resources(TASK_DEFINITION)], TABLE
        )
        for table in own:
            if any(is_true(ttl.get("enabled")) for ttl in table.blocks("ttl")):
                yield table, "forgets the history of the switch: ttl is on"
        kept = [table for table in others if table in written]
        if not any(map(_expires, kept)):
            yield from (
                (table, "keeps sessions for ever: no ttl on an attribute that is no key") for table in kept
            )


def _told(function: Block) -> list[Block]:
    """Tables in which a switch keeps its lock and history: a function is told of them and of a listener."""
    told, stack = strings(environment(function)), function.stack
    return stack.referred(told, TABLE) if stack.referred(told, *LISTENERS) else []


def _expires(table: Block) -> bool:
    keys = (None, "", table.get("hash_key"), table.get("range_key"))
    return any(
        is_true(ttl.get("enabled")) and ttl.get("attribute_name") not in keys for ttl in table.blocks("ttl")
    )


check = SessionTableExists()
