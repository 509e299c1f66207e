"""Keys: their policies decide, for the operator, too; what an encrypted resource needs of its key.

KMS developer guide, "Default key policy", "Controlling access to aliases"; each service on encryption.
"""

import json
import uuid
from typing import Any

import pytest
from embedded_aws import ACCOUNT_ID, REGION, LocalAws

from packages.embedded_aws.tests.authorisation.acting import (
    HERE,
    ROOT,
    Acting,
    Statement,
    allow,
    denied,
    document,
)

ADMINISTRATION = (
    *(
        "kms:CreateAlias",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
    ),
)
ACCOUNT: dict[str, Any] = {"Principal": {"AWS": ROOT}}
USES = ("kms:Decrypt", "kms:GenerateDataKey")


def key(aws: LocalAws, *statements: Statement, administration: tuple[str, ...] = ADMINISTRATION) -> str:
    """A key that the account administers, and uses only as `statements` say. Its ARN."""
    policy = document(allow(*administration, **ACCOUNT), *statements)
    arn: str = aws.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    return arn


def via(service: str, **context: str) -> Statement:
    """The account may use the key through a service."""
    condition = {"kms:ViaService": f"{service}.{REGION}.amazonaws.com", **context}
    return allow(*USES, **ACCOUNT, Condition={"StringEquals": condition})


def test_an_alias_needs_the_key_policy_too(aws: LocalAws) -> None:
    without = key(aws, administration=tuple(set(ADMINISTRATION) - {"kms:CreateAlias"}))
    alias = f"alias/{uuid.uuid4()}"
    code, message = denied(aws.client("kms").create_alias, AliasName=alias, TargetKeyId=without)
    assert code == "AccessDeniedException"
    assert f"kms:CreateAlias on resource: {without} because no resource-based policy allows" in message
    assert denied(aws.client("kms").create_alias, AliasName=alias, TargetKeyId=key(aws)) == ("", "")


def test_a_key_policy_that_delegates_allows_nothing_by_itself(aws: LocalAws) -> None:
    arn = key(aws, allow("kms:*", **ACCOUNT))
    encrypts = {"KeyId": arn, "Plaintext": b"p"}
    assert "no identity-based policy" in denied(Acting(aws).client("kms").encrypt, **encrypts)[1]
    role = Acting(aws, allow("kms:Encrypt", on=arn))
    assert denied(role.client("kms").encrypt, **encrypts) == ("", "")


def test_a_new_policy_must_not_lock_its_caller_out(aws: LocalAws) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"""
    locked = document(allow("kms:DescribeKey", **ACCOUNT))
    assert denied(aws.client("kms").create_key, Policy=locked)[0] == "MalformedPolicyDocumentException"
    arn = key(aws)
    put = {"KeyId": arn, "PolicyName": "default", "Policy": locked}
    assert denied(aws.client("kms").put_key_policy, **put)[0] == "MalformedPolicyDocumentException"
    assert denied(aws.client("kms").put_key_policy, **put, BypassPolicyLockoutSafetyCheck=True) == ("", "")


def test_an_encrypted_topic(aws: LocalAws) -> None:
    sns = aws.client("sns")
    for statements, code in (
        ((), "KMSAccessDenied"),
        ((via("sqs"),), "KMSAccessDenied"),
        ((via("sns"),), ""),
    ):
        name = f"topic-{uuid.uuid4()}"
        topic = sns.create_topic(Name=name, Attributes={"KmsMasterKeyId": key(aws, *statements)})["TopicArn"]
        assert denied(sns.publish, TopicArn=topic, Message="m")[0] == code
    context = {"kms:EncryptionContext:aws:sns:topicArn": topic}
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key(aws, via("sns", **context))
    )
    assert denied(sns.publish, TopicArn=topic, Message="m") == ("", "")


def test_an_encrypted_queue(aws: LocalAws) -> None:
    sqs = aws.client("sqs")
    for statements, allowed in (((), False), ((via("sqs"),), True)):
        attributes = {"KmsMasterKeyId": key(aws, *statements)}
        url = sqs.create_queue(QueueName=f"q-{uuid.uuid4()}", Attributes=attributes)["QueueUrl"]
        assert (denied(sqs.send_message, QueueUrl=url, MessageBody="m")[0] == "") is allowed
        assert (denied(sqs.receive_message, QueueUrl=url)[0] == "") is allowed


def test_the_key_of_a_secret_is_tried_when_it_is_set(aws: LocalAws) -> None:
    """Secrets Manager user guide, "Secret encryption and decryption"."""
    secrets = aws.client("secretsmanager")
    new = {"Name": f"s-{uuid.uuid4()}", "SecretString": "s"}
    assert "kms:GenerateDataKey" in denied(secrets.create_secret, **new, KmsKeyId=key(aws))[1]
    arn = key(aws, via("secretsmanager"))
    secret = secrets.create_secret(**new, KmsKeyId=arn)["ARN"]
    assert secrets.get_secret_value(SecretId=secret)["SecretString"] == "s"
    reader = Acting(aws, allow("secretsmanager:GetSecretValue", on=secret)).client("secretsmanager")
    assert "kms:Decrypt" in denied(reader.get_secret_value, SecretId=secret)[1]
    reader = Acting(
        aws, allow("secretsmanager:GetSecretValue", on=secret), allow("kms:Decrypt", on=arn)
    ).client("secretsmanager")
    assert denied(reader.get_secret_value, SecretId=secret) == ("", "")


def test_a_table_is_given_a_grant_and_then_read_through_dynamodb(aws: LocalAws) -> None:
    """DynamoDB developer guide, "Encryption usage notes"."""
    dynamodb, name = aws.client("dynamodb"), f"t-{uuid.uuid4()}"

    def create(key_arn: str) -> tuple[str, str]:
        return denied(
            dynamodb.create_table,
            TableName=name,
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_arn},
        )

    assert "kms:CreateGrant" in create(key(aws))[1]
    granted = {"Bool": {"kms:GrantIsForAWSResource": True}}
    assert create(key(aws, allow("kms:CreateGrant", **ACCOUNT, Condition=granted), via("dynamodb"))) == (
        "",
        "",
    )
    table = f"arn:aws:dynamodb:{HERE}:table/{name}"
    reads = allow("dynamodb:GetItem", on=table)
    item = {"TableName": name, "Key": {"k": {"S": "v"}}}
    assert "kms:Decrypt" in denied(Acting(aws, reads).client("dynamodb").get_item, **item)[1]
    assert denied(Acting(aws, reads, allow("kms:Decrypt")).client("dynamodb").get_item, **item) == ("", "")


@pytest.mark.parametrize("context", ["aws:logs:arn", "aws:logs:other"])
def test_a_log_group_lets_the_service_itself_use_the_key(aws: LocalAws, context: str) -> None:
    """CloudWatch Logs user guide, "Encrypt log data"."""
    name = f"/pay/{uuid.uuid4()}"
    arn = f"arn:aws:logs:{HERE}:log-group:{name}"
    actions = ("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")
    service: dict[str, Any] = {"Principal": {"Service": f"logs.{REGION}.amazonaws.com"}}
    condition = {"ArnEquals": {f"kms:EncryptionContext:{context}": arn}}
    of_logs = key(aws, allow(*actions, **service, Condition=condition))
    code, message = denied(aws.client("logs").create_log_group, logGroupName=name, kmsKeyId=of_logs)
    if context == "aws:logs:arn":
        assert code == ""
    else:
        assert code == "AccessDeniedException"
        assert "does not exist or is not allowed to be used with Arn" in message


def test_an_execution_uses_the_key_with_its_role_and_through_no_service(aws: LocalAws) -> None:
    """Step Functions developer guide, "Data at rest encryption"."""
    iam, states = aws.client("iam"), aws.client("stepfunctions")
    role = Acting(aws, allow("kms:*"))
    trusts = {"Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=document(trusts))
    created = via("states"), allow("kms:DescribeKey", **ACCOUNT)
    for statements, allowed in ((created, False), ((*created, allow(*USES, **ACCOUNT)), True)):
        machine = states.create_state_machine(
            name=f"m{uuid.uuid4().hex}",
            definition=json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
            roleArn=role.arn,
            encryptionConfiguration={"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": key(aws, *statements)},
        )["stateMachineArn"]
        code, _ = denied(states.start_execution, stateMachineArn=machine)
        assert code == ("" if allowed else "KmsAccessDeniedException")


def test_a_grant_opens_the_key(aws: LocalAws) -> None:
    """KMS developer guide, "Grants in AWS KMS"."""
    arn, role = key(aws, allow("kms:*", **ACCOUNT)), Acting(aws)
    encrypts = {"KeyId": arn, "Plaintext": b"p"}
    assert denied(role.client("kms").encrypt, **encrypts)[0] == "AccessDeniedException"
    aws.client("kms").create_grant(KeyId=arn, GranteePrincipal=role.arn, Operations=["Encrypt"])
    assert denied(role.client("kms").encrypt, **encrypts) == ("", "")


def test_the_account_of_a_caller_is_told(aws: LocalAws) -> None:
    for account, allowed in ((ACCOUNT_ID, True), ("444455556666", False)):
        condition = {"StringEquals": {"kms:CallerAccount": account}}
        arn = key(aws, allow("kms:Encrypt", **ACCOUNT, Condition=condition))
        assert (denied(aws.client("kms").encrypt, KeyId=arn, Plaintext=b"p")[0] == "") is allowed
