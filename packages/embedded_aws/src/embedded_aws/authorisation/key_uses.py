"""Which keys a call uses, by service.

Source: each service's guide, named below; the general one is in `encryption.py`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from embedded_aws.authorisation import held, lookups
from embedded_aws.authorisation.calls import Call
from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.encryption import Use, checks, machine_use, queue_use, topic_use
from embedded_aws.handle import ACCOUNT_ID
from iam_evaluation import Caller

ITEMS = frozenset(
    {
        *("BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan"),
        *("TransactGetItems", "TransactWriteItems", "UpdateItem"),
    }
)


def key_uses(call: Call, caller: Caller) -> Iterator[Check]:
    """What a call needs of keys besides its own actions."""
    find = _BY_SERVICE.get(call.service)
    for use in find(call) if find else ():
        yield from checks(use, caller, call.region)


def _sns(call: Call) -> Iterable[Use]:
    if call.operation in ("Publish", "PublishBatch"):
        yield from topic_use(call.text("TopicArn", "TargetArn"), call.region)


def _sqs(call: Call) -> Iterable[Use]:
    name = call.text("QueueUrl").rpartition("/")[2]
    if call.operation in ("SendMessage", "SendMessageBatch"):
        yield from queue_use(name, call.region, "GenerateDataKey", "Decrypt")
    elif call.operation == "ReceiveMessage":
        yield from queue_use(name, call.region, "Decrypt")


def _secrets(call: Call) -> Iterable[Use]:
    """Secrets Manager user guide, "Secret encryption and decryption": a key that is set is tried at once."""
    if call.operation in ("CreateSecret", "UpdateSecret") and (key := call.text("KmsKeyId")):
        pairs = (("SecretVersionId", "RequestToValidateKeyAccess"),)
        yield Use(key, ("GenerateDataKey", "Decrypt"), "secretsmanager", pairs)
    secret = held.secret(call.text("SecretId"), call.region)
    if secret is None or not secret.kms_key_id:
        return
    key = str(secret.kms_key_id)
    pairs = (("SecretARN", secret.arn),)
    if call.operation == "GetSecretValue":
        yield Use(key, ("Decrypt",), "secretsmanager", pairs)
    elif call.operation == "PutSecretValue" or (
        call.operation == "UpdateSecret" and call.text("SecretString")
    ):
        yield Use(key, ("GenerateDataKey", "Decrypt"), "secretsmanager", pairs)


def _tables(call: Call) -> Iterable[Use]:
    """DynamoDB developer guide, "Encryption usage notes"."""
    if call.operation == "CreateTable":
        key = call.parameters.get("SSESpecification", {}).get("KMSMasterKeyId", "")
        yield Use(key, ("CreateGrant", "DescribeKey"), "dynamodb")
    if call.operation not in ITEMS:
        return
    dynamodb = held.backend("dynamodb", call.region)
    for arn in lookups.known(call, "") or ():
        name = arn.partition(":table/")[2].partition("/")[0]
        table = dynamodb.tables.get(name) if dynamodb else None
        key = (getattr(table, "sse_specification", None) or {}).get("KMSMasterKeyId", "")
        pairs = (("aws:dynamodb:tableName", name), ("aws:dynamodb:subscriberId", ACCOUNT_ID))
        yield Use(key, ("Decrypt",), "dynamodb", pairs)


def _functions(call: Call) -> Iterable[Use]:
    """Lambda developer guide, "Securing environment variables"."""
    if call.operation in ("CreateFunction", "UpdateFunctionConfiguration"):
        arn = f"arn:aws:lambda:{call.region}:{ACCOUNT_ID}:function:{call.text('FunctionName')}"
        pairs = (("aws:lambda:FunctionArn", arn),)
        yield Use(call.text("KMSKeyArn"), ("CreateGrant", "Encrypt"), "lambda", pairs)


def _databases(call: Call) -> Iterable[Use]:
    """Aurora user guide, "AWS KMS key management", "Password management"."""
    if call.operation in ("CreateDBCluster", "CreateDBInstance"):
        for parameter in ("KmsKeyId", "PerformanceInsightsKMSKeyId"):
            yield Use(call.text(parameter), ("CreateGrant", "DescribeKey"), "rds")
    if key := call.text("MasterUserSecretKmsKeyId"):
        actions = ("CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKey")
        yield Use(key, actions, "secretsmanager")


def _repositories(call: Call) -> Iterable[Use]:
    """Two grants, which the caller may retire. ECR user guide, "Encryption at rest"."""
    if call.operation == "CreateRepository":
        key = call.parameters.get("encryptionConfiguration", {}).get("kmsKey", "")
        yield Use(key, ("CreateGrant", "DescribeKey", "RetireGrant"), "ecr")


def _vaults(call: Call) -> Iterable[Use]:
    """AWS Backup developer guide, "Creating a backup vault"."""
    if call.operation == "CreateBackupVault":
        actions = ("CreateGrant", "GenerateDataKey", "Decrypt", "DescribeKey", "RetireGrant")
        yield Use(call.text("EncryptionKeyArn"), actions, "backup")


def _machines(call: Call) -> Iterable[Use]:
    if call.operation in ("CreateStateMachine", "UpdateStateMachine"):
        key = (call.parameters.get("encryptionConfiguration") or {}).get("kmsKeyId", "")
        name = call.text("name") or call.text("stateMachineArn").rpartition(":")[2]
        pairs = (("aws:states:stateMachineArn", lookups.arn(call, f"stateMachine:{name}")),)
        yield Use(key, ("DescribeKey", "GenerateDataKey"), "states", pairs)
    elif call.operation in ("DescribeStateMachine", "DescribeExecution", "GetExecutionHistory"):
        states = held.backend("stepfunctions", call.region)
        arn = call.text("stateMachineArn") or call.text("executionArn").replace(
            ":execution:", ":stateMachine:"
        )
        name = ":".join(arn.split(":")[:7])
        for machine in list(states.state_machines) if states else ():
            if machine.arn == name:
                yield from machine_use(machine, "Decrypt")


def _clusters(call: Call) -> Iterable[Use]:
    """ECS developer guide, "Customer managed keys for AWS Fargate ephemeral storage"."""
    if call.operation == "CreateCluster":
        storage = call.parameters.get("configuration", {}).get("managedStorageConfiguration", {})
        yield Use(storage.get("fargateEphemeralStorageKmsKeyId", ""), ("DescribeKey",), "ecs")


def _objects(call: Call) -> Iterable[Use]:
    """Amazon S3 user guide, "Using server-side encryption with AWS KMS keys"."""
    if call.operation not in ("GetObject", "PutObject", "CopyObject", "CreateMultipartUpload"):
        return
    bucket = held.bucket(call.text("Bucket"))
    key = str(call.headers.get("HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION_AWS_KMS_KEY_ID", "")) or _default_key(
        bucket
    )
    pairs = (("aws:s3:arn", f"arn:aws:s3:::{call.text('Bucket')}"),)
    action = "Decrypt" if call.operation == "GetObject" else "GenerateDataKey"
    yield Use(key, (action,), "s3", pairs)


def _default_key(bucket: Any) -> str:
    rules = (getattr(bucket, "encryption", None) or {}).get("Rule", {})
    rule = rules[0] if isinstance(rules, list) and rules else rules
    return str((rule or {}).get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID", ""))


def _firewalls(call: Call) -> Iterable[Use]:
    """Network Firewall developer guide, "Encryption at rest with AWS Key Management Service": by grants."""
    if call.operation in ("CreateFirewall", "CreateFirewallPolicy", "CreateRuleGroup"):
        key = (call.parameters.get("EncryptionConfiguration") or {}).get("KeyId", "")
        yield Use(key, ("CreateGrant", "DescribeKey"), "network-firewall")


_BY_SERVICE: dict[str, Callable[[Call], Iterable[Use]]] = {
    "backup": _vaults,
    "dynamodb": _tables,
    "ecr": _repositories,
    "ecs": _clusters,
    "lambda": _functions,
    "network-firewall": _firewalls,
    "rds": _databases,
    "s3": _objects,
    "secretsmanager": _secrets,
    "sns": _sns,
    "sqs": _sqs,
    "states": _machines,
}
