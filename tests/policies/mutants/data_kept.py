"""What is kept, and how: keys, recovery, zones."""

import json
from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, both, change, names, on, output, remove

CLUSTER = "aws_rds_cluster"
INSTANCE = "aws_rds_cluster_instance"
TABLE = "aws_dynamodb_table"


def same_zone(document: Document) -> None:
    for name in names(document, INSTANCE):
        if "green" in name:
            document["resource"][INSTANCE][name]["availability_zone"] = "us-east-1b"


def no_sessions(document: Document) -> None:
    """The table is gone, with all that is about it."""
    remove(TABLE, "session")(document)
    remove("aws_cloudwatch_metric_alarm", "session")(document)
    remove("aws_backup_selection", "sessions")(document)


def data(type_: str, **arguments: Any) -> Mutation:
    return lambda document: document.update(data={type_: {"own": arguments}})


ENCRYPTION = [
    Mutant(
        "green not encrypted",
        change(CLUSTER, "green", storage_encrypted=False),
        on("CKV_BG_122", CLUSTER, "green"),
    ),
    Mutant(
        "blue not encrypted, as text",
        change(CLUSTER, "blue", storage_encrypted="false"),
        on("CKV_BG_122", CLUSTER, "blue"),
    ),
    Mutant(
        "encryption of green left out",
        change(CLUSTER, "green", storage_encrypted=None),
        on("CKV_BG_122", CLUSTER, "green"),
    ),
    Mutant(
        "green without key", change(CLUSTER, "green", kms_key_id=None), on("CKV_BG_123", CLUSTER, "green")
    ),
    Mutant(
        "blue with the key of RDS",
        change(CLUSTER, "blue", kms_key_id="alias/aws/rds"),
        also(on("CKV_BG_123", CLUSTER, "blue"), on("CKV2_BG_319", CLUSTER, "blue")),
    ),
    Mutant(
        "green with the key of RDS, found by a data source",
        both(
            change(CLUSTER, "green", kms_key_id="${data.aws_kms_key.own.arn}"),
            data("aws_kms_key", key_id="alias/aws/rds"),
        ),
        also(on("CKV_BG_123", CLUSTER, "green"), on("CKV2_BG_319", CLUSTER, "green")),
    ),
    Mutant(
        "administrator's secret without key",
        change(CLUSTER, "green", manage_master_user_password=True, master_password_wo=None),
        also(on("CKV_BG_131", CLUSTER, "green"), on("CKV_BG_307", CLUSTER, "green")),
    ),
    Mutant(
        "administrator's secret with a key of AWS",
        change(
            CLUSTER,
            "blue",
            manage_master_user_password=True,
            master_password_wo=None,
            master_user_secret_kms_key_id="alias/aws/secretsmanager",
        ),
        also(*(on(policy, CLUSTER, "blue") for policy in ("CKV_BG_131", "CKV2_BG_319", "CKV_BG_307"))),
    ),
    Mutant(
        "sessions without encryption block",
        change(TABLE, "session", server_side_encryption=None),
        on("CKV_BG_113", TABLE, "session"),
    ),
    Mutant(
        "sessions with encryption off",
        change(TABLE, "session", server_side_encryption__enabled=False),
        on("CKV_BG_113", TABLE, "session"),
    ),
    Mutant(
        "sessions without key",
        change(TABLE, "session", server_side_encryption__kms_key_arn=None),
        on("CKV_BG_113", TABLE, "session"),
    ),
    Mutant(
        "sessions with a key of AWS",
        change(TABLE, "session", server_side_encryption__kms_key_arn="alias/aws/dynamodb"),
        also(on("CKV_BG_113", TABLE, "session"), on("CKV2_BG_319", TABLE, "session")),
    ),
]

RECOVERY = [
    Mutant("no table for sessions", no_sessions, also(on("CKV2_BG_111"), output("dynamodb_table_name"))),
    Mutant(
        "no table at all",
        both(no_sessions, remove(TABLE), remove("aws_cloudwatch_metric_alarm", "control")),
        also(on("CKV2_BG_111"), on("CKV2_BG_207")),
    ),
    Mutant(
        "sessions without point-in-time recovery",
        change(TABLE, "session", point_in_time_recovery=None),
        on("CKV_BG_112", TABLE, "session"),
    ),
    Mutant(
        "sessions with point-in-time recovery off",
        change(TABLE, "session", point_in_time_recovery__enabled=False),
        on("CKV_BG_112", TABLE, "session"),
    ),
    Mutant(
        "green keeps backups for three days",
        change(CLUSTER, "green", backup_retention_period=3),
        on("CKV_BG_124", CLUSTER, "green"),
    ),
    Mutant(
        "blue keeps backups for six days, as text",
        change(CLUSTER, "blue", backup_retention_period="6"),
        on("CKV_BG_124", CLUSTER, "blue"),
    ),
    Mutant(
        "green with default retention",
        change(CLUSTER, "green", backup_retention_period=None),
        on("CKV_BG_124", CLUSTER, "green"),
    ),
    Mutant(
        "sessions that may be deleted",
        change(TABLE, "session", deletion_protection_enabled=False),
        on("CKV_BG_132", TABLE, "session"),
    ),
    Mutant(
        "green without final snapshot",
        change(CLUSTER, "green", skip_final_snapshot=True),
        on("CKV_BG_132", CLUSTER, "green"),
    ),
    Mutant(
        "final snapshot without name",
        change(CLUSTER, "blue", final_snapshot_identifier=None),
        on("CKV_BG_132", CLUSTER, "blue"),
    ),
]

ZONES = [
    Mutant(
        "green with one instance",
        remove(INSTANCE, "green-database_instance-2"),
        on("CKV_BG_128", CLUSTER, "green"),
    ),
    Mutant("blue without instances", remove(INSTANCE, "blue"), on("CKV_BG_128", CLUSTER, "blue")),
    Mutant("green in one zone", same_zone, on("CKV_BG_128", CLUSTER, "green")),
    Mutant(
        "zone of blue's second instance left to AWS",
        change(INSTANCE, "blue-database_instance-2", availability_zone=None),
        on("CKV_BG_128", CLUSTER, "blue"),
    ),
]

ARCHIVES = [
    Mutant(
        "the newest five images alone are kept",
        change(
            "aws_ecr_lifecycle_policy",
            policy=json.dumps(
                {
                    "rules": [
                        {
                            "rulePriority": 1,
                            "selection": {
                                "tagStatus": "any",
                                "countType": "imageCountMoreThan",
                                "countNumber": 5,
                            },
                            "action": {"type": "expire"},
                        }
                    ]
                }
            ),
        ),
        on("CKV_BG_460", "aws_ecr_lifecycle_policy"),
    ),
    Mutant(
        "access logs in an archive at once",
        change(
            "aws_s3_bucket_lifecycle_configuration",
            rule__transition=[{"days": 0, "storage_class": "GLACIER"}],
        ),
        on("CKV_BG_458", "aws_s3_bucket"),
    ),
    Mutant(
        "access logs under a prefix that no delivery has",
        change("aws_lb", access_logs__prefix="alb"),
        on("CKV_BG_458", "aws_s3_bucket"),
    ),
]

MUTANTS = [*ENCRYPTION, *RECOVERY, *ZONES, *ARCHIVES]
