"""Keys, and what is encrypted with them."""

import json
import re
from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, body, both, change, names, on, remove

KEY = "aws_kms_key"
LOGS = "aws_cloudwatch_log_group"
OF_AWS = ("CKV_BG_5", "CKV2_BG_319")  # a key of AWS is named where it must be a customer's
UNNEEDED = on("CKV_BG_234", "aws_lambda_function", "switching_switch")  # the right to use a key that is gone
NAMING = (
    "aws_backup_vault",
    "aws_cloudwatch_log_group",
    "aws_ecr_repository",
    "aws_ecs_cluster",
    "aws_lambda_function",
    "aws_rds_cluster_instance",
    "aws_secretsmanager_secret",
    "aws_sfn_state_machine",
    "aws_sns_topic",
    "aws_sqs_queue",
)


def statement(**parts: Any) -> Mutation:
    """Adds a statement to the key's policy."""

    def mutate(document: Document) -> None:
        key = body(document, KEY)
        policy = json.loads(key["policy"])
        policy["Statement"].append({"Sid": "Added", "Effect": "Allow", "Resource": "*"} | parts)
        key["policy"] = json.dumps(policy)

    return mutate


def no_key(document: Document) -> None:
    """Takes the key out, and every argument that names it."""
    remove(KEY)(document)
    remove("aws_kms_alias")(document)
    for bodies in document["resource"].values():
        for resource in bodies.values():
            for argument in [name for name, value in resource.items() if "aws_kms_key." in str(value)]:
                if "kms" in argument:
                    del resource[argument]
    document["output"]["kms_key_id"]["value"] = "none"


def bucket(**encryption: Any) -> Mutation:
    def mutate(document: Document) -> None:
        document["resource"]["aws_s3_bucket"]["exports"] = {"bucket": "exports"}
        document["resource"]["aws_s3_bucket_public_access_block"]["exports"] = body(
            document, "aws_s3_bucket_public_access_block", "access-logs"
        ) | {"bucket": "${aws_s3_bucket.exports.id}"}
        own = body(document, "aws_s3_bucket_policy")["policy"]
        other = re.sub(r"aws_s3_bucket\.[\w-]+", "aws_s3_bucket.exports", own)
        document["resource"]["aws_s3_bucket_policy"]["exports"] = {
            "bucket": "${aws_s3_bucket.exports.id}",
            "policy": other,
        }
        if encryption:
            document["resource"]["aws_s3_bucket_server_side_encryption_configuration"]["exports"] = {
                "bucket": "${aws_s3_bucket.exports.id}",
                "rule": [{"apply_server_side_encryption_by_default": encryption}],
            }

    return mutate


def every(type_: str, **arguments: Any) -> Mutation:
    def mutate(document: Document) -> None:
        for name in names(document, type_):
            change(type_, name, **arguments)(document)

    return mutate


DATA = (
    on("CKV_BG_113", "aws_dynamodb_table"),
    on("CKV_BG_123", "aws_rds_cluster"),
)

KEYS = [
    Mutant(
        "no key at all",
        no_key,
        also(on("CKV2_BG_2"), *(on("CKV_BG_5", type_) for type_ in NAMING), *DATA, UNNEEDED),
    ),
    Mutant("key that does not rotate", change(KEY, enable_key_rotation=False), on("CKV_BG_2", KEY)),
    Mutant("key with default rotation", change(KEY, enable_key_rotation=None), on("CKV_BG_2", KEY)),
    Mutant("key without policy", change(KEY, policy=None), on("CKV_BG_4", KEY)),
    Mutant(
        "key open to everyone",
        statement(Principal="*", Action="kms:Decrypt"),
        on("CKV_BG_3", KEY),
    ),
    Mutant(
        "key open to everyone, spelt otherwise",
        statement(
            Principal={"AWS": ["*"]},
            Action=["kms:Decrypt"],
            Condition={"Bool": {"aws:SecureTransport": "true"}},
        ),
        on("CKV_BG_3", KEY),
    ),
    Mutant(
        "key open to everyone but one account",
        statement(
            Principal={"AWS": "*"},
            Action="kms:Decrypt",
            Condition={"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}},
        ),
        on("CKV_BG_3", KEY),
    ),
    Mutant(
        "key policy with kms:*",
        statement(Principal={"AWS": "arn:aws:iam::123456789012:root"}, Action="kms:*"),
        on("CKV_BG_4", KEY),
    ),
]

NAMED = [
    Mutant(
        "log group without key", change(LOGS, "flow-logs", kms_key_id=None), on("CKV_BG_5", LOGS, "flow-logs")
    ),
    Mutant(
        "log group with a key of AWS",
        change(LOGS, "switching_switch", kms_key_id="alias/aws/logs"),
        also(*(on(policy, LOGS, "switching_switch") for policy in OF_AWS)),
    ),
    Mutant(
        "log group with something that is no key",
        change(LOGS, "switching_switch", kms_key_id="${aws_vpc.network_vpc_4E8F0223.id}"),
        on("CKV_BG_5", LOGS, "switching_switch"),
    ),
    Mutant("every log group without key", every(LOGS, kms_key_id=None), on("CKV_BG_5", LOGS)),
    Mutant(
        "topic without key", change("aws_sns_topic", kms_master_key_id=None), on("CKV_BG_5", "aws_sns_topic")
    ),
    Mutant(
        "topic with a key of AWS",
        change("aws_sns_topic", kms_master_key_id="alias/aws/sns"),
        also(*(on(policy, "aws_sns_topic") for policy in OF_AWS)),
    ),
    Mutant(
        "second queue without key",
        change("aws_sqs_queue", "switching_switch", kms_master_key_id=None),
        on("CKV_BG_5", "aws_sqs_queue", "switching_switch"),
    ),
    Mutant(
        "function environment without key",
        change("aws_lambda_function", "switching_switch", kms_key_arn=None),
        also(on("CKV_BG_5", "aws_lambda_function", "switching_switch"), UNNEEDED),
    ),
    Mutant(
        "secret without key",
        change("aws_secretsmanager_secret", "green-credentials", kms_key_id=None),
        on("CKV_BG_5", "aws_secretsmanager_secret", "green-credentials"),
    ),
    Mutant(
        "vault with a key of AWS, found by a data source",
        both(
            change("aws_backup_vault", kms_key_arn="${data.aws_kms_alias.default.target_key_arn}"),
            lambda document: document.update(
                data={"aws_kms_alias": {"default": {"name": "alias/aws/backup"}}}
            ),
        ),
        also(*(on(policy, "aws_backup_vault") for policy in OF_AWS)),
    ),
    Mutant("bucket without encryption", bucket(), on("CKV_BG_6", "aws_s3_bucket", "exports")),
    Mutant("bucket with SSE-S3", bucket(sse_algorithm="AES256"), on("CKV_BG_6", "aws_s3_bucket", "exports")),
    Mutant(
        "bucket with a key of AWS",
        bucket(sse_algorithm="aws:kms"),
        on("CKV_BG_6", "aws_s3_bucket", "exports"),
    ),
]

LOGS_KEPT = [
    Mutant(
        "log group that forgets in a month",
        change(LOGS, "flow-logs", retention_in_days=30),
        on("CKV_BG_40", LOGS, "flow-logs"),
    ),
    Mutant(
        "log group without retention",
        change(LOGS, "switching_switch", retention_in_days=None),
        on("CKV_BG_40", LOGS, "switching_switch"),
    ),
]

MUTANTS = [*KEYS, *NAMED, *LOGS_KEPT]
