"""Each statement of a policy says what, to whom and on which resource."""

import re
from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, Body, Stack, listed, objects, strings

from policies import _iam
from policies._accounts import unread
from policies._policy import StackPolicy

_ARGUMENTS = ("assume_role_policy", "inline_policy.policy", "policy", "policy_document")
_IDENTITY = frozenset({
    "aws_iam_group_policy", "aws_iam_policy", "aws_iam_role", "aws_iam_role_policy", "aws_iam_user_policy",
})  # fmt: skip
_ACTION = re.compile(r"\*|[a-z0-9-]{1,63}:[A-Za-z0-9*?]{1,128}")
_SERVICE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|aws\.internal|amazon\.com)")
_ENDPOINT = "aws_vpc_endpoint"
_LOGS = "aws_cloudwatch_log_resource_policy"
# Resource policies: the argument with the resource that they are about.
_ABOUT = {
    "aws_backup_vault_policy": ("backup_vault_name", ("aws_backup_vault",)),
    "aws_s3_bucket_policy": ("bucket", ("aws_s3_bucket",)),
    "aws_secretsmanager_secret_policy": ("secret_arn", ("aws_secretsmanager_secret",)),
    "aws_sns_topic_policy": ("arn", ("aws_sns_topic",)),
    "aws_sqs_queue_policy": ("queue_url", ("aws_sqs_queue",)),
}


class StatementsAreWhole(StackPolicy):
    policy = "CKV2_BG_443"
    title = (
        "Each policy statement has an effect, actions, principals or resources, and is about its own resource"
    )
    requirement = None
    pci = "7.2.5"
    severity = "HIGH"
    yields = True
    why = "IAM refuses the statement at the apply, or it grants and denies nothing that was meant"
    fix = "write Effect, Action, and Resource or Principal, with values that are known before the apply"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block, argument, statements in _documents(stack):
            if not statements:
                yield block, f"has no statement in {argument}"
            if statements and block.type == _ENDPOINT and not any(map(_iam.is_allow, statements)):
                yield block, f"allows nothing in {argument}"
            for index, statement in enumerate(statements):
                name = f"statement {statement.get('Sid') or index + 1}"
                yield from (
                    (block, f"{name} of {argument} {what}") for what in _wrong(statement, block, argument)
                )

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block, argument, statements in _documents(stack):
            for statement in statements:
                said = [
                    statement.get(key) for key in ("Effect", "Action", "NotAction", "Resource", "Principal")
                ]
                said += [values for _, _, values in _iam.conditions(statement)]
                for path in unread(said, block):
                    yield block, f"has {path} in {argument}, which only an apply tells"


def _documents(stack: Stack) -> Iterator[tuple[Block, str, list[Body]]]:
    for block in stack.resources():
        for argument in _ARGUMENTS:
            outer, _, last = argument.rpartition(".")
            for body in block.blocks(outer) if outer else [block.body]:
                value = body.get(last)
                if _is_document(value, block.type):
                    yield block, argument, _iam.statements(value)


def _is_document(value: Any, type_: str) -> bool:
    """A policy by reference alone is another policy's to judge, and so are policies that aren't of IAM."""
    if value in (None, "") or type_ in ("aws_ecr_lifecycle_policy", "aws_networkfirewall_firewall_policy"):
        return False
    return not (isinstance(value, str) and value.startswith("${"))


def _wrong(statement: Body, block: Block, argument: str) -> Iterator[str]:
    if statement.get("Effect") not in ("Allow", "Deny") and "${" not in str(statement.get("Effect")):
        yield f"has the effect {statement.get('Effect')}"
    named = [*listed(statement.get("Action")), *listed(statement.get("NotAction"))]
    if not named:
        yield "has no action"
    yield from (f"has the action {n}" for n in named if "${" not in str(n) and not _ACTION.fullmatch(str(n)))
    is_identity = block.type in _IDENTITY and argument != "assume_role_policy"
    resources = [*listed(statement.get("Resource")), *listed(statement.get("NotResource"))]
    if argument != "assume_role_policy" and not (resources and all(resources)):
        yield "has no resource"
    if (
        not is_identity
        and _iam.is_allow(statement)
        and not (_iam.principals(statement) or statement.get("NotPrincipal"))
    ):
        yield "has no principal"
    if block.type in (*_ABOUT, _LOGS) and _iam.is_allow(statement):
        yield from (f"allows {name}" for name in map(str, named) if name == "*" or name.endswith(":*"))
    for principal in objects(statement.get("Principal")):
        for service in strings(listed(principal.get("Service"))):
            if "${" not in service and not _SERVICE.fullmatch(service):
                yield f"has the service {service}"
    yield from _elsewhere(statement, block)


def _elsewhere(statement: Body, block: Block) -> Iterator[str]:
    own, types = _ABOUT.get(block.type, ("", ()))
    mine = block.refers(own, *types) if own else []
    for text in _iam.resources(statement) if mine else ():
        if text != "*" and not any(found in mine for found in block.stack.referred(text, *types)):
            yield f"is about {text}, not about {mine[0].address}"


check = StatementsAreWhole()
