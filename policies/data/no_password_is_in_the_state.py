"""Terraform neither makes passwords nor reads them."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy

MADE = ("random_password",)
READ = (
    "aws_secretsmanager_random_password",
    "aws_secretsmanager_secret_version",
    "aws_secretsmanager_secret_versions",
)


class NoPasswordIsInTheState(StackPolicy):
    policy = "CKV2_BG_121"
    title = "No resource makes a password, and no data source reads one"
    requirement = "R17"
    pci = "8.6.2"
    severity = "CRITICAL"
    why = "What Terraform makes or reads is in the state, in plain text, readable by every role that may plan"
    fix = (
        "take it out: have RDS keep the administrator's password (manage_master_user_password), a "
        "rotation function "
        "make the application's, and pass the secret's ARN on"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.resources(*MADE):
            yield block, "makes a password"
        for block in stack.kind("data"):
            if block.type in READ:
                yield block, "reads a secret's value"


check = NoPasswordIsInTheState()
