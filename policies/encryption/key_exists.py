"""The stack has, or refers to, a key of its own."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._keys import KEYS
from policies._policy import StackPolicy


class KeyExists(StackPolicy):
    policy = "CKV2_BG_2"
    title = "There is a customer-managed KMS key"
    requirement = "R02"
    pci = "3.5.1"
    severity = "CRITICAL"
    why = "The account can't restrict who decrypts cardholder data with a key of AWS, nor revoke it"
    fix = (
        "add an aws_kms_key with enable_key_rotation = true and a least-privilege policy, and name it "
        "wherever data rests"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        referred = [block for block in stack.kind("data") if block.type == "aws_kms_key"]
        if not stack.resources(*KEYS) and not referred:
            yield None, "has no customer-managed KMS key"


check = KeyExists()
