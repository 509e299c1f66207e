"""The state is encrypted with a key of the account's own, and kept where AWS keeps it."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body, Stack, is_false, is_true, objects, strings

from policies._accounts import Accounts
from policies._policy import StackPolicy
from policies.platform._providers import roles

# What the backend may be told. All others change whom it talks to, or what it checks before.
# Source: Terraform documentation, backend "s3".
_HARMLESS = frozenset({
    "acl", "allowed_account_ids", "assume_role", "assume_role_with_web_identity", "bucket", "dynamodb_table",
    "encrypt", "key",
    "kms_key_id", "max_retries", "region", "retry_mode", "use_dualstack_endpoint", "use_fips_endpoint",
    "use_lockfile", "workspace_key_prefix",
})  # fmt: skip
# They give nobody but the bucket's owner anything. Source: S3 user guide, "Canned ACL".
_ACLS = ("private", "bucket-owner-full-control", "bucket-owner-read")


class StateIsProtected(StackPolicy):
    policy = "CKV2_BG_271"
    title = "The state is locked, and encrypted with a customer-managed key, in S3 of AWS"
    requirement = "R03"
    pci = "3.5.1"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "The state names everything there is, and holds what a provider returns"
    fix = (
        "set encrypt, kms_key_id and use_lockfile of the s3 backend; take endpoints, foreign roles and "
        "skipped checks out"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.kind("terraform"):
            for backend in block.blocks("backend"):
                for body in objects(backend.get("s3")):
                    yield from ((None, f"its backend {what}") for what in _s3(body, stack))


def _s3(body: Body, stack: Stack) -> Iterator[str]:
    key = str(body.get("kms_key_id") or "")
    if not is_true(body.get("encrypt")):
        yield "does not encrypt the state"
    if not key or "alias/aws/" in key:
        yield f"names {key or 'no key'} in kms_key_id"
    if not is_true(body.get("use_lockfile")) and not body.get("dynamodb_table"):
        yield "does not lock the state: two applies at a time destroy it"
    if str(body.get("acl") or "private") not in _ACLS:
        yield f"has the acl {body['acl']}"
    for name, value in body.items():
        if name not in _HARMLESS and value and not is_false(value):
            yield f"sets {name}"
    accounts = stack.derived(Accounts)
    for text in strings(body):
        yield from (f"uses what is of the account {account}" for account in accounts.strangers(text))
    for role in roles(body):
        if accounts.own and not accounts.is_own(role) and not accounts.strangers(role):
            yield f"takes on the role {role}, which is not known to be of this account"


check = StateIsProtected()
