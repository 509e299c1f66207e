"""Key, database, session table, secret and backup of the sample."""

from cdktf_cdktf_provider_aws.backup_plan import BackupPlan, BackupPlanRule, BackupPlanRuleLifecycle
from cdktf_cdktf_provider_aws.backup_vault import BackupVault
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
)
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.rds_cluster import RdsCluster
from cdktf_cdktf_provider_aws.rds_cluster_instance import RdsClusterInstance
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_rotation import (
    SecretsmanagerSecretRotation,
    SecretsmanagerSecretRotationRotationRules,
)
from constructs import Construct


class SampleStorage(Construct):
    """Everything at rest; exposes the cluster's computed master-user secret (a nested output reference)."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.key = KmsKey(self, "key", enable_key_rotation=True, deletion_window_in_days=30)
        KmsAlias(self, "alias", name="alias/sample", target_key_id=self.key.key_id)
        self.cluster = RdsCluster(
            self,
            "cluster",
            engine="aurora-mysql",
            engine_version="8.0.mysql_aurora.3.10.0",
            manage_master_user_password=True,
            master_username="admin",
            storage_encrypted=True,
            kms_key_id=self.key.arn,
            enabled_cloudwatch_logs_exports=["audit", "error"],
        )
        for index in range(2):
            RdsClusterInstance(
                self,
                f"instance-{index}",
                cluster_identifier=self.cluster.id,
                engine=self.cluster.engine,
                instance_class="db.r6g.large",
            )
        self.master_secret_arn = self.cluster.master_user_secret.get(0).secret_arn
        self._sessions_and_secret()
        self._backup()

    def _sessions_and_secret(self) -> None:
        table = DynamodbTable(
            self,
            "sessions",
            name="sessions",
            billing_mode="PAY_PER_REQUEST",
            hash_key="id",
            attribute=[DynamodbTableAttribute(name="id", type="S")],
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            server_side_encryption=DynamodbTableServerSideEncryption(enabled=True, kms_key_arn=self.key.arn),
        )
        table.put_ttl(attribute_name="expires", enabled=True)
        secret = SecretsmanagerSecret(self, "secret", name="sample/db", kms_key_id=self.key.arn)
        SecretsmanagerSecretRotation(
            self,
            "rotation",
            secret_id=secret.id,
            rotation_rules=SecretsmanagerSecretRotationRotationRules(automatically_after_days=30),
        )
        bucket = S3Bucket(self, "bucket", bucket_prefix="sample-")
        bucket.add_override("lifecycle.prevent_destroy", True)

    def _backup(self) -> None:
        vault = BackupVault(self, "vault", name="sample", kms_key_arn=self.key.arn)
        BackupPlan(
            self,
            "plan",
            name="sample",
            rule=[
                BackupPlanRule(
                    rule_name="daily",
                    target_vault_name=vault.name,
                    schedule="cron(0 3 * * ? *)",
                    lifecycle=BackupPlanRuleLifecycle(delete_after=7),
                )
            ],
        )
