"""Terraform neither makes passwords nor reads them."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, Stack, is_false, strings

from policies._policy import StackPolicy

MADE = ("random_password", "aws_iam_access_key")
# Ephemeral values, and what Terraform holds back until it is told not to.
_SECRET = re.compile(r"\$\{[^}]*(?:\bephemeral\.|\bnonsensitive\()")
# Parameters that AWS publishes. Source: Systems Manager user guide, "Working with public parameters".
_PUBLIC = "/aws/service/"
READ = (
    "aws_secretsmanager_random_password",
    "aws_secretsmanager_secret_version",
    "aws_secretsmanager_secret_versions",
)


class NoPasswordIsInTheState(StackPolicy):
    policy = "CKV2_BG_121"
    title = "No resource makes a password, no data source reads one, and no output shows one"
    requirement = "R17"
    pci = "8.6.2"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "What Terraform makes or reads is in the state, in plain text, readable by every role that may plan"
    fix = (
        "take it out: have RDS keep the administrator's password (manage_master_user_password), a "
        "rotation function "
        "make the application's, and pass the secret's ARN on"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.resources(*MADE):
            yield block, "makes a password, or a key"
        for output in stack.kind("output"):
            if secret := next((text for text in strings(output.get("value")) if _SECRET.search(text)), ""):
                yield output, f"has {secret[:120]}, which is there for one use alone"
        for block in stack.kind("data"):
            if block.type in READ:
                yield block, "reads a secret's value"
            elif block.type == "aws_ssm_parameter" and not _is_plain(block):
                yield block, "reads a parameter with decryption"


def _is_plain(parameter: Block) -> bool:
    """The provider decrypts unless it is told not to."""
    return is_false(parameter.get("with_decryption")) or str(parameter.get("name")).startswith(_PUBLIC)


check = NoPasswordIsInTheState()
