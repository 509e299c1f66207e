"""A function is there to move traffic."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies._switch import Switches


class SwitchFunctionExists(StackPolicy):
    policy = "CKV2_BG_229"
    title = "A Lambda function moves traffic between blue and green"
    requirement = "R29"
    pci = "6.5.1"
    severity = "CRITICAL"
    why = "Traffic is then moved by hand, without a check of the colour that gets it and without a record"
    fix = "add an aws_lambda_function whose code calls ModifyListener, DescribeListeners and PutParameter"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        if not stack.derived(Switches).candidates:
            yield None, "has no function that could modify a listener"


check = SwitchFunctionExists()
