"""Backup jobs: what AWS Backup does as the role of a selection, and what it is denied.

AWS managed policy AWSBackupServiceRolePolicyForBackup; status messages: issue 633 of widdix/aws-cf-templates;
AWS Backup developer guide, "Encryption for backups", "Vault access policies", "Monitoring AWS Backup events
using Amazon EventBridge"; API reference, StartBackupJob, PutBackupVaultLockConfiguration.
"""

import json
import uuid
from typing import Any

import embedded_aws
import pytest
from embedded_aws import ACCOUNT_ID, LocalAws, LocalAwsError

from packages.embedded_aws.tests.authorisation.acting import (
    HERE,
    ROOT,
    Acting,
    Statement,
    allow,
    denied,
    document,
)
from packages.embedded_aws.tests.machines import eventually
from packages.embedded_aws.tests.roles import let_in, trust

SERVICE = "backup.amazonaws.com"
GRANTS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
THROUGH = {
    "StringEquals": {"kms:ViaService": [f"{one}.us-east-1.amazonaws.com" for one in ("dynamodb", "rds")]}
}
TAGS = {"CostCenter": "payments"}
# What a role needs, by what its removal denies.
VAULT = {"backup:DescribeBackupVault": allow("backup:DescribeBackupVault")}
KEYS = {
    "kms:DescribeKey": allow("kms:DescribeKey"),
    "kms:CreateGrant": allow("kms:CreateGrant", Condition=GRANTS),
}
CLUSTERS = {
    action: allow(action)
    for action in (
        *("rds:ListTagsForResource", "rds:DescribeDBClusters", "rds:CreateDBClusterSnapshot"),
        *("rds:AddTagsToResource", "rds:DescribeDBClusterSnapshots"),
    )
}
CONTINUOUS = {
    action: allow(action)
    for action in ("rds:ModifyDBCluster", "rds:DescribeDBClusterAutomatedBackups", "backup:TagResource")
}
TABLES = {
    **{
        action: allow(action)
        for action in (
            *("dynamodb:ListTagsOfResource", "dynamodb:DescribeTable", "dynamodb:StartAwsBackupJob"),
            "backup:TagResource",
        )
    },
    "kms:Decrypt": allow("kms:Decrypt", Condition=THROUGH),
    "kms:GenerateDataKey": allow("kms:GenerateDataKey", Condition=THROUGH),
}
Needs = dict[str, Statement]


class Kept:
    """A vault under a key that the account delegates, a role with `needs`, a cluster and a table."""

    def __init__(self, aws: LocalAws, needs: Needs) -> None:
        self.aws, self.name = aws, f"kept-{uuid.uuid4().hex[:8]}"
        self.backup, iam = aws.client("backup"), aws.client("iam")
        policy = document(allow("kms:*", Principal={"AWS": ROOT}))
        self.key = aws.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
        made = self.backup.create_backup_vault(BackupVaultName=self.name, EncryptionKeyArn=self.key)
        self.vault = str(made["BackupVaultArn"])
        made = iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=trust(SERVICE))
        self.role = str(made["Role"]["Arn"])
        self.permit(needs)

    def permit(self, needs: Needs) -> None:
        """The role may do this and nothing else."""
        self.aws.client("iam").put_role_policy(
            RoleName=self.name, PolicyName="own", PolicyDocument=document(*needs.values())
        )

    def cluster(self) -> str:
        """Encrypted; its ARN."""
        self.aws.client("rds").create_db_cluster(
            DBClusterIdentifier=self.name,
            Engine="aurora-mysql",
            MasterUsername="a",
            ManageMasterUserPassword=True,
            StorageEncrypted=True,
            KmsKeyId=self.key,
        )
        return f"arn:aws:rds:{HERE}:cluster:{self.name}"

    def table(self) -> str:
        """Encrypted; its ARN."""
        made = self.aws.client("dynamodb").create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": self.key},
        )
        return str(made["TableDescription"]["TableArn"])

    def plan(self, arn: str, **rule: Any) -> str:
        """A plan of one rule, which selects a resource; its id."""
        plan = str(self.backup.create_backup_plan(BackupPlan=self.document(**rule))["BackupPlanId"])
        selection = {"SelectionName": "one", "IamRoleArn": self.role, "Resources": [arn]}
        self.backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)
        return plan

    def document(self, **rule: Any) -> dict[str, Any]:
        """Of a plan of one rule."""
        rules = [{"RuleName": "daily", "TargetBackupVaultName": self.name, "RecoveryPointTags": TAGS, **rule}]
        return {"BackupPlanName": self.name, "Rules": rules}

    def start(self, arn: str, **more: Any) -> dict[str, Any]:
        """A job on demand, when it has ended."""
        asked = {"BackupVaultName": self.name, "ResourceArn": arn, "IamRoleArn": self.role, **more}
        return self.ended(self.backup.start_backup_job(**asked)["BackupJobId"])

    def ended(self, job: str) -> dict[str, Any]:
        """A job when it has ended."""

        def ask() -> dict[str, Any] | None:
            found: dict[str, Any] = self.backup.describe_backup_job(BackupJobId=job)
            return found if found["State"] in ("COMPLETED", "FAILED") else None

        return eventually(ask, "end of the job")

    def denials(self) -> list[str]:
        """The actions that the role was denied."""
        found = embedded_aws.denials(self.aws)
        return [one["action"] for one in found if f"assumed-role/{self.name}/" in one["caller"]]


def test_a_job_keeps_a_snapshot_of_a_cluster_made_as_the_role(aws: LocalAws) -> None:
    kept = Kept(aws, {**VAULT, **KEYS, **CLUSTERS})
    job = kept.start(kept.cluster(), RecoveryPointTags=TAGS)
    assert (job["State"], job["ResourceType"]) == ("COMPLETED", "Aurora")
    (point,) = kept.backup.list_recovery_points_by_backup_vault(BackupVaultName=kept.name)["RecoveryPoints"]
    found = aws.client("rds").describe_db_cluster_snapshots(DBClusterIdentifier=kept.name)
    arn = job["RecoveryPointArn"]
    (snapshot,) = (one for one in found["DBClusterSnapshots"] if one["DBClusterSnapshotArn"] == arn)
    assert point["RecoveryPointArn"] == arn
    assert {"Key": "CostCenter", "Value": "payments"} in snapshot["TagList"]
    assert kept.backup.list_backup_jobs(ByResourceArn=job["ResourceArn"], ByState="COMPLETED")["BackupJobs"]
    (vault,) = (
        one
        for one in kept.backup.list_backup_vaults()["BackupVaultList"]
        if one["BackupVaultName"] == kept.name
    )
    assert vault["NumberOfRecoveryPoints"] == 1
    assert kept.denials() == []


def test_a_job_fails_by_what_the_role_may_not_do_to_a_cluster(aws: LocalAws) -> None:
    needs = {**VAULT, **KEYS, **CLUSTERS}
    kept = Kept(aws, needs)
    cluster = kept.cluster()
    for missing in needs:
        kept.permit({action: one for action, one in needs.items() if action != missing})
        job = kept.start(cluster, RecoveryPointTags=TAGS)
        assert job["State"] == "FAILED"
        assert missing in job["StatusMessage"]
    assert kept.denials() == list(needs)


def test_a_job_fails_by_what_the_role_may_not_do_to_a_table(aws: LocalAws) -> None:
    needs = {**VAULT, **KEYS, **TABLES}
    kept = Kept(aws, needs)
    table = kept.table()
    session = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{kept.name}/AWSBackup-{kept.name}"
    for missing in needs:
        kept.permit({action: one for action, one in needs.items() if action != missing})
        job = kept.start(table, RecoveryPointTags=TAGS)
        refused = f"User: {session} is not authorized to perform: {missing} on resource"
        assert (job["State"], job["StatusMessage"].startswith(refused)) == ("FAILED", True)
    assert kept.denials() == list(needs)
    kept.permit(needs)
    assert kept.start(table, RecoveryPointTags=TAGS)["State"] == "COMPLETED"


def test_a_table_is_backed_up_by_dynamodb_where_aws_backup_does_not_manage_that(aws: LocalAws) -> None:
    needs = {
        **VAULT,
        **{
            f"dynamodb:{one}": allow(f"dynamodb:{one}")
            for one in ("DescribeTable", "CreateBackup", "DescribeBackup")
        },
    }
    kept = Kept(aws, needs)
    table = kept.table()
    managed = "ResourceTypeManagementPreference"
    kept.backup.update_region_settings(**{managed: {"DynamoDB": False}})
    try:
        assert kept.backup.describe_region_settings()[managed] == {"DynamoDB": False}
        job = kept.start(table)
        for missing in needs:
            kept.permit({action: one for action, one in needs.items() if action != missing})
            assert kept.start(table)["State"] == "FAILED"
    finally:
        kept.backup.update_region_settings(**{managed: {"DynamoDB": True}})
    assert job["State"] == "COMPLETED"
    assert job["RecoveryPointArn"].startswith(f"{table}/backup/")
    assert kept.denials() == list(needs)


def test_a_plan_that_is_due_keeps_automated_backups_as_long_as_its_rule_says(aws: LocalAws) -> None:
    needs = {**VAULT, **KEYS, **CLUSTERS, **CONTINUOUS, "tag:GetResources": allow("tag:GetResources")}
    kept = Kept(aws, needs)
    kept.plan(kept.cluster(), EnableContinuousBackup=True, Lifecycle={"DeleteAfterDays": 9})
    for missing in ("", *CONTINUOUS):
        kept.permit({action: one for action, one in needs.items() if action != missing})
        (job,) = embedded_aws.run_backup_plan(aws, kept.name)
        ended = kept.ended(job)
        assert (ended["State"], missing in ended.get("StatusMessage", "")) == (
            "FAILED" if missing else "COMPLETED",
            True,
        )
        assert ended["CreatedBy"]["BackupPlanId"]
    assert kept.denials() == list(CONTINUOUS)
    (cluster,) = aws.client("rds").describe_db_clusters(DBClusterIdentifier=kept.name)["DBClusters"]
    assert cluster["BackupRetentionPeriod"] == 9
    assert ":recovery-point:continuous:cluster-" in cluster["AwsBackupRecoveryPointArn"]
    with pytest.raises(LocalAwsError, match="no backup plan unknown"):
        embedded_aws.run_backup_plan(aws, "unknown")


def test_the_retention_that_aws_backup_sets_is_not_changed_back(aws: LocalAws) -> None:
    """It may be left out, and be the same. The job of a changed plan sets another."""
    needs = {**VAULT, **KEYS, **CLUSTERS, **CONTINUOUS, "tag:GetResources": allow("tag:GetResources")}
    kept, change = Kept(aws, needs), aws.client("rds").modify_db_cluster
    plan, changed = kept.plan(kept.cluster()), {"DBClusterIdentifier": kept.name}
    change(**changed, BackupRetentionPeriod=35)
    for days in (9, 12):
        asked = kept.document(EnableContinuousBackup=True, Lifecycle={"DeleteAfterDays": days})
        kept.backup.update_backup_plan(BackupPlanId=plan, BackupPlan=asked)
        (job,) = embedded_aws.run_backup_plan(aws, kept.name)
        assert kept.ended(job)["State"] == "COMPLETED"
        change(**changed, BackupRetentionPeriod=days)
        change(**changed, PreferredMaintenanceWindow="sun:05:00-sun:06:00")
        code, message = denied(change, **changed, BackupRetentionPeriod=35)
        assert code == "InvalidParameterValue"
        assert f"can be blank, or you can use the current value,{days}." in message


def test_a_selection_needs_a_role_that_finds_resources(aws: LocalAws) -> None:
    kept = Kept(aws, VAULT)
    code, message = denied(kept.plan, kept.table())
    assert code == "InvalidParameterValueException"
    assert message.endswith("is not authorized to call tag:GetResources")


def test_a_key_policy_that_grants_through_services_only_fails_the_job(aws: LocalAws) -> None:
    """The grant is asked for by the role itself: what the key allows through services does not count."""
    kept = Kept(aws, {**VAULT, **KEYS, **CLUSTERS})
    cluster = kept.cluster()
    through = [f"{service}.us-east-1.amazonaws.com" for service in ("backup", "dynamodb", "rds")]
    condition = {**GRANTS, "StringEquals": {"kms:ViaService": through}}
    policy = document(
        allow("kms:PutKeyPolicy", "kms:DescribeKey", Principal={"AWS": ROOT}),
        allow("kms:CreateGrant", Principal={"AWS": ROOT}, Condition=condition),
    )
    aws.client("kms").put_key_policy(KeyId=kept.key, PolicyName="default", Policy=policy)
    assert kept.start(cluster)["State"] == "FAILED"
    assert kept.denials() == ["kms:CreateGrant"]


def test_who_starts_a_job_passes_the_role_and_may_use_the_vault(aws: LocalAws) -> None:
    kept = Kept(aws, {**VAULT, **KEYS, **TABLES})
    asked = {"BackupVaultName": kept.name, "ResourceArn": kept.table(), "IamRoleArn": kept.role}
    statements = {
        "backup:StartBackupJob": allow("backup:StartBackupJob", on=kept.vault),
        "iam:PassRole": allow(
            "iam:PassRole", on=kept.role, Condition={"StringEquals": {"iam:PassedToService": SERVICE}}
        ),
    }
    for missing in statements:
        caller = Acting(aws, *(one for action, one in statements.items() if action != missing))
        code, message = denied(caller.client("backup").start_backup_job, **asked)
        assert code == "AccessDeniedException"
        assert missing in message
    caller = Acting(aws, *statements.values())
    assert denied(caller.client("backup").start_backup_job, **asked) == ("", "")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "backup:StartBackupJob", "Resource": "*"}
    kept.backup.put_backup_vault_access_policy(BackupVaultName=kept.name, Policy=document(deny))
    message = denied(caller.client("backup").start_backup_job, **asked)[1]
    assert "explicit deny in a resource-based policy" in message


def test_a_role_that_aws_backup_may_not_assume_is_refused(aws: LocalAws) -> None:
    kept = Kept(aws, VAULT)
    aws.client("iam").update_assume_role_policy(RoleName=kept.name, PolicyDocument=trust("ec2.amazonaws.com"))
    assert denied(kept.start, kept.table()) == (
        "InvalidParameterValueException",
        "IAM Role cannot be assumed by AWS Backup",
    )


def test_a_job_whose_retention_the_lock_does_not_admit_fails(aws: LocalAws) -> None:
    kept = Kept(aws, {**VAULT, **KEYS, **TABLES})
    kept.backup.put_backup_vault_lock_configuration(BackupVaultName=kept.name, MinRetentionDays=7)
    table = kept.table()
    assert kept.start(table, Lifecycle={"DeleteAfterDays": 6})["State"] == "FAILED"
    assert kept.start(table, Lifecycle={"DeleteAfterDays": 7})["State"] == "COMPLETED"


def test_a_failed_job_is_an_event(aws: LocalAws) -> None:
    kept = Kept(aws, VAULT)
    queue = aws.client("sqs").create_queue(QueueName=kept.name)["QueueUrl"]
    arn = f"arn:aws:sqs:{HERE}:{kept.name}"
    let_in(aws, arn, "events.amazonaws.com")
    pattern = {"source": ["aws.backup"], "detail": {"state": ["FAILED"]}}
    aws.client("events").put_rule(Name=kept.name, EventPattern=json.dumps(pattern))
    aws.client("events").put_targets(Rule=kept.name, Targets=[{"Id": "1", "Arn": arn}])
    try:
        job = kept.start(kept.table())
        (letter,) = eventually(
            lambda: aws.client("sqs").receive_message(QueueUrl=queue).get("Messages"), "event of the job"
        )
    finally:
        aws.client("events").remove_targets(Rule=kept.name, Ids=["1"])
        aws.client("events").delete_rule(Name=kept.name)
    event = json.loads(letter["Body"])
    assert event["detail-type"] == "Backup Job State Change"
    assert event["detail"]["backupJobId"] == job["BackupJobId"]
    assert event["detail"]["statusMessage"] == job["StatusMessage"]


def test_stock_moto_starts_no_job(stock: LocalAws) -> None:
    """Then the extension `backup_jobs` goes."""
    asked = {
        "BackupVaultName": "v",
        "ResourceArn": f"arn:aws:dynamodb:{HERE}:table/t",
        "IamRoleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/r",
    }
    assert denied(stock.client("backup").start_backup_job, **asked)[0]
