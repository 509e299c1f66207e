"""What is encrypted at rest, and with whose key. Source: the documentation of the provider."""

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from stack_gate.stack import Block, Stack

from bluegreen.diagram.model import Lock
from bluegreen.diagram.words import plain

KEYS = ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key")
_ALIAS = "aws_kms_alias"
BUCKET_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
# What keeps data → where it names its key, and how AWS encrypts it where it names none.
KEPT = MappingProxyType(
    {
        "aws_backup_vault": ("kms_key_arn", Lock.AWS),
        "aws_cloudwatch_log_group": ("kms_key_id", Lock.AWS),
        "aws_dynamodb_table": ("server_side_encryption.kms_key_arn", Lock.AWS),
        "aws_ecr_repository": ("encryption_configuration.kms_key", Lock.AWS),
        "aws_efs_file_system": ("kms_key_id", Lock.NONE),
        "aws_kinesis_stream": ("kms_key_id", Lock.NONE),
        "aws_lambda_function": ("kms_key_arn", Lock.AWS),
        "aws_rds_cluster": ("kms_key_id", Lock.NONE),
        "aws_s3_bucket": ("", Lock.AWS),
        "aws_secretsmanager_secret": ("kms_key_id", Lock.AWS),
        "aws_sfn_state_machine": ("encryption_configuration.kms_key_id", Lock.AWS),
        "aws_sns_topic": ("kms_master_key_id", Lock.NONE),
        "aws_sqs_queue": ("kms_master_key_id", Lock.AWS),
        "aws_ssm_parameter": ("key_id", Lock.NONE),
    }
)
WORDS = MappingProxyType(
    {
        "aws_backup_vault": "backup vault",
        "aws_cloudwatch_log_group": "log group",
        "aws_dynamodb_table": "table",
        "aws_lambda_function": "function",
        "aws_rds_cluster": "database",
        "aws_s3_bucket": "bucket",
        "aws_secretsmanager_secret": "secret",
        "aws_sfn_state_machine": "state machine",
        "aws_sns_topic": "topic",
        "aws_sqs_queue": "queue",
        "aws_ssm_parameter": "parameter",
    }
)


def lock_of(stack: Stack, resource: Block) -> Lock | None:
    """How a resource is encrypted at rest; None where it keeps no data."""
    if resource.type not in KEPT:
        return None
    if _key(stack, resource):
        return Lock.CUSTOMER
    if resource.type == "aws_rds_cluster" and resource.flag("storage_encrypted"):
        return Lock.AWS
    if resource.type == "aws_ssm_parameter" and resource.get("type") == "SecureString":
        return Lock.AWS
    return KEPT[resource.type][1]


def weakest(locks: Iterable[Lock | None]) -> Lock | None:
    """The least of several; None where none of them keeps anything."""
    known = {lock for lock in locks if lock}
    return next((lock for lock in (Lock.NONE, Lock.AWS, Lock.CUSTOMER) if lock in known), None)


def keepers(stack: Stack) -> Iterator[tuple[Block, Lock]]:
    """Everything in the stack that keeps data, and how it is encrypted."""
    for resource in stack.resources(*KEPT):
        if lock := lock_of(stack, resource):
            yield resource, lock


def word(resource: Block) -> str:
    """What people call its type."""
    return WORDS.get(resource.type) or plain(resource.type)


def _key(stack: Stack, resource: Block) -> bool:
    """Whether it names a key that is not one of AWS's own."""
    if resource.type == "aws_s3_bucket":
        named = [
            block.get("kms_master_key_id")
            for settings in stack.referrers(resource, BUCKET_ENCRYPTION)
            for block in settings.blocks("rule.apply_server_side_encryption_by_default")
        ]
    else:
        named = [resource.get(KEPT[resource.type][0])]
    keys = stack.referred(named, *KEYS, _ALIAS)
    return bool(keys) or any(":kms:" in str(name) for name in named)
