"""A service of AWS gets in on behalf of this account, not of any other."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body, Stack, listed, objects

from policies import _iam
from policies._accounts import Accounts
from policies._policy import StackPolicy

_KEYS = frozenset({"aws_kms_external_key", "aws_kms_key", "aws_kms_key_policy", "aws_kms_replica_key"})
_TOPICS = frozenset({"aws_sns_topic", "aws_sns_topic_policy"})
_BUCKETS = frozenset({"aws_s3_bucket", "aws_s3_bucket_policy"})
_ARGUMENTS = ("policy", "policy_document", "resource_policy", "assume_role_policy")
_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn"})
_CONTEXT = "kms:encryptioncontext:"
_NAMING = ("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike")
# They send no source. Sources: EventBridge user guide, "Using resource-based policies"; Elastic Load
# Balancing user guide, "Enable access logs".
_WITHOUT = {"events.amazonaws.com": _TOPICS, "logdelivery.elasticloadbalancing.amazonaws.com": _BUCKETS}


class ServicesActForThisAccount(StackPolicy):
    policy = "CKV2_BG_320"
    title = "Each service of AWS that a resource policy admits acts for this account only"
    requirement = None
    pci = "7.2.5"
    profiles = ("general",)
    severity = "HIGH"
    needs_account = True
    why = (
        "A service acts for every account of AWS: without a source, another account publishes, writes or "
        "decrypts here"
    )
    fix = "add a Condition on aws:SourceAccount or aws:SourceArn; for keys, on the encryption context"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.resources():
            for name in _ARGUMENTS:
                for statement in _iam.statements(block.get(name)):
                    if _iam.is_allow(statement):
                        yield from ((block, what) for what in _of(statement, block, name))


def _of(statement: Body, block: Block, argument: str) -> Iterator[str]:
    limits = list(_limits(statement, block))
    for principal in objects(statement.get("Principal")):
        for service in listed(principal.get("Service")):
            trusted = (
                argument == "assume_role_policy" and not limits
            )  # passed to its services by this account
            if trusted or block.type in _WITHOUT.get(str(service), ()) or any(limits):
                continue
            yield f"statement {statement.get('Sid', 'without Sid')} admits {service} on behalf of any account"


def _limits(statement: Body, block: Block) -> Iterator[bool]:
    """Of each condition on a source: whether it names this account's only."""
    accounts, stack = block.stack.derived(Accounts), block.stack
    for operator, key, values in _iam.conditions(statement):
        of_context = block.type in _KEYS and key.lower().startswith(_CONTEXT)
        if key.lower() in _SOURCES or of_context:
            known = [accounts.is_own(v) or bool(stack.referred(v, "aws_s3_bucket")) for v in listed(values)]
            yield operator.lower() in _NAMING and bool(known) and all(known)


check = ServicesActForThisAccount()
