"""The stack says which colour is live."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies._record import Records


class ActiveColourIsRecorded(StackPolicy):
    policy = "CKV2_BG_7"
    title = "An SSM parameter records the active environment"
    requirement = "R07"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = "Operators then read weights in the console to learn which colour serves payments"
    fix = (
        'add an aws_ssm_parameter of type "String" with the name of the active colour, which the switch '
        "function may write"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        if not stack.derived(Records).active_colour:
            yield None, "has no SSM parameter that records the active colour"


check = ActiveColourIsRecorded()
