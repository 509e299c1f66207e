"""The switch's role: rights too many, too few, of the wrong thing, on conditions, in other documents."""

from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import OWN, Case, added, allow, data, new, ref, statements, with_
from tests.policies.kinds import _of as filled

Place = Callable[[Document], tuple[str, ...]]
ROLE, POLICY, FUNCTION = "aws_iam_role", "aws_iam_role_policy", "aws_lambda_function"
ATTACHMENT = "aws_iam_role_policy_attachment"
SWITCH = (ROLE, "switching_switch")


def _where(document: Document) -> tuple[str, ...]:
    """The function, the role, and its policies."""
    return (
        f"{FUNCTION}.{name_like(document, FUNCTION, 'switching_switch')}",
        f"{ROLE}.{name_like(document, *SWITCH)}",
        f"{POLICY}.{name_like(document, POLICY, 'switch_calls')}",
        f"{POLICY}.{name_like(document, POLICY, 'switch_runtime')}",
    )


def granted(*found: dict[str, Any], label: str = "m3") -> Place:
    """By a policy of its own beside the others."""

    def place(document: Document) -> tuple[str, ...]:
        body = {"role": ref(*SWITCH, "name")(document), "policy": statements(*filled(list(found), document))}
        document["resource"][POLICY][label] = body
        return (f"{POLICY}.{label}", *_where(document))

    return place


def appended(*found: dict[str, Any], part: str = "switch_calls") -> Place:
    """In the document that is there."""

    def place(document: Document) -> tuple[str, ...]:
        return edited(lambda all_: all_.extend(filled(list(found), document)), part)(document)

    return place


def edited(edit: Callable[[list[dict[str, Any]]], Any], part: str = "switch_calls") -> Place:
    import json  # noqa: PLC0415

    def place(document: Document) -> tuple[str, ...]:
        body = document["resource"][POLICY][name_like(document, POLICY, part)]
        content = json.loads(body["policy"])
        edit(content["Statement"])
        body["policy"] = json.dumps(content)
        return _where(document)

    return place


def inline(*found: dict[str, Any]) -> Place:
    """In the role itself."""

    def place(document: Document) -> tuple[str, ...]:
        block = {"name": "more", "policy": statements(*filled(list(found), document))}
        document["resource"][ROLE][name_like(document, *SWITCH)]["inline_policy"] = block
        return _where(document)

    return place


def managed(*found: dict[str, Any], exclusive: bool = False) -> Place:
    """By a managed policy of the stack."""

    def place(document: Document) -> tuple[str, ...]:
        policy = statements(*filled(list(found), document))
        document["resource"]["aws_iam_policy"] = {"n2": {"name": "more", "policy": policy, "tags": {}}}
        type_ = "aws_iam_role_policy_attachments_exclusive" if exclusive else ATTACHMENT
        role, arn = ref(*SWITCH, "name")(document), "${aws_iam_policy.n2.arn}"
        body = {"role_name": role, "policy_arns": [arn]} if exclusive else {"role": role, "policy_arn": arn}
        document["resource"].setdefault(type_, {})["n2"] = body
        return ("aws_iam_policy.n2", f"{type_}.n2", *_where(document))

    return place


def by_data(*found: dict[str, Any]) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        statement = [
            {"actions": one["Action"], "resources": filled(one["Resource"], document)} for one in found
        ]
        places: tuple[str, ...] = data(
            "aws_iam_policy_document",
            "d5",
            lambda document: (
                new(POLICY, "m5", role=ref(*SWITCH, "id"), policy="${data.aws_iam_policy_document.d5.json}")(
                    document
                )
                + _where(document)
            ),
            statement=statement,
        )(document)
        return places

    return place


SECRET = ref("aws_secretsmanager_secret", "green-credentials")
KEY, TOPIC = ref("aws_kms_key"), ref("aws_sns_topic")
LOGS = ref("aws_cloudwatch_log_group", "switching_switch")
FIREWALL, BALANCER = ref("aws_wafv2_web_acl"), ref("aws_lb")
EXCESS = {
    "secrets, their values": granted(allow(["secretsmanager:GetSecretValue"], resource=[SECRET])),
    "secrets, many at once": inline(allow(["secretsmanager:BatchGetSecretValue"], resource="*")),
    "secrets, the versions": managed(allow(["secretsmanager:ListSecretVersionIds"], resource=[SECRET])),
    "keys, deleted": appended(allow(["kms:ScheduleKeyDeletion"], resource=[KEY])),
    "keys, granted": by_data(allow(["kms:CreateGrant"], resource=[KEY])),
    "keys, signed with": managed(allow(["kms:Sign", "kms:Verify"], resource=[KEY]), exclusive=True),
    "subscriptions, added": appended(allow("sns:Subscribe", resource=TOPIC)),
    "subscriptions, listed": granted(allow(["sns:ListSubscriptionsByTopic"], resource=[TOPIC])),
    "subscriptions, changed": by_data(allow(["sns:SetSubscriptionAttributes"], resource=[TOPIC])),
    "logs, deleted": appended(allow(["logs:DeleteLogGroup"], resource=[LOGS]), part="switch_runtime"),
    "logs, read": managed(allow(["logs:FilterLogEvents"], resource=[LOGS])),
    "logs, kept shorter": inline(allow("logs:PutRetentionPolicy", resource=[LOGS])),
    "firewall, taken off": granted(allow(["wafv2:DisassociateWebACL"], resource=[BALANCER])),
    "firewall, its rules": by_data(allow(["wafv2:UpdateWebACL"], resource=[FIREWALL])),
    "firewall, associated": managed(allow("elasticloadbalancing:SetWebAcl", resource="*")),
    "records, their history": granted(
        allow(["ssm:GetParameterHistory"], resource=[ref("aws_ssm_parameter", "active")])
    ),
    "a role assumed": inline(allow(["sts:AssumeRole"], resource=[ref(ROLE, "backup")])),
    "events sent": granted(
        allow(["events:PutEvents"], resource=[f"arn:aws:events:us-east-1:{OWN}:event-bus/default"])
    ),
}


def without(*actions: str, part: str = "switch_calls") -> Place:
    def edit(found: list[dict[str, Any]]) -> None:
        for statement in found:
            statement["Action"] = [action for action in statement["Action"] if action not in actions]
        found[:] = [statement for statement in found if statement["Action"]]

    return edited(edit, part)


def of(action: str, **elements: Any) -> Place:
    """Elements of the statement about an action; None takes one out."""

    def place(document: Document) -> tuple[str, ...]:
        def edit(found: list[dict[str, Any]]) -> None:
            for statement in found:
                if action in statement["Action"]:
                    statement.update(filled(elements, document))

        part = (
            "switch_runtime" if action.partition(":")[0] in ("kms", "logs", "sqs", "ec2") else "switch_calls"
        )
        return edited(edit, part)(document)

    return place


LACKING = {
    "control table, written": without("dynamodb:UpdateItem"),
    "control table, read": without("dynamodb:GetItem", "dynamodb:Query"),
    "control table, denied": appended(
        {
            "Effect": "Deny",
            "Action": "dynamodb:Put*",
            "Resource": [ref("aws_dynamodb_table", "control")],
        }
    ),
    "databases, the clusters": without("rds:DescribeDBClusters"),
    "databases, the instances": without("rds:DescribeDBInstances"),
    "databases, one of two": of("rds:DescribeDBClusters", Resource=[ref("aws_rds_cluster", "blue")]),
    "workflow, started": without("states:StartExecution"),
    "workflow, denied": inline({"Effect": "Deny", "Action": ["states:*"], "Resource": "*"}),
    "workflow, another one": of(
        "states:StartExecution", Resource=[f"arn:aws:states:us-east-1:{OWN}:stateMachine:other"]
    ),
    "keys, of the table": without("kms:Decrypt", part="switch_runtime"),
    "keys, through no service": of(
        "kms:Decrypt", Condition={"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    ),
    "keys, another": of("kms:GenerateDataKey", Resource=[f"arn:aws:kms:us-east-1:{OWN}:key/1"]),
    "alarms": without("cloudwatch:DescribeAlarms"),
    "topic": without("sns:Publish"),
    "secrets": without("secretsmanager:DescribeSecret"),
    "its logs": without("logs:PutLogEvents", part="switch_runtime"),
}

NEVER = {
    "a tag of the role": of(
        "elasticloadbalancing:ModifyListener", Condition={"StringEquals": {"aws:PrincipalTag/team": "x"}}
    ),
    "another region": of(
        "elasticloadbalancing:DescribeListeners",
        Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    ),
    "a date that is over": of(
        "ssm:PutParameter", Condition={"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
    ),
    "a second factor": of("sns:Publish", Condition={"Bool": {"aws:MultiFactorAuthPresent": True}}),
    "an address": of("dynamodb:UpdateItem", Condition={"IpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}}),
    "no transport": of("rds:DescribeDBClusters", Condition={"Bool": {"aws:SecureTransport": "false"}}),
}
WRONG = {
    "the sessions' table": of("dynamodb:UpdateItem", Resource=[ref("aws_dynamodb_table", "sessions")]),
    "a topic as a parameter": of("ssm:PutParameter", Resource=[TOPIC]),
    "a key as a topic": of("sns:Publish", Resource=KEY),
    "a bucket as a secret": of("secretsmanager:DescribeSecret", Resource=[ref("aws_s3_bucket")]),
}

AWS = "arn:aws:iam::aws:policy/"


def attached(arn: str, type_: str = ATTACHMENT, **arguments: Any) -> Place:
    given = arguments or {"role": ref(*SWITCH, "name"), "policy_arn": arn}
    return lambda document: new(type_, "a7", **given)(document) + _where(document)


DOCUMENTS = {
    "a boundary elsewhere": with_(*SWITCH, permissions_boundary=f"arn:aws:iam::{OWN}:policy/limits"),
    "a boundary of AWS": with_(*SWITCH, permissions_boundary=f"{AWS}PowerUserAccess"),
    "a boundary that leaves half": lambda document: (
        new(
            "aws_iam_policy",
            "b",
            name="b",
            tags={},
            policy=statements(allow(["elasticloadbalancing:*", "logs:*"])),
        )(document)
        + with_(*SWITCH, permissions_boundary="${aws_iam_policy.b.arn}")(document)
        + _where(document)
    ),
    "attached, elsewhere": attached(f"arn:aws:iam::{OWN}:policy/switch-extra"),
    "attached, by a list": attached(
        "",
        "aws_iam_policy_attachment",
        name="x",
        roles=[ref(*SWITCH, "name")],
        policy_arn=f"arn:aws:iam::{OWN}:policy/extra",
    ),
    "attached, exclusively": attached(
        "",
        "aws_iam_role_policy_attachments_exclusive",
        role_name=ref(*SWITCH, "name"),
        policy_arns=[f"arn:aws:iam::{OWN}:policy/a"],
    ),
    "of AWS, read-only": attached(f"{AWS}SecretsManagerReadWrite"),
    "of AWS, on the role": with_(*SWITCH, managed_policy_arns=[f"{AWS}AmazonSNSReadOnlyAccess"]),
    "of AWS, by a data source": data(
        "aws_iam_policy",
        "ro",
        attached("${data.aws_iam_policy.ro.arn}"),
        arn=f"{AWS}AmazonDynamoDBReadOnlyAccess",
    ),
}

WHO = {"AWS": ref(*SWITCH)}
OTHERS = {
    "a secret's policy": added(
        "aws_secretsmanager_secret_policy",
        "blue-credentials",
        "policy",
        allow(["secretsmanager:GetSecretValue"], WHO),
    ),
    "a bucket's policy": added(
        "aws_s3_bucket_policy", "", "policy", allow(["s3:GetObject"], WHO, ref("aws_s3_bucket"))
    ),
    "a topic's policy": added("aws_sns_topic_policy", "", "policy", allow("sns:DeleteTopic", WHO)),
    "a queue's policy": added("aws_sqs_queue_policy", "workflow", "policy", allow("sqs:ReceiveMessage", WHO)),
}
TRUSTED = {
    "another function": with_(
        *SWITCH,
        assume_role_policy=statements(
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnEquals": {"aws:SourceArn": f"arn:aws:lambda:us-east-1:{OWN}:function:other"}
                },
            }
        ),
    ),
    "the account": added(
        *SWITCH,
        "assume_role_policy",
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}, "Action": "sts:AssumeRole"},
    ),
    "another service": added(
        *SWITCH,
        "assume_role_policy",
        {
            "Effect": "Allow",
            "Principal": {"Service": "edgelambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": OWN}},
        },
    ),
}
APART = {
    "another listener": appended(
        allow(["elasticloadbalancing:ModifyListener"], resource=[ref("aws_lb_listener", "http_")])
    ),
    "another topic": appended(allow(["sns:Publish"], resource=[f"arn:aws:sns:us-east-1:{OWN}:other"])),
    "denied, but in a region": inline(
        {
            "Effect": "Deny",
            "Action": "elasticloadbalancing:Modify*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
        }
    ),
}

GROUPS = {
    "by others": OTHERS,
    "trusted": TRUSTED,
    "apart": APART,
    "too much": EXCESS,
    "too little": LACKING,
    "never": NEVER,
    "wrong": WRONG,
    "documents": DOCUMENTS,
}
CASES = [
    Case(f"{group}: {name}", place) for group, places in GROUPS.items() for name, place in places.items()
]
