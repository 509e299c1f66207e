"""Nothing but this account is named in the stack: no other account, organisation or identity provider."""

import re
from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, Body, Stack, listed, objects

from policies import _iam
from policies._accounts import Accounts, is_pipeline, unread
from policies._network import DESTINATIONS, is_private
from policies._policy import StackPolicy
from policies.iam._values import Path, Values, walk
from policies.service._containers import declared_image

# Resource policies that others judge for being open to everybody; and endpoints, which need not say who.
_JUDGED = frozenset({
    "aws_ecr_repository_policy", "aws_iam_role", "aws_kms_external_key", "aws_kms_key", "aws_kms_key_policy",
    "aws_kms_replica_external_key", "aws_kms_replica_key", "aws_sns_topic", "aws_sns_topic_policy",
    "aws_sqs_queue", "aws_sqs_queue_policy", "aws_vpc_endpoint",
})  # fmt: skip
_SERVICE = re.compile(
    r"[a-z][\w.-]*\.amazonaws\.com(?:\.cn)?|\$\{data\.aws_service_principal\.[\w-]+\.name\}"
)
_OWN_IMAGE = re.compile(
    r"\$\{(?:aws_ecr_repository|data\.aws_ecr_(?:repository|image))\.[^}]*\}.*", re.DOTALL
)
_REGISTRY = re.compile(r"(\d{12})\.dkr\.ecr[.-].*", re.DOTALL)
_BUCKET = ("bucket", "bucket_arn", "bucket_name")
_OBJECTS = re.compile(r"arn:[\w-]+:s3:::")
_LOGINS = ("authenticate-oidc", "authenticate-cognito", "jwt-validation")
_PEERS = ("vpc_peering_connection_id", "transit_gateway_id", "local_gateway_id", "core_network_arn")
# Elastic Load Balancing's own accounts, as which it writes access logs in old regions. Source: Elastic Load
# Balancing user guide, "Enable access logs".
_BALANCING = frozenset({
    "127311923021", "033677994240", "027434742980", "797873946194", "985666609251", "054676820928",
    "156460612806", "652711504416", "009996457667", "897822967062", "582318560864", "600734575887",
    "114774131450", "783225319266", "718504428378", "507241528517",
})  # fmt: skip


class NoStrangerIsNamed(StackPolicy):
    policy = "CKV2_BG_310"
    title = "No other account, organisation or identity provider is named in the stack"
    requirement = None
    pci = "7.2.5"
    profiles = ("general",)
    severity = "CRITICAL"
    needs_account = True
    why = (
        "The other account reads, changes or receives what belongs to this one, and its owner decides who "
        "does"
    )
    fix = (
        "name the account of allowed_account_ids, or a resource of this stack; waive it with a reason where "
        "it has to be"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        tainted = {}
        for block, values in stack.derived(Values).of.items():
            found = list(dict.fromkeys(_of_block(block, values)))
            if block.kind == "data" and found:
                tainted[block.key] = found[0]
            yield from ((block, text) for text in found)
        for block in stack.resources() if tainted else ():
            for key in {used.key for used in stack.referred(block.body)} & set(tainted):
                yield block, f"uses {key}, which {tainted[key]}"

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block, values in stack.derived(Values).of.items():
            for statement in [statement for _, value in values for statement in _statements(value)]:
                for principal in _iam.principals(statement) if _iam.is_allow(statement) else ():
                    for path in unread(principal, block):
                        yield block, f"admits {path}, which only an apply tells"


def _of_block(block: Block, values: list[tuple[Path, Any]]) -> Iterator[str]:
    accounts = block.stack.derived(Accounts)
    for path, value in values:
        if found := _statements(value):
            for statement in found:
                yield from _of_statement(statement, block, accounts)
        else:
            yield from (f"names {stranger} in {'.'.join(path)}" for stranger in accounts.strangers(value))
            yield from _of_argument(path, value, block)
    if block.kind == "resource":
        yield from _logins(block)


def _statements(value: Any) -> list[Body]:
    return objects(value["Statement"]) if isinstance(value, dict) else []


def _of_statement(statement: Body, block: Block, accounts: Accounts) -> Iterator[str]:
    called = f"statement {statement.get('Sid', 'without Sid')}"
    logs = {action.lower() for action in _iam.actions(statement)} == {"s3:putobject"}
    exempt = frozenset() if not logs else _BALANCING
    for value in _counting(statement):
        yield from (f"{called} names {name}" for name in accounts.strangers(value) if name not in exempt)
    if not _iam.is_allow(statement):
        return
    for principal in objects(statement.get("Principal")):
        for kind, values in principal.items():
            for value in listed(values):
                if defect := _principal(kind, value, statement, accounts):
                    yield f"{called} admits {defect}"
    if block.type not in _JUDGED and _iam.is_open(statement, block.stack):
        yield f"{called} admits everybody"


def _counting(statement: Body) -> Iterator[Any]:
    """The values that let somebody in, or exempt somebody from a denial."""
    denies = not _iam.is_allow(statement)
    for key in ("NotPrincipal",) if denies else ("Principal", "NotPrincipal", "Resource", "NotResource"):
        yield from (value for _, value in walk(statement.get(key)))
    for operator, key, values in _iam.conditions(statement):
        # A denial of all but some: these are exempt. Of organisations that is no way in by itself.
        if not denies or ("not" in operator.lower() and "orgid" not in key.lower()):
            yield from listed(values)


def _principal(kind: str, value: Any, statement: Body, accounts: Accounts) -> str | None:
    """Whom a principal admits, unless it is known to be ours."""
    text = str(value)
    if kind == "Service":
        return None if text == "*" or _SERVICE.fullmatch(text) else f"{text}, which is no service of AWS"
    if kind == "Federated":
        if is_pipeline(value) and accounts.is_own(value) and _names_a_repository(statement):
            return None
        return f"users of {text}"
    known = text == "*" or accounts.is_own(value) or accounts.strangers(value) or "${data." in text
    return None if kind == "AWS" and known else f"{text}, which is not known to be of this account"


def _names_a_repository(statement: Body) -> bool:
    """`repo:OWNER/NAME:…`, without wildcards in owner and name."""
    return any(
        operator.lower().startswith("string") and "not" not in operator.lower() and values
        and all(re.match(r"repo:[\w.-]+/[\w.-]+:", str(value)) for value in listed(values))
        for operator, key, values in _iam.conditions(statement)
        if key.endswith(":sub")
    )  # fmt: skip


def _of_argument(path: Path, value: Any, block: Block) -> Iterator[str]:
    """Names without an account in them."""
    name, text, stack = path[-1], str(value), block.stack
    runs = name in ("image", "image_uri") and block.type in ("aws_ecs_task_definition", "aws_lambda_function")
    image = declared_image(text, stack) if runs else ""
    if runs and not (_OWN_IMAGE.fullmatch(image) or _REGISTRY.fullmatch(image)):
        yield f"runs the image {text}, of a registry that is not this account's"
    stores = (name.endswith(_BUCKET) and not block.type.startswith("aws_s3_bucket")) or _OBJECTS.match(text)
    if stores and not stack.referred(value, "aws_s3_bucket") and not _has_the_state(text, stack):
        yield f"names the bucket {text} in {'.'.join(path)}, which is not the stack's"
    inside = name == "transit_gateway_id" and _is_inside(block)
    if (name in _PEERS and not inside) or "vpce-svc-" in text:
        yield f"leads to {text}, of an account that is not known"
    if path[-3:-1] == ("grant", "grantee") and name in ("id", "email_address"):
        yield f"grants to the user {text}"


def _is_inside(block: Block) -> bool:
    """Whether a route through a transit gateway leads to a private network: the organisation's own."""
    named = [str(block.get(name)) for name in DESTINATIONS if block.get(name)]
    return bool(named) and all(map(is_private, named))


def _has_the_state(text: str, stack: Stack) -> bool:
    """Whether it is the bucket that the stack's own backend names."""
    buckets = {
        str(s3.get("bucket"))
        for block in stack.kind("terraform")
        for backend in block.blocks("backend")
        for s3 in objects(backend.get("s3"))
    }
    return _OBJECTS.sub("", text).partition("/")[0] in buckets


def _logins(block: Block) -> Iterator[str]:
    for path in ("default_action", "action"):
        for action in block.blocks(path):
            if action.get("type") in _LOGINS:
                yield f"lets the users of an identity provider in ({action['type']})"


check = NoStrangerIsNamed()
