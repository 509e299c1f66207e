"""DynamoDB tables, all alike: on demand, encrypted with the platform's key, hard to lose (R12, R13)."""

from collections.abc import Mapping

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
)
from constructs import Construct

from modules.foundation.encryption import Encryption


def durable_table(
    scope: Construct, *, name: str, attributes: Mapping[str, str], hash_key: str, encryption: Encryption
) -> DynamodbTable:
    """A table called `name`. `attributes`: those that keys are made of, each with its type (S, N or B).

    Neither Terraform nor a slip in the console deletes it; point-in-time recovery reaches back 35 days.
    """
    return DynamodbTable(
        scope,
        "table",
        name=name,
        billing_mode="PAY_PER_REQUEST",
        hash_key=hash_key,
        attribute=[DynamodbTableAttribute(name=key, type=type_) for key, type_ in attributes.items()],
        point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
        server_side_encryption=DynamodbTableServerSideEncryption(
            enabled=True, kms_key_arn=encryption.key_arn
        ),
        deletion_protection_enabled=True,
        lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
        tags={"Name": name},
    )
