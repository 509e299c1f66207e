"""Operators and pipelines find what they need in the outputs."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.platform._outputs import wrong_value

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
        for name in REQUIRED:
            if name in there and there[name].get("value") in (None, "", []):
                yield there[name], "has no value"
            elif name in there and (wrong := wrong_value(there[name])):
                yield there[name], wrong


check = OutputsAreComplete()
