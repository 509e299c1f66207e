"""The extension `backup_plans`: selections, vault policies and vault notifications."""

import json

import embedded_aws
import pytest
from botocore.exceptions import ClientError

from packages.embedded_aws.tests.roles import role_of_anything
from packages.embedded_aws.tests.signing import send_signed

TOPIC = f"arn:aws:sns:us-east-1:{embedded_aws.ACCOUNT_ID}:notifications"
ROLE = f"arn:aws:iam::{embedded_aws.ACCOUNT_ID}:role/backup"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
SELECTION = {
    "SelectionName": "clusters",
    "IamRoleArn": ROLE,
    "Resources": [f"arn:aws:rds:us-east-1:{embedded_aws.ACCOUNT_ID}:cluster:blue"],
}


def plan(aws: embedded_aws.LocalAws, vault: str) -> str:
    role_of_anything(aws.client("iam"), "backup", "backup.amazonaws.com")
    client = aws.client("backup")
    client.create_backup_vault(BackupVaultName=vault)
    rule = {"RuleName": "daily", "TargetBackupVaultName": vault}
    made = client.create_backup_plan(BackupPlan={"BackupPlanName": vault, "Rules": [rule]})
    return str(made["BackupPlanId"])


def test_a_selection_is_kept_until_it_is_deleted(aws: embedded_aws.LocalAws) -> None:
    client, plan_id = aws.client("backup"), plan(aws, "of-selections")
    made = client.create_backup_selection(BackupPlanId=plan_id, BackupSelection=SELECTION)
    key = {"BackupPlanId": plan_id, "SelectionId": made["SelectionId"]}

    assert client.get_backup_selection(**key)["BackupSelection"] == SELECTION
    (listed,) = client.list_backup_selections(BackupPlanId=plan_id)["BackupSelectionsList"]
    assert listed["SelectionName"] == "clusters"

    client.delete_backup_selection(**key)
    with pytest.raises(ClientError, match="Cannot find Backup selection"):
        client.get_backup_selection(**key)
    assert client.list_backup_selections(BackupPlanId=plan_id)["BackupSelectionsList"] == []


def test_a_plan_still_reads_as_a_plan(aws: embedded_aws.LocalAws) -> None:
    plan_id = plan(aws, "of-plans")

    assert (
        aws.client("backup").get_backup_plan(BackupPlanId=plan_id)["BackupPlan"]["BackupPlanName"]
        == "of-plans"
    )


def test_a_plan_is_changed_to_a_new_version(aws: embedded_aws.LocalAws) -> None:
    client, plan_id = aws.client("backup"), plan(aws, "of-changes")
    before = client.get_backup_plan(BackupPlanId=plan_id)
    rule = {"RuleName": "weekly", "TargetBackupVaultName": "of-changes"}
    changed = client.update_backup_plan(
        BackupPlanId=plan_id, BackupPlan={"BackupPlanName": "of-changes", "Rules": [rule]}
    )
    after = client.get_backup_plan(BackupPlanId=plan_id)
    assert [one["RuleName"] for one in after["BackupPlan"]["Rules"]] == ["weekly"]
    assert after["VersionId"] == changed["VersionId"] != before["VersionId"]
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.update_backup_plan(BackupPlanId="none", BackupPlan={"BackupPlanName": "x", "Rules": []})


def test_a_vault_keeps_its_policy_and_its_notifications(aws: embedded_aws.LocalAws) -> None:
    client = aws.client("backup")
    plan(aws, "of-documents")
    vault = {"BackupVaultName": "of-documents"}
    client.put_backup_vault_access_policy(**vault, Policy=POLICY)
    client.put_backup_vault_notifications(**vault, SNSTopicArn=TOPIC, BackupVaultEvents=["BACKUP_JOB_FAILED"])

    assert client.get_backup_vault_access_policy(**vault)["Policy"] == POLICY
    assert client.get_backup_vault_notifications(**vault)["BackupVaultEvents"] == ["BACKUP_JOB_FAILED"]

    client.delete_backup_vault_access_policy(**vault)
    client.delete_backup_vault_notifications(**vault)
    with pytest.raises(ClientError, match="has no access-policy"):
        client.get_backup_vault_access_policy(**vault)
    with pytest.raises(ClientError, match="has no notification-configuration"):
        client.get_backup_vault_notifications(**vault)


def tags_as_the_go_sdk_asks(aws: embedded_aws.LocalAws, arn: str) -> object:
    """Reads tags without the slash that botocore puts at the path's end."""
    return json.loads(send_signed(aws, "backup", ("GET", f"/tags/{arn}", b"")).body)["Tags"]


def tagged_vault(aws: embedded_aws.LocalAws) -> str:
    made = aws.client("backup").create_backup_vault(
        BackupVaultName="tagged", BackupVaultTags={"CostCenter": "payments"}
    )
    return str(made["BackupVaultArn"])


def test_tags_are_read_from_a_path_without_a_slash_at_its_end(aws: embedded_aws.LocalAws) -> None:
    assert tags_as_the_go_sdk_asks(aws, tagged_vault(aws)) == {"CostCenter": "payments"}


def test_stock_moto_still_needs_the_slash(stock: embedded_aws.LocalAws) -> None:
    assert tags_as_the_go_sdk_asks(stock, tagged_vault(stock)) == {}


def test_stock_moto_still_lacks_selections_and_vault_documents(stock: embedded_aws.LocalAws) -> None:
    client, plan_id = stock.client("backup"), plan(stock, "of-stock")

    with pytest.raises(ClientError):
        client.create_backup_selection(BackupPlanId=plan_id, BackupSelection=SELECTION)
    with pytest.raises(ClientError):
        client.put_backup_vault_access_policy(BackupVaultName="of-stock", Policy=POLICY)
    with pytest.raises(ClientError):
        client.put_backup_vault_notifications(
            BackupVaultName="of-stock", SNSTopicArn=TOPIC, BackupVaultEvents=["BACKUP_JOB_FAILED"]
        )
