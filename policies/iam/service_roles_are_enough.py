"""A role allows what its holder was set up for: what a state machine calls, and keys of what is read."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body, Stack

from policies import _iam
from policies._keys import KEYS
from policies._policy import StackPolicy
from policies.traffic._states import callees, decoded

_ROLE, _FUNCTION, _ALIAS = "aws_iam_role", "aws_lambda_function", "aws_lambda_alias"
# Step Functions developer guide, "Logging using CloudWatch Logs".
_DELIVERY = (
    "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries",
    "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
)  # fmt: skip
# Action → types that it reads; where their key is.
_READS = {
    "secretsmanager:GetSecretValue": ("aws_secretsmanager_secret", "kms_key_id"),
    "dynamodb:GetItem": ("aws_dynamodb_table", "server_side_encryption.kms_key_arn"),
}


class ServiceRolesAreEnough(StackPolicy):
    policy = "CKV2_BG_463"
    title = "A state machine's role may call its functions; a role that reads encrypted data may decrypt"
    requirement = None
    pci = "12.10.1"
    severity = "HIGH"
    yields = True
    why = "AWS refuses the call when it is needed: in the middle of a shift, or when a task starts"
    fix = "allow the role the action on that resource"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        roles = stack.derived(_iam.Roles)
        for machine in stack.resources("aws_sfn_state_machine"):
            for role in machine.refers("role_arn", _ROLE):
                if roles.of(role) and not roles.unseen(role):
                    yield from ((machine, f"{what} of {role.address}") for what in _run(machine, role))
        for role in stack.resources(_ROLE):
            if not roles.unseen(role):
                yield from _reading(role)


def _run(machine: Block, role: Block) -> Iterator[str]:
    """Source: Step Functions developer guide, "IAM policies for integrated services"."""
    statements = machine.stack.derived(_iam.Roles).of(role)
    definition = decoded(machine.get("definition")) or {"States": {}}
    named = [name for state in definition["States"].values() for name in callees(state)]
    for text in sorted({name for name in named if isinstance(name, str)}):
        for callee in machine.stack.referred(text, _ALIAS) or machine.stack.referred(text, _FUNCTION):
            if not any(_may_invoke(statement, callee) for statement in statements):
                yield f"calls {callee.address}, which is no right"
    if machine.get("encryption_configuration.kms_key_id"):
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            if not any(_iam.allows(statement, action) for statement in statements):
                yield f"needs {action} for its key, which is no right"
    if str(machine.get("logging_configuration.level") or "OFF") != "OFF":
        missing = [a for a in _DELIVERY if not any(_iam.allows(one, a) for one in statements)]
        if missing:
            yield f"needs {missing[0]} for its log, which is no right"


def _may_invoke(statement: Body, callee: Block) -> bool:
    """By reference, or by an ARN or pattern that can't be compared with one."""
    if not _iam.allows(statement, "lambda:InvokeFunction"):
        return False
    named = _iam.resources(statement)
    if callee in callee.stack.referred(named, callee.type):
        return True
    functions = callee.refers("function_name", _FUNCTION) if callee.type == _ALIAS else []
    name = str(callee.get("name"))
    return any(
        text == "*"
        or text.startswith("arn:")
        or ("*" in text and callee in callee.stack.referred(text, _FUNCTION))
        or (text.endswith((f":{name}", "*")) and any(f in functions for f in callee.stack.referred(text)))
        for text in named
    )


def _reading(role: Block) -> Iterator[tuple[Block, str]]:
    stack = role.stack
    granted = stack.derived(_iam.Roles).granted(role)
    decrypts = any(_iam.allows(statement, "kms:Decrypt") for _, statement in granted)
    for place, statement in () if decrypts else granted:
        for action, (type_, path) in _READS.items():
            if _iam.allows(statement, action):
                read = stack.referred(_iam.resources(statement), type_)
                for block in read:
                    if block.refers(path, *KEYS):
                        yield place, f"lets {role.address} read {block.address}, and not use its key"


check = ServiceRolesAreEnough()
