"""Operators and pipelines find what they need in the outputs."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies._switch import is_switch
from policies.platform._outputs import FURTHER, twice, wrong_value

REQUIRED = (
    "vpc_id",
    "alb_dns_name",
    "blue_cluster_endpoint",
    "green_cluster_endpoint",
    "dynamodb_table_name",
    "switch_lambda_name",
    "switch_lambda_arn",
    "active_environment_parameter",
    "active_environment",
    "migration_status",
    "kms_key_id",
    "backup_vault_name",
    "connection_info",
)


# Of a stack whose switch function has aliases.
OPERATE, READ = "switch_operate_arn", "switch_read_arn"
ALIAS = "aws_lambda_alias"


class OutputsAreComplete(StackPolicy):
    policy = "CKV2_BG_35"
    title = "The stack has the outputs that operating it needs"
    requirement = "R35"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = "In an incident the operator has to search for it in the console"
    fix = "add the output, with a reference to the resource's attribute as its value"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        there = {output.name: output for output in stack.kind("output")}
        if absent := [name for name in REQUIRED if name not in there]:
            yield None, f"has no output {', '.join(absent)}"
        for name in (*REQUIRED, *FURTHER, "region"):
            if name in there and there[name].get("value") in (None, "", []):
                yield there[name], "has no value"
            elif name in there and (wrong := wrong_value(there[name])):
                yield there[name], wrong
        yield from twice(there)
        yield from _ways_in(stack, there)


def _ways_in(stack: Stack, there: dict[str, Block]) -> Iterator[tuple[Block | None, str]]:
    """Where operators invoke the switch by an alias, they have to find it, and the function that reads."""
    aliases = [a for a in stack.resources(ALIAS) if any(map(is_switch, _functions(a, "function_name")))]
    if not aliases:
        return
    if absent := [name for name in (OPERATE, READ) if name not in there]:
        yield None, f"has no output {', '.join(absent)}"
    named = stack.referred(there[OPERATE].get("value"), ALIAS) if OPERATE in there else aliases
    if not any(alias in aliases for alias in named):
        yield there[OPERATE], "names no alias of the switch function"
    read = _functions(there[READ], "value") if READ in there else []
    if READ in there and (not read or any(map(is_switch, read))):
        yield there[READ], "names no function that only reads"


def _functions(block: Block, argument: str) -> list[Block]:
    return block.stack.referred(block.get(argument), "aws_lambda_function")


check = OutputsAreComplete()
