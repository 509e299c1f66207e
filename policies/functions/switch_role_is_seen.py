"""All that the switch function's role may do is in the stack."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies import _iam, _rights
from policies._package import UnseenError, code
from policies._policy import StackPolicy
from policies._switch import roles_of_switches

_BOUNDARY = "permissions_boundary"


class SwitchRoleIsSeen(StackPolicy):
    policy = "CKV2_BG_318"
    title = (
        "Every policy of the switch function's role is in the stack, and its boundary allows what the code "
        "calls"
    )
    requirement = "R28"
    pci = "7.2.5"
    severity = "HIGH"
    why = (
        "What the policy allows can't be compared with the code, and may change without a review of the stack"
    )
    fix = (
        "write the permissions in an aws_iam_role_policy of the role; a boundary as an aws_iam_policy of "
        "the stack"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for function, role in roles_of_switches(stack):
            for place, arn in stack.derived(_iam.Roles).unseen(role):
                yield place, f"gives {role.address} the policy {arn}, which is not in the stack"
            yield from ((role, what) for what in _bounded(function, role))


def _bounded(function: Block, role: Block) -> Iterator[str]:
    for boundary in role.refers(_BOUNDARY, "aws_iam_policy"):
        statements = _iam.statements(boundary.get("policy"))
        try:
            needed = _rights.needs(function, code(function))
        except UnseenError:
            return
        for action in needed.required.values():
            if not any(_iam.allows(one, action) and not one.get("Condition") for one in statements):
                yield f"has a boundary that does not allow {action}"


check = SwitchRoleIsSeen()
