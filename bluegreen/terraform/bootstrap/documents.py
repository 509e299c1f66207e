"""The policies of key and bucket."""

from typing import Any

from bluegreen.terraform.bootstrap.backend import StateBackend

ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:Create*",
    "kms:Describe*",
    "kms:Disable*",
    "kms:Enable*",
    "kms:Get*",
    "kms:List*",
    "kms:Put*",
    "kms:Revoke*",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:Update*",
)
USE = ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*")


def key_policy(backend: StateBackend) -> dict[str, Any]:
    """Administered by the account's administrators; used through S3 only, by whom IAM allows it."""
    account = {"AWS": f"arn:aws:iam::{backend.account_id}:root"}
    through_s3 = {
        "kms:ViaService": f"s3.{backend.region}.amazonaws.com",
        "kms:CallerAccount": backend.account_id,
    }
    return _document(
        {
            "Sid": "Administration",
            "Effect": "Allow",
            "Principal": account,
            "Action": list(ADMINISTRATION),
            "Resource": "*",
        },
        {
            "Sid": "UseThroughS3",
            "Effect": "Allow",
            "Principal": account,
            "Action": list(USE),
            "Resource": "*",
            "Condition": {"StringEquals": through_s3},
        },
    )


def bucket_statements(backend: StateBackend) -> list[dict[str, Any]]:
    """What the bucket denies every caller, whatever else is allowed.

    Source: Amazon S3 user guide, "Security best practices"; IAM user guide, "aws:PrincipalIsAWSService".
    """
    bucket = f"arn:aws:s3:::{backend.bucket}"
    everything = [bucket, f"{bucket}/*"]
    header = "s3:x-amz-server-side-encryption"
    return [
        _denied("TlsOnly", ["s3:*"], everything, {"Bool": {"aws:SecureTransport": "false"}}),
        _denied("Tls12OrNewer", ["s3:*"], everything, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
        _denied(
            "OwnAccountOnly",
            ["s3:*"],
            everything,
            {
                "StringNotEquals": {"aws:PrincipalAccount": backend.account_id},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        ),
        _denied(
            "KmsOnly",
            ["s3:PutObject"],
            [f"{bucket}/*"],
            {"StringNotEquals": {header: "aws:kms"}, "Null": {header: "false"}},
        ),
    ]


def with_statements(policy: dict[str, Any] | None, wanted: list[dict[str, Any]]) -> dict[str, Any]:
    """`policy` with the statements of `wanted`, each instead of the one of the same Sid; others stay."""
    sids = {statement["Sid"] for statement in wanted}
    others = [s for s in statements_of(policy) if s.get("Sid") not in sids]
    return _document(*others, *wanted)


def statements_of(policy: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Its statements; a single one may stand without a list."""
    found = (policy or {}).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _denied(
    sid: str, actions: list[str], resources: list[str], condition: dict[str, dict[str, str]]
) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions if len(actions) > 1 else actions[0],
        "Resource": resources if len(resources) > 1 else resources[0],
        "Condition": condition,
    }


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
