"""The permissions boundary of the switch function's role is in the stack."""

from collections import Counter
from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies._switch import roles_of_switches

_BOUNDARY = "permissions_boundary"


class SwitchBoundaryIsSeen(StackPolicy):
    policy = "CKV2_BG_414"
    title = "Each role has the boundary that the others have, and that of the switch's role is in the stack"
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

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        """Where most roles have a boundary, the deployer may make no role without it, or with another."""
        roles = stack.resources("aws_iam_role")
        found = Counter(str(role.get(_BOUNDARY) or "") for role in roles)
        usual, count = max(found.items(), key=lambda item: item[1], default=("", 0))
        for role in roles if usual and count * 2 > len(roles) else ():
            if str(role.get(_BOUNDARY) or "") != usual:
                yield role, f"has {role.get(_BOUNDARY) or 'no boundary'}, where {count} roles have {usual}"

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for _, role in roles_of_switches(stack):
            if role.get(_BOUNDARY) and not role.refers(_BOUNDARY, "aws_iam_policy"):
                yield role, f"has the boundary {role.get(_BOUNDARY)}, which is not in the stack"


check = SwitchBoundaryIsSeen()
