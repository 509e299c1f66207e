"""The permissions boundary of the switch function's role is in the stack."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies._switch import roles_of_switches

_BOUNDARY = "permissions_boundary"


class SwitchBoundaryIsSeen(StackPolicy):
    policy = "CKV2_BG_414"
    title = "The permissions boundary of the switch function's role is in the stack"
    requirement = "R28"
    pci = "7.2.5"
    severity = "HIGH"
    why = (
        "A boundary that is not in the stack can't be compared with the code: it may deny a call that the "
        "switch makes"
    )
    fix = (
        "refer to an aws_iam_policy of the stack; or waive it, if the account's bootstrap makes the boundary "
        "and compares it"
    )

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for _, role in roles_of_switches(stack):
            if role.get(_BOUNDARY) and not role.refers(_BOUNDARY, "aws_iam_policy"):
                yield role, f"has the boundary {role.get(_BOUNDARY)}, which is not in the stack"


check = SwitchBoundaryIsSeen()
