"""Customers' sessions: one table for both colours, so that a customer keeps the session across a switch (R12,
R13).
"""

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
    DynamodbTableTtl,
)
from constructs import Construct

from modules.config import Deployment
from modules.encryption import Encryption


class Sessions(Construct):
    """DynamoDB table: one item a session, key `session_id`, gone at `expires_at` (epoch seconds)."""

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        name = f"{deployment.prefix}-sessions"
        self.table = DynamodbTable(
            self,
            "table",
            name=name,
            billing_mode="PAY_PER_REQUEST",
            hash_key="session_id",
            attribute=[DynamodbTableAttribute(name="session_id", type="S")],
            ttl=DynamodbTableTtl(enabled=True, attribute_name="expires_at"),
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            server_side_encryption=DynamodbTableServerSideEncryption(
                enabled=True, kms_key_arn=encryption.key_arn
            ),
            deletion_protection_enabled=True,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
            tags={"Name": name},
        )
