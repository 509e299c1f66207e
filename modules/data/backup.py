"""Backups: a vault under a vault lock, and plans that cover both clusters and the tables (R06)."""

from collections.abc import Mapping, Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.backup_plan import (
    BackupPlan,
    BackupPlanRule,
    BackupPlanRuleCopyAction,
    BackupPlanRuleCopyActionLifecycle,
    BackupPlanRuleLifecycle,
)
from cdktf_cdktf_provider_aws.backup_selection import BackupSelection
from cdktf_cdktf_provider_aws.backup_vault import BackupVault
from cdktf_cdktf_provider_aws.backup_vault_lock_configuration import BackupVaultLockConfiguration
from cdktf_cdktf_provider_aws.backup_vault_policy import BackupVaultPolicy
from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTable
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.rds_cluster import RdsCluster
from constructs import Construct

from modules.config import Deployment
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement, policy, service_role
from modules.foundation.waivers import waive_copies

# The lock's minimum, whatever the retention: a lock in compliance mode can't follow another one later.
SHORTEST_RETENTION_DAYS = 7


class Backup(Construct):
    """Daily snapshots of the clusters and of `tables` by name, and continuous backup of the clusters.

    Continuous backup through AWS Backup exists for Aurora, not for DynamoDB: tables have their own point-in-
    time recovery. Source: AWS Backup developer guide, "Feature availability by resource".
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        clusters: Mapping[str, RdsCluster],
        tables: Mapping[str, DynamodbTable],
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id_)
        self._prefix, self._tags = deployment.prefix, deployment.tags.model_dump()
        self._copy_to = deployment.backup.copy_to
        self._retention_days = deployment.colours["blue"].database.backup_retention_days
        self.vault = self._vault(encryption)
        admission = self._lock(deployment)
        self._role = service_role(
            self,
            "role",
            name=f"{deployment.prefix}-backup",  # the key's policy names it, too
            service="backup.amazonaws.com",
            # No page of AWS says that AWS Backup sends the account. What it may do is limited to this vault.
            deployment=deployment,
            says_account=False,
        )
        statements = _permissions(
            deployment=deployment,
            clusters=clusters,
            tables=tables,
            vault=self.vault,
            encryption=encryption,
        )
        self._calls = IamRolePolicy(
            self, "back-up", name="back-up", role=self._role.id, policy=policy(*statements)
        )
        databases = self._plan(
            "databases", self._rule("daily", "cron(0 5 ? * * *)"), self._continuous("cron(0 6 ? * * *)")
        )
        for colour, cluster in clusters.items():
            self._select(databases, colour, [cluster.arn])
        daily = self._plan("tables", self._rule("daily", "cron(0 5 ? * * *)"))
        for name, table in tables.items():
            self._select(daily, name, [table.arn])
        for resource in (admission, self._calls, databases, daily):
            waive_copies(resource, deployment)

    def _vault(self, encryption: Encryption) -> BackupVault:
        return BackupVault(
            self,
            "vault",
            name=self._prefix,
            kms_key_arn=encryption.key_arn,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
            tags={"Name": self._prefix},
        )

    def _lock(self, deployment: Deployment) -> BackupVaultPolicy:
        """No recovery point goes before its time, and only the deploying roles change what protects it.

        Source: AWS Backup developer guide, "AWS Backup Vault Lock" and "Vault access policies".
        """
        roles = deployment.iam.deploying_roles
        keep = Statement(
            sid="KeepRecoveryPoints",
            effect="Deny",
            principals={"AWS": "*"},
            actions=[
                "backup:DeleteBackupVault",
                "backup:DeleteRecoveryPoint",
                "backup:UpdateRecoveryPointLifecycle",
                *([] if self._copy_to else ["backup:CopyFromBackupVault", "backup:StartCopyJob"]),
            ],
            resources=["*"],
        )
        protect = Statement(
            sid="KeepPolicyAndLock",
            effect="Deny",
            principals={"AWS": "*"},
            actions=[
                "backup:DeleteBackupVaultAccessPolicy",
                "backup:DeleteBackupVaultLockConfiguration",
                "backup:PutBackupVaultAccessPolicy",
                "backup:PutBackupVaultLockConfiguration",
            ],
            resources=["*"],
            conditions={"ArnNotEquals": {"aws:PrincipalArn": roles}},
        )
        lock = BackupVaultLockConfiguration(
            self,
            "vault-lock",
            backup_vault_name=self.vault.name,
            min_retention_days=SHORTEST_RETENTION_DAYS,
            changeable_for_days=deployment.backup.grace_days,
        )
        return BackupVaultPolicy(
            self,
            "vault-policy",
            backup_vault_name=self.vault.name,
            policy=policy(keep, *([protect] if roles else []), *self._copies()),
            depends_on=[lock],
        )

    def _copies(self) -> list[Statement]:
        """Recovery points leave for the configured vault only."""
        if self._copy_to is None:
            return []
        elsewhere = Statement(
            sid="CopyToOneVault",
            effect="Deny",
            principals={"AWS": "*"},
            actions=["backup:CopyFromBackupVault"],
            resources=["*"],
            conditions={"ForAnyValue:ArnNotEquals": {"backup:CopyTargets": [self._copy_to]}},
        )
        return [elsewhere]

    def _rule(self, name: str, schedule: str, *, continuous: bool = False) -> BackupPlanRule:
        return BackupPlanRule(
            rule_name=name,
            target_vault_name=self.vault.name,
            schedule=schedule,
            start_window=60,
            completion_window=180,
            enable_continuous_backup=continuous,
            lifecycle=BackupPlanRuleLifecycle(delete_after=self._retention_days),
            recovery_point_tags=self._tags,
            # Of a continuous backup no continuous copy is made: the daily one goes.
            copy_action=None if continuous or not self._copy_to else [self._copy_action(self._copy_to)],
        )

    def _copy_action(self, vault_arn: str) -> BackupPlanRuleCopyAction:
        lifecycle = BackupPlanRuleCopyActionLifecycle(delete_after=self._retention_days)
        return BackupPlanRuleCopyAction(destination_vault_arn=vault_arn, lifecycle=lifecycle)

    def _continuous(self, schedule: str) -> BackupPlanRule:
        return self._rule("continuous", schedule, continuous=True)

    def _plan(self, id_: str, *rules: BackupPlanRule) -> BackupPlan:
        name = f"{self._prefix}-{id_}"
        return BackupPlan(self, f"plan-{id_}", name=name, rule=list(rules), tags={"Name": name})

    def _select(self, plan: BackupPlan, id_: str, arns: Sequence[str]) -> None:
        BackupSelection(
            self,
            f"selection-{id_}",
            name=f"{self._prefix}-{id_}",
            plan_id=plan.id,
            iam_role_arn=self._role.arn,
            resources=list(arns),
            # AWS Backup tries on creation whether the role may look for resources.
            depends_on=[self._calls],
        )


def _permissions(
    *,
    deployment: Deployment,
    clusters: Mapping[str, RdsCluster],
    tables: Mapping[str, DynamodbTable],
    vault: BackupVault,
    encryption: Encryption,
) -> list[Statement]:
    """What backing up takes: AWS's AWSBackupServiceRolePolicyForBackup cut down to these resources."""
    where = f"{deployment.region}:{deployment.account_id}"
    snapshots = f"arn:aws:rds:{where}:cluster-snapshot:awsbackup:*"
    cluster_arns = [cluster.arn for cluster in clusters.values()]
    via = [f"{service}.{deployment.region}.amazonaws.com" for service in ("backup", "dynamodb", "rds")]
    return [
        Statement(
            sid="Clusters",
            actions=[
                "rds:AddTagsToResource",
                "rds:CopyDBClusterSnapshot",
                "rds:CreateDBClusterSnapshot",
                "rds:DeleteDBClusterSnapshot",
                "rds:DescribeDBClusterSnapshots",
                "rds:DescribeDBClusters",
                "rds:ListTagsForResource",
                "rds:ModifyDBCluster",
                "rds:ModifyDBClusterSnapshotAttribute",
            ],
            resources=[*cluster_arns, snapshots],
        ),
        Statement(
            sid="Tables",
            actions=[
                "dynamodb:CreateBackup",
                "dynamodb:DescribeTable",
                "dynamodb:ListTagsOfResource",
                "dynamodb:StartAwsBackupJob",
            ],
            resources=[table.arn for table in tables.values()],
        ),
        Statement(
            sid="TableBackups",
            actions=["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"],
            resources=[f"{table.arn}/backup/*" for table in tables.values()],
        ),
        Statement(
            sid="AutomatedBackups",
            actions=["rds:DeleteDBClusterAutomatedBackup", "rds:DescribeDBClusterAutomatedBackups"],
            resources=[f"arn:aws:rds:{where}:cluster-auto-backup:*"],
        ),
        Statement(
            sid="Vault",
            actions=["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
            resources=[vault.arn],
        ),
        Statement(
            sid="RecoveryPoints",
            actions=["backup:TagResource"],
            resources=[f"arn:aws:backup:{where}:recovery-point:*"],
        ),
        Statement(sid="Selections", actions=["tag:GetResources"], resources=["*"]),  # takes no resource
        Statement(
            sid="KeyThroughServices",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[encryption.key_arn],
            conditions={"StringEquals": {"kms:ViaService": via}},
        ),
        # These AWS Backup calls itself.
        Statement(sid="Key", actions=["kms:DescribeKey"], resources=[encryption.key_arn]),
        Statement(
            sid="GrantsOfTheKey",
            actions=["kms:CreateGrant"],
            resources=[encryption.key_arn],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        *_copying(deployment),
    ]


def _copying(deployment: Deployment) -> list[Statement]:
    """To the vault of `[backup] copy_to`; snapshots and grants there are made by this role in another region,
    by AWS Backup's own role in another account.
    """
    target = deployment.backup.copy_to
    if target is None:
        return []
    here, there = f"{deployment.region}:{deployment.account_id}", ":".join(target.split(":")[3:5])
    return [
        Statement(
            sid="CopyFrom",
            actions=["backup:CopyFromBackupVault"],
            # Recovery points have ARNs of the service that keeps them.
            resources=[
                f"arn:aws:rds:{here}:cluster-snapshot:awsbackup:*",
                f"arn:aws:dynamodb:{here}:table/{deployment.prefix}-*/backup/*",
                f"arn:aws:backup:{here}:recovery-point:*",
            ],
            conditions={"ForAllValues:ArnEquals": {"backup:CopyTargets": [target]}},
        ),
        Statement(sid="CopyInto", actions=["backup:CopyIntoBackupVault"], resources=[target]),
        Statement(
            sid="CopiesOfSnapshots",
            actions=["rds:AddTagsToResource", "rds:CopyDBClusterSnapshot"],
            resources=[f"arn:aws:rds:{there}:cluster-snapshot:awsbackup:*"],
        ),
        Statement(
            sid="KeyOfTheCopies",
            actions=["kms:CreateGrant"],
            resources=[f"arn:aws:kms:{there}:key/*"],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]
