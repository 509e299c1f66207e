"""All that the switch function's role may do is in the stack."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from stack_gate.stack import Block, Stack, listed

from policies import _iam, _rights
from policies._package import UnseenError, code
from policies._policy import StackPolicy
from policies._switch import roles_of_switches

_BOUNDARY, LAMBDA = "permissions_boundary", "lambda.amazonaws.com"
RESOURCE_POLICIES = (
    "aws_backup_vault_policy", "aws_ecr_repository_policy", "aws_s3_bucket_policy",
    "aws_secretsmanager_secret", "aws_secretsmanager_secret_policy", "aws_sns_topic",
    "aws_sns_topic_policy", "aws_sqs_queue", "aws_sqs_queue_policy",
)  # fmt: skip


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
            yield from ((role, what) for what in _trusted(function, role))
            yield from _beside(role)


def _trusted(function: Block, role: Block) -> Iterator[str]:
    """Who may take the role, beside Lambda for this function."""
    for statement in _iam.statements(role.get("assume_role_policy")):
        if not _iam.is_allow(statement):
            continue
        if others := [one for one in _iam.principals(statement) if one != LAMBDA]:
            yield f"lets {', '.join(others)} take what the switch may do"
        for _, key, values in _iam.conditions(statement):
            if key.lower() == "aws:sourcearn" and not any(
                _is_arn(str(value), function) for value in listed(values)
            ):
                yield f"lets Lambda take it for {values} only, which is not {function.address}"


def _is_arn(pattern: str, function: Block) -> bool:
    name = pattern.rpartition(":function:")[2]
    return function in function.stack.referred(pattern, function.type) or fnmatchcase(
        str(function.get("function_name")), name.partition(":")[0]
    )


def _beside(role: Block) -> Iterator[tuple[Block, str]]:
    """What resource policies give the role: nothing that its own policies show. Keys have CKV2_BG_317."""
    for block in role.stack.referrers(role, *RESOURCE_POLICIES):
        for statement in _iam.statements(block.get("policy")):
            if _iam.is_allow(statement) and role in role.stack.referred(
                _iam.principals(statement), role.type
            ):
                yield block, f"gives {role.address} {', '.join(_iam.actions(statement))}"


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
