"""Each statement of a policy says what, to whom and on which resource."""

import json
import re
from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, Body, Stack, listed, objects, strings

from policies import _iam
from policies._accounts import unread
from policies._policy import StackPolicy
from policies.iam._taken_back import taken_back

_ARGUMENTS = ("assume_role_policy", "inline_policy.policy", "policy", "policy_document")
_IDENTITY = frozenset({
    "aws_iam_group_policy", "aws_iam_policy", "aws_iam_role", "aws_iam_role_policy", "aws_iam_user_policy",
})  # fmt: skip
_ACTION = re.compile(r"\*|[a-z0-9-]{1,63}:[A-Za-z0-9*?]{1,128}")
_RESOURCE = re.compile(r"\*$|arn:|\$\{")  # what IAM takes
_SERVICE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|aws\.internal|amazon\.com)")
_VERSIONS = ("2008-10-17", "2012-10-17")  # IAM user guide, "IAM JSON policy elements: Version"
# Actions of a trust policy. Source: IAM user guide, "Methods to assume a role".
_TRUST = frozenset({
    "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:setcontext",
    "sts:setsourceidentity", "sts:tagsession",
})  # fmt: skip
_KEYS = frozenset({"aws_kms_external_key", "aws_kms_key", "aws_kms_key_policy", "aws_kms_replica_key"})
_USE = ("kms:decrypt", "kms:encrypt", "kms:generatedatakey", "kms:reencrypt")
_GRANTING = frozenset({"kms:grantisforawsresource", "kms:grantoperations"})
_LIMITS = frozenset({"kms:viaservice", "aws:sourcearn", "aws:sourceaccount"})
_VIA = re.compile(r"[a-z0-9*-]+\.[a-z0-9*-]+\.amazonaws\.com(?:\.cn)?")
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
        "Each policy statement has an effect, actions, principals or resources, and is about its own "
        "resource; no role is denied what it is allowed"
    )
    requirement = None
    pci = "7.2.5"
    severity = "HIGH"
    yields = True
    why = "IAM refuses the statement at the apply, or it grants and denies nothing that was meant"
    fix = "write Effect, Action, and Resource or Principal, with values that are known before the apply"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block, argument, document in _documents(stack):
            statements = _iam.statements(document)
            if not statements:
                yield block, f"has no statement in {argument}"
            if (version := _version(document)) not in _VERSIONS:
                yield block, f"has the version {version} in {argument}"
            if statements and block.type == _ENDPOINT and not any(map(_iam.is_allow, statements)):
                yield block, f"allows nothing in {argument}"
            if argument == "assume_role_policy" and not any(_assumes(one) for one in statements):
                yield block, f"lets no principal take the role in {argument}"
            for index, statement in enumerate(statements):
                name = f"statement {statement.get('Sid') or index + 1}"
                yield from (
                    (block, f"{name} of {argument} {what}") for what in _wrong(statement, block, argument)
                )

        yield from taken_back(stack)

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block, argument, document in _documents(stack):
            for statement in _iam.statements(document):
                said = [
                    statement.get(key) for key in ("Effect", "Action", "NotAction", "Resource", "Principal")
                ]
                said += [values for _, _, values in _iam.conditions(statement)]
                for path in unread(said, block):
                    yield block, f"has {path} in {argument}, which only an apply tells"


def _documents(stack: Stack) -> Iterator[tuple[Block, str, Any]]:
    for block in stack.resources():
        for argument in _ARGUMENTS:
            outer, _, last = argument.rpartition(".")
            for body in block.blocks(outer) if outer else [block.body]:
                value = body.get(last)
                if _is_document(value, block.type):
                    yield block, argument, value


def _assumes(statement: Body) -> bool:
    """An expression may be one that does."""
    return any(
        _iam.allows(statement, action) for action in _TRUST if action.startswith("sts:assumerole")
    ) or "${" in str(statement.get("Action"))


def _version(document: Any) -> Any:
    """What a document says of its version; the first one where it says nothing."""
    try:
        found = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return None
    return next((body.get("Version") for body in objects(found)), None) or _VERSIONS[0]


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
    yield from (f"has the resource {name}" for name in resources if name and not _RESOURCE.match(str(name)))
    if (
        not is_identity
        and _iam.is_allow(statement)
        and not (_iam.principals(statement) or statement.get("NotPrincipal"))
    ):
        yield "has no principal"
    if block.type in (*_ABOUT, _LOGS) and _iam.is_allow(statement):
        yield from (f"allows {name}" for name in map(str, named) if name == "*" or name.endswith(":*"))
    if argument == "assume_role_policy" and _iam.is_allow(statement):
        yield from (f"has the action {name}" for name in map(str, named) if name.lower() not in _TRUST)
    yield from _conditioned(statement)
    yield from _denied(statement)
    if _iam.is_allow(statement) and (is_identity or block.type in _KEYS):
        yield from _use_of_keys(statement, is_identity)
    for principal in objects(statement.get("Principal")):
        for service in strings(listed(principal.get("Service"))):
            if "${" not in service and not _SERVICE.fullmatch(service):
                yield f"has the service {service}"
    yield from _elsewhere(statement, block)


# Operators that a request without the key meets, too. IAM user guide, "Condition operators".
_MEETS_NONE = re.compile(r"(?i)ifexists$|^forallvalues:")


def _denied(statement: Body) -> Iterator[str]:
    """A service of AWS is denied what it does for other accounts, or nothing."""
    services = [name for body in objects(statement.get("Principal")) for name in listed(body.get("Service"))]
    if statement.get("Effect") == "Deny" and services:
        operators = [operator.lower() for operator, _, _ in _iam.conditions(statement)]
        if not any("not" in operator or operator.startswith("bool") for operator in operators):
            yield f"denies {services[0]} what the policy is there for"


def _conditioned(statement: Body) -> Iterator[str]:
    """Source: KMS developer guide, "Condition keys", kms:ViaService."""
    for _, key, values in _iam.conditions(statement):
        if key.lower() == "kms:viaservice":
            for name in strings(listed(values)):
                if "${" not in name and not _VIA.fullmatch(name):
                    yield f"has the kms:ViaService {name}"


def _use_of_keys(statement: Body, is_identity: bool) -> Iterator[str]:
    """Who uses a key uses it through a service or for a context; who makes grants makes them for a service.

    Sources: KMS developer guide, "Condition keys" and "Best practices for grants".
    """
    named = [
        (operator, key.lower())
        for operator, key, _ in _iam.conditions(statement)
        if "not" not in operator.lower() and not operator.lower().startswith("null")
    ]
    keys = {key for _, key in named}
    limiting = {key for operator, key in named if not _MEETS_NONE.search(operator)}
    is_limited = bool(limiting & _LIMITS) or any(key.startswith("kms:encryptioncontext") for key in limiting)
    services = any(
        name.endswith((".amazonaws.com", ".amazonaws.com.cn")) for name in _iam.principals(statement)
    )
    used = [action for action in _iam.actions(statement) if action.lower().startswith(_USE)]
    if used and not services and not is_limited:
        yield f"allows {used[0]} without a service or an encryption context"
    if _iam.allows(statement, "kms:CreateGrant"):
        sent = {"aws:sourcearn", "aws:sourceaccount"} if services else set()
        through = [
            listed(values) for _, key, values in _iam.conditions(statement) if key.lower() == "kms:viaservice"
        ]
        through_one = any(len(services_) == 1 for services_ in through)  # whose own grants these are
        if not through_one and not keys & (_GRANTING | sent):
            yield "allows grants to anyone"
        elif not (is_identity or services or is_limited or "aws:principalarn" in keys):
            yield "allows grants by anyone"


def _elsewhere(statement: Body, block: Block) -> Iterator[str]:
    own, types = _ABOUT.get(block.type, ("", ()))
    mine = block.refers(own, *types) if own else []
    for text in _iam.resources(statement) if mine else ():
        if text != "*" and not any(found in mine for found in block.stack.referred(text, *types)):
            yield f"is about {text}, not about {mine[0].address}"


check = StatementsAreWhole()
