"""What `bluegreen bootstrap` does: bucket and key of the state, and with `--roles` the roles that deploy.

The calls are those of `bluegreen/terraform/bootstrap` and of `making.py`. S3's actions have other names than
its calls (Amazon S3 user guide, "Required permissions for Amazon S3 API operations").
"""

from bluegreen.permissions.scope import TAG, Scope
from bluegreen.permissions.statements import Statement, allow

BUCKET = [
    "s3:CreateBucket",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:ListBucket",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
]
LOOKS_AT_POLICIES = ["iam:GetPolicy", "iam:GetPolicyVersion"]
MAKES_POLICIES = [
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicyVersion",
    "iam:ListPolicyVersions",
    "iam:TagPolicy",
]
LOOKS_AT_ROLES = ["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
MAKES_ROLES = [
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:TagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
]
ATTACHES = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
GITHUB = "token.actions.githubusercontent.com"
PROVIDES = [
    "iam:AddClientIDToOpenIDConnectProvider",
    "iam:CreateOpenIDConnectProvider",
    "iam:GetOpenIDConnectProvider",
    "iam:TagOpenIDConnectProvider",
]


def bootstrap_statements(scope: Scope) -> list[Statement]:
    """It makes the other roles, so it has in effect all that they have. Its own role and policies it can't
    change: an administrator of the account makes those.
    """
    names = ("plan", "apply", "deploy", "operate")
    roles, own = [scope.role_arn(name) for name in names], scope.role_arn("bootstrap")
    policies = [f"{scope.policy_arn(name)}-*" for name in names]
    made = [*policies, *([scope.boundary] if scope.own_boundary else [])]
    provider = f"arn:aws:iam::{scope.account}:oidc-provider/{GITHUB}*"
    return [
        *_state(scope),
        allow(LOOKS_AT_POLICIES, [*made, f"{scope.policy_arn('bootstrap')}-*"]),
        allow(MAKES_POLICIES, made),
        allow(LOOKS_AT_ROLES, [*roles, own]),
        allow(MAKES_ROLES, roles),
        allow(ATTACHES, roles, {"ArnLike": {"iam:PolicyARN": policies}}),
        allow(PROVIDES, [provider]),
    ]


def _state(scope: Scope) -> list[Statement]:
    backend = scope.backend
    if backend is None:
        return []
    place = f"arn:aws:kms:{backend.region}:{backend.account_id}"
    found = [allow(BUCKET, [f"arn:aws:s3:::{backend.bucket}"])]
    if not backend.kms_key_id.startswith("alias/"):
        return [*found, allow(["kms:DescribeKey", "kms:GetKeyRotationStatus"], [f"{place}:key/*"])]
    named = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": backend.kms_key_id}}
    made = {"StringEquals": {f"aws:RequestTag/{TAG}": scope.prefix}}
    own = {"StringEquals": {f"aws:ResourceTag/{TAG}": scope.prefix}}
    return [
        *found,
        allow(["kms:CreateKey"], ["*"], made),
        allow(["kms:TagResource"], [f"{place}:key/*"], made),
        allow(["kms:CreateAlias"], [f"{place}:{backend.kms_key_id}"]),
        allow(["kms:CreateAlias", "kms:EnableKeyRotation"], [f"{place}:key/*"], own),
        allow(["kms:DescribeKey", "kms:GetKeyRotationStatus"], [f"{place}:key/*"], named),
    ]
