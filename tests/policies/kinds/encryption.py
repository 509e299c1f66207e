"""Keys of AWS or of another region, that can't encrypt or never rotate; key policies that are wrong."""

import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import OWN, Case, added, allow, data, new, ref, several, with_

Place = Callable[[Document], tuple[str, ...]]
KEY, CLUSTER, INSTANCE, MACHINE = (
    "aws_kms_key",
    "aws_rds_cluster",
    "aws_rds_cluster_instance",
    "aws_sfn_state_machine",
)
TOPIC, QUEUE = "aws_sns_topic_policy", "aws_sqs_queue"
ALIAS = "${data.aws_kms_alias.a.target_key_arn}"


def by_alias(user: Place, name: str) -> Place:
    found: Place = data("aws_kms_alias", "a", user, name=name)
    return found


def copies(**arguments: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, "aws_backup_plan", "databases")
        document["resource"]["aws_backup_plan"][name]["rule"][0]["copy_action"] = [arguments]
        return (f"aws_backup_plan.{name}",)

    return place


def without(*sids: str) -> Place:
    """The key's policy without statements."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, KEY, "")
        content = json.loads(document["resource"][KEY][name]["policy"])
        content["Statement"] = [one for one in content["Statement"] if one["Sid"] not in sids]
        document["resource"][KEY][name]["policy"] = json.dumps(content)
        return (f"{KEY}.{name}",)

    return place


def statement(sid: str, **elements: Any) -> Place:
    """Elements of a statement of the key's policy; None takes one out."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, KEY, "")
        content = json.loads(document["resource"][KEY][name]["policy"])
        (found,) = (one for one in content["Statement"] if one["Sid"] == sid)
        for key, value in elements.items():
            if value is None:
                found.pop(key)
            else:
                found[key] = value
        document["resource"][KEY][name]["policy"] = json.dumps(content)
        return (f"{KEY}.{name}",)

    return place


FAR = f"arn:aws:kms:eu-west-1:{OWN}:key/11111111-1111-1111-1111-111111111111"
CASES_BY_NAME = {
    "of AWS, Performance Insights": with_(
        INSTANCE, "blue-database_instance-1", performance_insights_kms_key_id="alias/aws/rds"
    ),
    "of AWS, Performance Insights by a data source": by_alias(
        with_(INSTANCE, "green-database_instance-2", performance_insights_kms_key_id=ALIAS), "alias/aws/rds"
    ),
    "of AWS, Performance Insights, none named": with_(
        INSTANCE,
        "green-database_instance-1",
        performance_insights_enabled=True,
        performance_insights_kms_key_id=None,
    ),
    "of AWS, Performance Insights of the cluster": with_(
        CLUSTER, "blue", performance_insights_enabled="true", performance_insights_kms_key_id="alias/aws/rds"
    ),
    "of AWS, the state machine's": with_(MACHINE, encryption_configuration={"type": "AWS_OWNED_KEY"}),
    "of AWS, the state machine's, not named": with_(MACHINE, encryption_configuration=None),
    "of AWS, the state machine's alias": by_alias(
        with_(MACHINE, encryption_configuration=[{"type": "CUSTOMER_MANAGED_KMS_KEY", "kms_key_id": ALIAS}]),
        "alias/aws/states",
    ),
    "of AWS, the snapshot's copy": new(
        "aws_db_cluster_snapshot_copy",
        "s",
        source_db_cluster_snapshot_identifier="a",
        tags={},
        target_db_cluster_snapshot_identifier="b",
        kms_key_id="alias/aws/rds",
    ),
    "of AWS, the copies' vault": several(
        new("aws_backup_vault", "far", name="far", tags={}, kms_key_arn="alias/aws/backup"),
        copies(destination_vault_arn="${aws_backup_vault.far.arn}"),
    ),
    "of AWS, the copy of an image": new(
        "aws_ebs_snapshot_copy",
        "s",
        source_snapshot_id="snap-1",
        source_region="us-east-1",
        encrypted=True,
        tags={},
    ),
    "of another region, a queue": with_(QUEUE, "switching_switch", kms_master_key_id=FAR),
    "of another region, a cluster": with_(
        CLUSTER, "green", kms_key_id=f"arn:aws:kms:us-west-2:{OWN}:alias/payments"
    ),
    "of another region, a provider's": several(
        with_("aws_secretsmanager_secret", "blue-credentials", kms_key_id="${aws_kms_replica_key.r.arn}"),
        new("aws_kms_replica_key", "r", provider="aws.west", primary_key_arn=ref(KEY), tags={}),
        lambda document: document["provider"]["aws"].append(
            document["provider"]["aws"][0] | {"alias": "west", "region": "us-west-2"}
        ),
    ),
    "can't encrypt, signs": with_(KEY, key_usage="SIGN_VERIFY", customer_master_key_spec="RSA_2048"),
    "can't encrypt, agrees": with_(KEY, key_usage="KEY_AGREEMENT", customer_master_key_spec="ECC_NIST_P256"),
    "can't encrypt, authenticates": with_(
        KEY, key_usage="GENERATE_VERIFY_MAC", customer_master_key_spec="HMAC_256"
    ),
    "can't encrypt, disabled": with_(KEY, is_enabled=False),
    "rotates in seven years": with_(KEY, rotation_period_in_days=2560),
    "rotates in two years, as text": with_(KEY, rotation_period_in_days="731"),
    "rotates never": with_(KEY, enable_key_rotation="0"),
    "everybody, halves": added(
        KEY,
        "",
        "policy",
        allow("kms:Decrypt", "*", Condition={"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
    ),
    "everybody, but one address": added(
        KEY,
        "",
        "policy",
        allow(
            ["kms:GenerateDataKey"],
            {"AWS": "*"},
            Condition={"NotIpAddress": {"aws:SourceIp": "192.0.2.1/32"}},
        ),
    ),
    "everybody, by IPv6": added(
        KEY,
        "",
        "policy",
        allow("kms:ReEncryptFrom", {"AWS": ["*"]}, Condition={"IpAddress": {"aws:SourceIp": "2000::/3"}}),
    ),
    "everybody, through a service": added(
        KEY,
        "",
        "policy",
        allow("kms:Decrypt", "*", Condition={"StringLike": {"kms:ViaService": "*.amazonaws.com"}}),
    ),
    "publishes, alarms of every account": added(
        TOPIC, "", "policy", allow("sns:Publish", {"Service": "cloudwatch.amazonaws.com"})
    ),
    "publishes, buckets of every account": added(
        TOPIC, "", "policy", allow(["SNS:Publish"], {"Service": ["s3.amazonaws.com"]})
    ),
    "publishes, backups of every account": added(
        TOPIC,
        "",
        "policy",
        allow(
            "sns:Publish",
            {"Service": "backup.amazonaws.com"},
            Condition={"Bool": {"aws:SecureTransport": "true"}},
        ),
    ),
    "publishes, to a queue": with_(
        QUEUE,
        "blue",
        policy=json.dumps({"Statement": allow("sqs:SendMessage", {"Service": "sns.amazonaws.com"})}),
    ),
    "publishes, with the key": added(
        KEY,
        "",
        "policy",
        allow(["kms:Decrypt", "kms:GenerateDataKey*"], {"Service": "cloudwatch.amazonaws.com"}),
    ),
    "publishes, from any rule to a queue": with_(
        QUEUE,
        "green",
        policy=json.dumps(
            {
                "Statement": allow(
                    "sqs:SendMessage",
                    {"Service": "events.amazonaws.com"},
                    Condition={"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}},
                )
            }
        ),
    ),
    "calls, from any topic": new(
        "aws_lambda_permission",
        "c",
        action="lambda:InvokeFunction",
        principal="sns.amazonaws.com",
        function_name=ref("aws_lambda_function", "blue"),
    ),
    "calls, from any log group": new(
        "aws_lambda_permission",
        "c",
        action="lambda:InvokeFunction",
        principal="logs.us-east-1.amazonaws.com",
        function_name=ref("aws_lambda_function", "green", "function_name"),
    ),
    "logs, of every account": added(
        "aws_cloudwatch_log_resource_policy",
        "",
        "policy_document",
        allow(
            ["logs:PutLogEvents"],
            {"Service": "delivery.logs.amazonaws.com"},
            [ref("aws_cloudwatch_log_group", "web")],
        ),
    ),
    "assumed, for every account's functions": with_(
        "aws_iam_role",
        "workflow",
        assume_role_policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "states.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:states:*:*:*"}},
                    }
                ],
            }
        ),
    ),
    "lacks the logs": without("LogGroups"),
    "lacks the alarms": without("AlarmsToTopics"),
    "lacks the events": without("EventsToTopics", "EventsToQueues"),
    "lacks the services' use": without("UseThroughServices"),
    "lacks the data keys of logs": statement("LogGroups", Action=["kms:DescribeKey"]),
    "lacks events, by a condition that they don't send": statement(
        "EventsToTopics", Condition={"StringEquals": {"aws:SourceAccount": OWN}}
    ),
    "lacks a region's logs": statement("LogGroups", Principal={"Service": "logs.eu-west-1.amazonaws.com"}),
    "lacks a service among those": statement(
        "UseThroughServices",
        Condition={
            "StringEquals": {"kms:CallerAccount": OWN, "kms:ViaService": ["s3.us-east-1.amazonaws.com"]}
        },
    ),
    "lacks alarms, denied": added(
        KEY,
        "",
        "policy",
        {
            "Effect": "Deny",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "kms:*",
            "Resource": "*",
        },
    ),
}
CASES = [Case(name, place) for name, place in CASES_BY_NAME.items()]
