"""What Terraform and `bluegreen plan` do in the bucket of the state.

Source: Terraform, "Backend Type: s3", "Permissions Required" and "State Locking"; Amazon S3 user guide,
"Required permissions for Amazon S3 API operations" and "Using server-side encryption with AWS KMS keys".
"""

from bluegreen.permissions.recording import Condition
from bluegreen.permissions.scope import Scope
from bluegreen.permissions.statements import Statement, allow
from bluegreen.terraform.bootstrap import StateBackend

ALIAS = "alias/"


def state_statements(scope: Scope, *, writes: bool) -> list[Statement]:
    """`writes`: of the role that applies, which saves the state and reads plans. The role that plans locks
    the state, too, and keeps plans.
    """
    if scope.backend is None:
        return []
    bucket, state = f"arn:aws:s3:::{scope.backend.bucket}", scope.backend.key
    plans, lock = f"{bucket}/{scope.backend.plans}*", f"{bucket}/{state}.tflock"
    kept = [allow(["s3:GetObject"], [plans])] if writes else [allow(["s3:PutObject"], [plans])]
    return [
        allow(["s3:ListBucket"], [bucket]),
        allow(["s3:GetObject", *(["s3:PutObject"] if writes else [])], [f"{bucket}/{state}"]),
        allow(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [lock]),
        *kept,
        allow(["kms:Decrypt", "kms:GenerateDataKey"], [_key(scope.backend)], _through_s3(scope.backend)),
    ]


def _key(backend: StateBackend) -> str:
    named = backend.kms_key_id
    anything = f"arn:aws:kms:{backend.region}:{backend.account_id}:key/*"
    return named if ":key/" in named else anything


def _through_s3(backend: StateBackend) -> Condition:
    """Of a key that is named by its alias, the alias limits it."""
    alias = backend.kms_key_id.partition(":")[2] and backend.kms_key_id.rpartition(":")[2]
    alias = alias or backend.kms_key_id
    through: Condition = {"StringEquals": {"kms:ViaService": f"s3.{backend.region}.amazonaws.com"}}
    if alias.startswith(ALIAS):
        through["ForAnyValue:StringEquals"] = {"kms:ResourceAliases": alias}
    return through
