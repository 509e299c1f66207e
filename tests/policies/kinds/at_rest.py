"""Data at rest: settings of databases, buckets, vaults, tables, keys and secrets, alone and together."""

import copy
import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, allow, new, ref, statements, with_

CLUSTER, INSTANCE, PARAMETERS = (
    "aws_rds_cluster",
    "aws_rds_cluster_instance",
    "aws_rds_cluster_parameter_group",
)
BUCKET, BLOCK, LIFECYCLE, BUCKET_POLICY = (
    "aws_s3_bucket", "aws_s3_bucket_public_access_block", "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_policy",
)  # fmt: skip
TABLE, SELECTION, VAULT, VAULT_POLICY = (
    "aws_dynamodb_table", "aws_backup_selection", "aws_backup_vault", "aws_backup_vault_policy",
)  # fmt: skip
KEY, SECRET, PARAMETER = "aws_kms_key", "aws_secretsmanager_secret", "aws_ssm_parameter"
PASSWORD = "${ephemeral.aws_secretsmanager_random_password.%s-administrator.random_password}"
Place = Callable[[Document], tuple[str, ...]]


def parameter(colour: str, name: str, value: str, method: str = "pending-reboot") -> Place:
    """In the place of the one that is there."""

    def place(document: Document) -> tuple[str, ...]:
        label = name_like(document, PARAMETERS, colour)
        group = document["resource"][PARAMETERS][label]
        others = [one for one in group["parameter"] if one["name"] != name]
        group["parameter"] = [*others, {"name": name, "value": value, "apply_method": method}]
        return (f"{PARAMETERS}.{label}",)

    return place


def beside(type_: str, part: str, **changes: Any) -> Place:
    """A copy of a resource with other arguments; None takes one out."""

    def place(document: Document) -> tuple[str, ...]:
        body = copy.deepcopy(document["resource"][type_][name_like(document, type_, part)])
        for name, value in changes.items():
            body[name] = value(document) if callable(value) else value
        document["resource"][type_]["r1"] = {k: v for k, v in body.items() if v is not None}
        return (f"{type_}.r1",)

    return place


def transition(**moved: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        label = name_like(document, LIFECYCLE, "")
        document["resource"][LIFECYCLE][label]["rule"][0]["transition"] = [moved]
        return (f"{LIFECYCLE}.{label}", f"{BUCKET}.{name_like(document, BUCKET, '')}")

    return place


def statement(type_: str, part: str, sid: str, owner: str = "", **changes: Any) -> Place:
    """Another value of keys of a statement; of `None`, the statement is gone."""

    def place(document: Document) -> tuple[str, ...]:
        label = name_like(document, type_, part)
        body = document["resource"][type_][label]
        content = json.loads(body["policy"])
        found = next(one for one in content["Statement"] if one.get("Sid") == sid)
        if changes:
            found.update({k: v(found) if callable(v) else v for k, v in changes.items()})
        else:
            content["Statement"].remove(found)
        body["policy"] = json.dumps(content)
        return (f"{type_}.{label}", *([f"{owner}.{name_like(document, owner, '')}"] if owner else []))

    return place


def without(action: str) -> Callable[[Any], Any]:
    return lambda found: [one for one in found["Action"] if one != action]


def weaker(operator: str) -> Callable[[Any], Any]:
    return lambda found: {operator: found["Condition"]["StringEquals"]}


def password(colour: str, **changes: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        type_, label = "aws_secretsmanager_random_password", f"{colour}-administrator"
        document["ephemeral"][type_][label] |= changes
        return (f"ephemeral.{type_}.{label}",)

    return place


def leaks_to(type_: str, **arguments: Any) -> Place:
    """What has the password of blue's administrator; either end is named."""

    def place(document: Document) -> tuple[str, ...]:
        return (*new(type_, "r1", **arguments)(document), f"{CLUSTER}.{name_like(document, CLUSTER, 'blue')}")

    return place


def at_bucket(place: Place) -> Place:
    return lambda document: (*place(document), f"{BUCKET}.{name_like(document, BUCKET, '')}")


PARAMETERS_OF_DATABASES = {
    "the values of statements": parameter("blue", "general_log", "1", "immediate"),
    "a static one at once": parameter("green", "gtid-mode", "ON", "immediate"),
    "the ledger not replicated": parameter("blue", "replicate-ignore-db", "payments"),
    "another family": with_(PARAMETERS, "blue", family="aurora-mysql5.7"),
}
DATABASES = {
    "protection by default": with_(CLUSTER, "blue", deletion_protection=None),
    "passwords alone, by default": with_(CLUSTER, "green", iam_database_authentication_enabled=None),
    "backups that go by default": with_(CLUSTER, "blue", delete_automated_backups=None),
    "changes at any time": with_(CLUSTER, "green", apply_immediately=True),
    "changes of an instance at any time": with_(INSTANCE, "blue-database_instance-2", apply_immediately=True),
    "a snapshot that has no name": with_(CLUSTER, "blue", final_snapshot_identifier="1--final-"),
    "maintained in the backup": with_(CLUSTER, "blue", preferred_maintenance_window="sun:02:15-sun:03:15"),
    "an instance maintained in the backup": with_(
        INSTANCE, "blue-database_instance-2", preferred_maintenance_window="sun:02:10-sun:02:50"
    ),
    "both colours at once": with_(CLUSTER, "blue", preferred_maintenance_window="sun:07:30-sun:08:30"),
    "an instance with the other colour": with_(
        INSTANCE, "green-database_instance-1", preferred_maintenance_window="sun:05:00-sun:06:00"
    ),
    "a window of words": with_(CLUSTER, "blue", preferred_maintenance_window="sunday 5am"),
    "a window of ten minutes": with_(CLUSTER, "green", preferred_backup_window="03:00-03:10"),
    "a system without monitoring": with_(INSTANCE, "blue-database_instance-2", monitoring_interval=None),
    "an interval that RDS lacks": with_(INSTANCE, "green-database_instance-2", monitoring_interval=7),
    "a retention that RDS lacks": with_(
        INSTANCE, "green-database_instance-2", performance_insights_retention_period=8
    ),
    "a tier that RDS lacks": with_(INSTANCE, "green-database_instance-2", promotion_tier=16),
    "one password for both": with_(CLUSTER, "green", master_password_wo=PASSWORD % "blue"),
    "its password in a parameter": leaks_to(
        PARAMETER, name="/payments-local/admin", type="SecureString", value_wo=PASSWORD % "blue",
        value_wo_version=1,
    ),
    "its password for the tasks": leaks_to(
        "aws_secretsmanager_secret_version", secret_id=ref(SECRET, "blue-credentials", "id"),
        secret_string_wo=PASSWORD % "blue", secret_string_wo_version=1,
    ),
    "a short password": password("blue", password_length=8),
    "a password of digits": password("green", exclude_lowercase=True, exclude_uppercase=True),
    "a password without letters": password("blue", exclude_characters="abcdefghijklmnopqrstuvwxyz"),
}  # fmt: skip
BUCKETS = {
    "a second block, lifted": at_bucket(beside(BLOCK, "", block_public_policy=False)),
    "a block by the bucket's name": at_bucket(
        beside(BLOCK, "", bucket="payments-local-alb-logs-123456789012", restrict_public_buckets=False)
    ),
    "a second lifecycle": beside(
        LIFECYCLE, "", rule=[{"id": "x", "status": "Enabled", "filter": [{"prefix": "x/"}]}]
    ),
    "access for deliverers": new(
        "aws_s3_bucket_acl", "r1", bucket=ref(BUCKET, "", "id"), acl="log-delivery-write"
    ),
    "access for every principal": new(
        "aws_s3_bucket_acl",
        "r1",
        bucket=ref(BUCKET, "", "id"),
        access_control_policy={"grant": [{"permission": "READ"}], "owner": {"id": "x"}},
    ),
    "earlier versions for a day": with_(
        LIFECYCLE, "", rule__noncurrent_version_expiration__noncurrent_days=1
    ),
    "an archive at once": transition(days=0, storage_class="GLACIER"),
    "a deep archive in a month": transition(days=30, storage_class="DEEP_ARCHIVE"),
    "a single zone": transition(days=30, storage_class="ONEZONE_IA"),
    "no delivery": statement(BUCKET_POLICY, "", "LogDelivery", BUCKET),
    "delivery of another account": statement(
        BUCKET_POLICY, "", "LogDelivery", BUCKET,
        Resource=lambda found: [found["Resource"][0].replace("123456789012", "210987654321")],
    ),
    "no delivery under the prefix": at_bucket(
        with_("aws_lb", access_logs={"bucket": ref(BUCKET, "", "id"), "enabled": True, "prefix": "alb"})
    ),
    "logs off by default": with_("aws_lb", access_logs={"bucket": ref(BUCKET, "", "id")}),
}  # fmt: skip
BACKUPS = {
    "of the other colour": with_(SELECTION, "green", resources=[ref(CLUSTER, "blue")]),
    "of an identifier": with_(SELECTION, "green", resources=[ref(CLUSTER, "green", "id")]),
    "of a part of a table": with_(
        SELECTION, "sessions", resources=[lambda document: ref(TABLE, "sessions")(document) + "/index/*"]
    ),
    "a lifecycle that shrinks": statement(
        VAULT_POLICY, "", "KeepRecoveryPoints", VAULT, Action=without("backup:UpdateRecoveryPointLifecycle")
    ),
    "copies out": statement(
        VAULT_POLICY, "", "KeepRecoveryPoints", VAULT,
        Action=["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
    ),
}  # fmt: skip
TABLES = {
    "sessions for ever": with_(TABLE, "sessions", ttl=None),
    "sessions for ever, off": with_(
        TABLE, "sessions", ttl={"attribute_name": "expires_at", "enabled": False}
    ),
    "sessions that expire by their key": with_(
        TABLE, "sessions", ttl={"attribute_name": "session_id", "enabled": True}
    ),
    "a history that expires": with_(TABLE, "control", ttl={"attribute_name": "expires_at", "enabled": True}),
    "a key of no attribute": with_(TABLE, "sessions", hash_key="id"),
    "an attribute of no key": with_(
        TABLE, "sessions", attribute=[{"name": "session_id", "type": "S"}, {"name": "card", "type": "S"}]
    ),
    "capacity by default": with_(TABLE, "sessions", billing_mode=None),
    "capacity of one": with_(
        TABLE, "sessions", billing_mode="PROVISIONED", read_capacity=1, write_capacity=1
    ),
}
KEYS = {
    "gone in a week": with_(KEY, deletion_window_in_days=7),
    "through a service, if any": statement(
        KEY, "", "UseThroughServices", Condition=weaker("StringEqualsIfExists")
    ),
    "through all services, or none": statement(
        KEY, "", "UseThroughServices", Condition=weaker("ForAllValues:StringEquals")
    ),
    "an alias of AWS": with_("aws_kms_alias", name="alias/aws/payments"),
}
NAMES = {
    "the record twice": new(
        PARAMETER, "r1", name="/payments-local/active-environment", type="String", insecure_value="green"
    ),
    "a secret twice": beside(SECRET, "blue-credentials", name=lambda d: d["resource"][SECRET][
        name_like(d, SECRET, "green-credentials")]["name"]),
    "a dashboard twice": beside("aws_cloudwatch_dashboard", ""),
    "two policies of a secret": with_(
        SECRET, "blue-credentials", policy=statements(allow("secretsmanager:DescribeSecret", "*"))
    ),
    "a record of no colour": with_(PARAMETER, "active-environment", insecure_value="purple"),
    "a record of one colour": with_(PARAMETER, "active-environment", allowed_pattern="^green$"),
    "an image of EC2": with_(PARAMETER, "green-fargate_image", data_type="aws:ec2:image"),
    "dead letters for a minute": with_("aws_sqs_queue", "switching_switch", message_retention_seconds=60),
    "a rotation of a minute": with_(
        "aws_secretsmanager_secret_rotation", "blue-credentials",
        rotation_rules={"schedule_expression": "rate(10 days)", "duration": "1m"},
    ),
}  # fmt: skip
GROUPS = {
    "parameters": PARAMETERS_OF_DATABASES, "databases": DATABASES, "buckets": BUCKETS, "backups": BACKUPS,
    "tables": TABLES, "keys": KEYS, "names": NAMES,
}  # fmt: skip
CASES = [
    Case(f"{group}: {name}", place) for group, places in GROUPS.items() for name, place in places.items()
]
