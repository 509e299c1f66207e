"""R02: one customer-managed key, rotated, that only the services in use may use."""

from tests.stack_reader import Stack


def test_the_key_rotates_and_is_not_deleted_in_a_hurry(stack: Stack) -> None:
    key = stack.one("aws_kms_key")

    assert key["enable_key_rotation"] is True
    assert key["deletion_window_in_days"] == 30
    assert stack.named(stack.one("aws_kms_alias")["target_key_id"]) == key


def test_no_principal_may_use_the_key_but_through_a_service_of_this_account(stack: Stack) -> None:
    uses = {
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKey*",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncrypt*",
        "kms:CreateGrant",
    }
    limits = {
        "kms:ViaService",
        "kms:EncryptionContext:aws:logs:arn",
        "kms:EncryptionContext:aws:ecs:clusterAccount",
        "kms:EncryptionContext:aws:states:stateMachineArn",
        "kms:EncryptionContext:SourceArn",
        "kms:EncryptionContext:aws:sns:topicArn",
        "aws:SourceArn",
        "aws:PrincipalArn",
        "aws:SourceAccount",
    }
    for statement in stack.one("aws_kms_key").policy():
        assert "*" not in statement["Principal"].values()
        assert not {"kms:*", "*"} & set(statement["Action"])
        if uses & set(statement["Action"]):
            conditions = {key for tests in statement["Condition"].values() for key in tests}
            assert conditions & limits


def test_fargate_may_use_the_key_for_the_storage_of_tasks_of_these_clusters_only(stack: Stack) -> None:
    statements = {s["Sid"]: s for s in stack.one("aws_kms_key").policy()}
    clusters = [cluster["name"] for cluster in stack.all("aws_ecs_cluster")]

    for sid in ("StorageOfTasks", "GrantsForStorageOfTasks"):
        assert statements[sid]["Principal"] == {"Service": "fargate.amazonaws.com"}
        names = statements[sid]["Condition"]["StringEquals"]["kms:EncryptionContext:aws:ecs:clusterName"]
        assert sorted(names) == sorted(clusters)
    grants = statements["GrantsForStorageOfTasks"]["Condition"]["ForAllValues:StringEquals"]
    assert grants == {"kms:GrantOperations": ["Decrypt"]}


def test_everything_that_can_be_encrypted_names_the_key(stack: Stack) -> None:
    key = stack.one("aws_kms_key")
    arguments = {
        "aws_cloudwatch_log_group": "kms_key_id",
        "aws_lambda_function": "kms_key_arn",
        "aws_sqs_queue": "kms_master_key_id",
    }
    for type_, argument in arguments.items():
        assert stack.all(type_)
        assert all(stack.named(resource[argument]) == key for resource in stack.all(type_))
