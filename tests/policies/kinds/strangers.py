"""Another account, organisation or identity provider gets in, named in full."""

import json
from typing import Any

from tests.policies.harness import Document
from tests.policies.kinds import OWN, Case, added, allow, data, new, ref, several, statements, with_

ONE, OTHER, THIRD = "444455556666", "777788889999", "600000000001"
ROLE = f"arn:aws:iam::{ONE}:role/ops/reader"
ROOT = {"AWS": f"arn:aws:iam::{OTHER}:root"}
USER = {"AWS": [f"arn:aws:iam::{OWN}:root", f"arn:aws:iam::{THIRD}:user/anna"]}
PLAIN = {"AWS": ONE}
SESSION = {"AWS": f"arn:aws:sts::{OTHER}:assumed-role/ops/anna"}
ORGANISATION = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
PATHS = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}}
IN_ACCOUNT = {"StringEquals": {"aws:PrincipalAccount": ONE}}
ON_BEHALF = {"StringEquals": {"aws:SourceAccount": [OWN, OTHER]}}
OF_ARN = {"ArnLike": {"aws:SourceArn": f"arn:aws:events:us-east-1:{THIRD}:rule/*"}}

KEY, SECRET, QUEUE = "aws_kms_key", "aws_secretsmanager_secret", "aws_sqs_queue"
SWITCH = ("aws_lambda_function", "switching_switch")


def policy(action: Any, principal: Any, **more: Any) -> str:
    return statements(allow(action, principal, **more))


def backend(**arguments: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        document["terraform"]["backend"] = {
            "s3": {
                "bucket": "state",
                "key": "k",
                "region": "us-east-1",
                "encrypt": True,
                "use_lockfile": True,
                "kms_key_id": "alias/terraform-state",
                **arguments,
            }
        }
        return ("local", "terraform")

    return place


def provider(name: str = "aws", **arguments: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        first = document["provider"]["aws"][0]
        if "alias" in arguments:
            document["provider"]["aws"].append(first | arguments)
            return (f"provider.aws.{arguments['alias']}",)
        first |= arguments
        return (f"provider.{name}",)

    return place


def container(**arguments: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        name = next(n for n in document["resource"]["aws_ecs_task_definition"] if "green" in n)
        body = document["resource"]["aws_ecs_task_definition"][name]
        found = json.loads(body["container_definitions"])
        found[0] |= arguments
        body["container_definitions"] = json.dumps(found)
        return (f"aws_ecs_task_definition.{name}",)

    return place


def vault_rule(**arguments: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        name = next(n for n in document["resource"]["aws_backup_plan"] if "databases" in n)
        document["resource"]["aws_backup_plan"][name]["rule"][0] |= arguments
        return (f"aws_backup_plan.{name}",)

    return place


DIGEST = "sha256:" + "d" * 64
PRINCIPALS = {
    # keys
    "key, a role": added(KEY, "", "policy", allow("kms:Decrypt", {"AWS": ROLE})),
    "key, a grant to an account": added(KEY, "", "policy", allow(["kms:CreateGrant"], PLAIN)),
    "key, a policy of its own for an organisation": new(
        "aws_kms_key_policy",
        "p7",
        key_id=ref(KEY, attribute="key_id"),
        policy=policy("kms:GenerateDataKey", {"AWS": "*"}, Condition=ORGANISATION),
    ),
    "key, a service for another account": added(
        KEY, "", "policy", allow("kms:Decrypt", {"Service": "sqs.amazonaws.com"}, Condition=ON_BEHALF)
    ),
    # secrets
    "secret, its policy argument": with_(
        SECRET, "green-credentials", policy=policy("secretsmanager:GetSecretValue", SESSION)
    ),
    "secret, a second principal": added(
        "aws_secretsmanager_secret_policy",
        "blue-credentials",
        "policy",
        allow("secretsmanager:GetSecretValue", USER),
    ),
    "secret, by the account as a condition": added(
        "aws_secretsmanager_secret_policy",
        "green-credentials",
        "policy",
        allow("secretsmanager:DescribeSecret", "*", Condition=IN_ACCOUNT),
    ),
    # tables
    "table, a policy of its own": new(
        "aws_dynamodb_resource_policy",
        "x",
        resource_arn=ref("aws_dynamodb_table", "sessions"),
        policy=policy("dynamodb:GetItem", ROOT),
    ),
    "table, a stream's reader": new(
        "aws_dynamodb_resource_policy",
        "x",
        resource_arn=ref("aws_dynamodb_table", "control", "stream_arn"),
        policy=policy("dynamodb:GetRecords", PLAIN),
    ),
    "table, restored from another account": with_(
        "aws_dynamodb_table",
        "sessions",
        restore_source_table_arn=f"arn:aws:dynamodb:us-east-1:{ONE}:table/sessions",
    ),
    # queues
    "queue, its argument": with_(QUEUE, "green", policy=policy("sqs:ReceiveMessage", PLAIN)),
    "queue, its policy": added("aws_sqs_queue_policy", "switch", "policy", allow("sqs:SendMessage", USER)),
    "queue, a rule of another account": added(
        "aws_sqs_queue_policy",
        "blue",
        "policy",
        allow("sqs:SendMessage", {"Service": "events.amazonaws.com"}, Condition=OF_ARN),
    ),
    # buckets
    "bucket, a reader": added("aws_s3_bucket_policy", "", "policy", allow("s3:GetObject", ROOT)),
    "bucket, an access list": new(
        "aws_s3_bucket_acl",
        "g1",
        bucket=ref("aws_s3_bucket", attribute="id"),
        access_control_policy=[
            {
                "owner": {"id": "a" * 64},
                "grant": [
                    {"permission": "READ", "grantee": {"type": "CanonicalUser", "id": "79a59df900b949e5" * 4}}
                ],
            }
        ],
    ),
    "bucket, a canonical user": added(
        "aws_s3_bucket_policy",
        "",
        "policy",
        allow("s3:ListBucket", {"CanonicalUser": "79a59df900b949e5" * 4}),
    ),
    # registries
    "registry, a puller": new(
        "aws_ecr_repository_policy",
        "p",
        repository=ref("aws_ecr_repository", attribute="name"),
        policy=policy("ecr:BatchGetImage", {"AWS": [ROLE]}),
    ),
    "registry, an organisation's path": new(
        "aws_ecr_repository_policy",
        "p",
        repository=ref("aws_ecr_repository", attribute="name"),
        policy=policy("ecr:GetDownloadUrlForLayer", "*", Condition=PATHS),
    ),
    "registry, of the account": new(
        "aws_ecr_registry_policy", "p", policy=policy("ecr:ReplicateImage", ROOT)
    ),
    # vaults
    "vault, a copier": added(
        "aws_backup_vault_policy", "", "policy", allow("backup:CopyIntoBackupVault", PLAIN)
    ),
    "vault, an organisation": added(
        "aws_backup_vault_policy",
        "",
        "policy",
        allow("backup:CopyIntoBackupVault", {"AWS": "*"}, Condition=ORGANISATION),
    ),
    "vault, a reader exempt from the lock": added(
        "aws_backup_vault_policy",
        "",
        "policy",
        {
            "Effect": "Deny",
            "NotPrincipal": {"AWS": ROLE},
            "Action": "backup:StartRestoreJob",
            "Resource": "*",
        },
    ),
    # buses
    "bus, a permission": new("aws_cloudwatch_event_permission", "x", principal=OTHER, statement_id="Partner"),
    "bus, its policy": new("aws_cloudwatch_event_bus_policy", "x", policy=policy("events:PutEvents", PLAIN)),
    "bus, a rule on a stranger's events": with_(
        "aws_cloudwatch_event_rule",
        "workflow",
        event_pattern=json.dumps({"account": [THIRD], "source": ["payments"]}),
    ),
    # log groups
    "log group, a subscriber": added(
        "aws_cloudwatch_log_resource_policy", "", "policy_document", allow("logs:PutSubscriptionFilter", ROOT)
    ),
    "log group, a service for another account": added(
        "aws_cloudwatch_log_resource_policy",
        "",
        "policy_document",
        allow("logs:PutLogEvents", {"Service": "delivery.logs.amazonaws.com"}, Condition=ON_BEHALF),
    ),
    "log group, a policy of its own": new(
        "aws_cloudwatch_log_resource_policy",
        "l2",
        policy_name="l2",
        policy_document=policy(["logs:GetLogEvents"], {"AWS": ["*"]}, Condition=IN_ACCOUNT),
    ),
    # functions
    "function, an account": new(
        "aws_lambda_permission",
        "i1",
        action="lambda:InvokeFunction",
        principal=ONE,
        function_name=ref(*SWITCH, "function_name"),
    ),
    "function, an organisation": new(
        "aws_lambda_permission",
        "i1",
        action="lambda:InvokeFunction",
        principal="*",
        principal_org_id="o-a1b2c3d4e5",
        function_name=ref(*SWITCH, "arn"),
    ),
    "function, a service for another account": new(
        "aws_lambda_permission",
        "i1",
        action="lambda:InvokeFunction",
        principal="sns.amazonaws.com",
        source_arn=f"arn:aws:sns:us-east-1:{OTHER}:orders",
        function_name=ref(*SWITCH, "arn"),
    ),
    # topics, roles
    "topic, a subscriber": added(
        "aws_sns_topic_policy", "", "policy", allow(["sns:Subscribe", "sns:Receive"], USER)
    ),
    "topic, its argument": with_("aws_sns_topic", policy=policy("sns:Publish", PLAIN)),
    "role, an account": added(
        "aws_iam_role",
        "blue_role",
        "assume_role_policy",
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": ROOT,
            "Condition": {"StringEquals": {"sts:ExternalId": "7f2c"}},
        },
    ),
    "role, an identity provider": added(
        "aws_iam_role",
        "switching_switch",
        "assume_role_policy",
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/idp.example.net/tenant"},
            "Condition": {"StringEquals": {"idp.example.net/tenant:sub": "deploy"}},
        },
    ),
    "role, a public identity provider": added(
        "aws_iam_role",
        "backup",
        "assume_role_policy",
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "accounts.google.com"},
            "Condition": {"StringEquals": {"accounts.google.com:sub": "1234567"}},
        },
    ),
    "role, users of a directory": added(
        "aws_iam_role",
        "green_role",
        "assume_role_policy",
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithSAML",
            "Principal": {"Federated": f"arn:aws:iam::{OWN}:saml-provider/partner"},
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        },
    ),
    "role, by an unknown id": added(
        "aws_iam_role",
        "workflow",
        "assume_role_policy",
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "AROAEXAMPLEID7Q3K5M2P"}},
    ),
    "clients, a stranger's login": with_(
        "aws_lb_listener",
        "https",
        default_action=lambda document: [
            {
                "order": 1,
                "type": "authenticate-oidc",
                "authenticate_oidc": {
                    "issuer": "https://login.example.net",
                    "authorization_endpoint": "https://login.example.net/a",
                    "token_endpoint": "https://login.example.net/t",
                    "client_id": "x",
                    "user_info_endpoint": "https://login.example.net/u",
                },
            },
            *(
                {**action, "order": 2}
                for action in next(
                    body for name, body in document["resource"]["aws_lb_listener"].items() if "https" in name
                )["default_action"]
            ),
        ],
    ),
}

OWNERS = {
    "layer of another account": with_(*SWITCH, layers=[f"arn:aws:lambda:us-east-1:{ONE}:layer:telemetry:7"]),
    "layer of a vendor, on the rotation": with_(
        "aws_lambda_function", "blue", layers=[f"arn:aws:lambda:us-east-1:{THIRD}:layer:agent:112"]
    ),
    "layer in two pieces": with_(
        *SWITCH, layers=[f'${{join(":", ["arn:aws:lambda:us-east-1", "{OTHER}", "layer", "x", "1"])}}']
    ),
    "image of another account": container(image=f"{ONE}.dkr.ecr.us-east-1.amazonaws.com/app@{DIGEST}"),
    "image of a public registry": container(image=f"ghcr.io/partner/payments@{DIGEST}"),
    "image of a function": new(
        "aws_lambda_function",
        "im",
        function_name="im",
        package_type="Image",
        role=ref("aws_iam_role", "switching_switch"),
        image_uri=f"{OTHER}.dkr.ecr.us-east-1.amazonaws.com/hook@{DIGEST}",
    ),
    "image by its hub name": container(image=f"partner/payments@{DIGEST}"),
    "key of a queue": with_(
        QUEUE,
        "switching_switch",
        kms_master_key_id=f"arn:aws:kms:us-east-1:{ONE}:key/{'1' * 8}-1111-1111-1111-{'1' * 12}",
    ),
    "key of a database, by a data source": data(
        "aws_kms_key",
        "far",
        with_("aws_rds_cluster", "blue", kms_key_id="${data.aws_kms_key.far.arn}"),
        key_id=f"arn:aws:kms:us-east-1:{OTHER}:alias/shared",
    ),
    "key of a secret, an alias": with_(
        SECRET, "blue-credentials", kms_key_id=f"arn:aws:kms:us-east-1:{THIRD}:alias/payments"
    ),
    "vault of copies": vault_rule(
        copy_action=[{"destination_vault_arn": f"arn:aws:backup:us-west-2:{ONE}:backup-vault:far"}]
    ),
    "vault as the target": vault_rule(target_vault_name=f"arn:aws:backup:us-east-1:{OTHER}:backup-vault:far"),
    "vault of copies, as an object": vault_rule(
        copy_action={
            "destination_vault_arn": f"arn:aws:backup:eu-west-1:{THIRD}:backup-vault:x",
            "lifecycle": {"delete_after": 9},
        }
    ),
    "bucket of the flow log": with_(
        "aws_flow_log",
        log_destination=f"arn:aws:s3:::flow-logs-of-{ONE}",
        log_destination_type="s3",
        iam_role_arn=None,
    ),
    "bucket of the access log": with_(
        "aws_lb", access_logs={"bucket": "partner-access-logs", "enabled": True}
    ),
    "bucket of a function's package": with_(
        "aws_lambda_function", "green", filename=None, s3_bucket="partner-artifacts", s3_key="rotation.zip"
    ),
    "bucket of the web firewall's log": with_(
        "aws_wafv2_web_acl_logging_configuration",
        log_destination_configs=["arn:aws:s3:::aws-waf-logs-partner"],
    ),
    "topic of an alarm": with_(
        "aws_cloudwatch_composite_alarm", "blue", alarm_actions=[f"arn:aws:sns:us-east-1:{ONE}:pager"]
    ),
    "topic of a target": with_(
        "aws_cloudwatch_event_target", "key-changed", arn=f"arn:aws:sns:us-east-1:{OTHER}:pager"
    ),
    "topic in the environment": with_(
        *SWITCH, environment__variables__TOPIC_ARN=f"arn:aws:sns:us-east-1:{THIRD}:pager"
    ),
    "log destination of the flow log": with_(
        "aws_flow_log", log_destination=f"arn:aws:logs:us-east-1:{ONE}:log-group:flows"
    ),
    "log destination of the firewall": with_(
        "aws_wafv2_web_acl_logging_configuration",
        log_destination_configs=[f"arn:aws:firehose:us-east-1:{OTHER}:deliverystream/aws-waf-logs-x"],
    ),
    "log destination of the workflow": with_(
        "aws_sfn_state_machine",
        logging_configuration__log_destination=(f"arn:aws:logs:us-east-1:{THIRD}:log-group:w:*"),
    ),
    "log destination, a subscription": new(
        "aws_cloudwatch_log_subscription_filter",
        "s",
        name="s",
        filter_pattern="",
        log_group_name="x",
        destination_arn=f"arn:aws:logs:us-east-1:{THIRD}:destination:sink",
    ),
    "peer by its own type": new(
        "aws_vpc_peering_connection",
        "p",
        vpc_id=ref("aws_vpc", attribute="id"),
        peer_vpc_id="vpc-0a1b2c3d",
        peer_owner_id=ONE,
    ),
    "peer on a route": new(
        "aws_route",
        "p",
        route_table_id=ref("aws_route_table", "database", "id"),
        destination_cidr_block="10.99.0.0/16",
        vpc_peering_connection_id="pcx-0a1b2c3d4e5f60718",
    ),
    "peer by an endpoint": new(
        "aws_vpc_endpoint",
        "p",
        vpc_id=ref("aws_vpc", attribute="id"),
        vpc_endpoint_type="Interface",
        service_name="com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f60718",
        tags={},
    ),
    "peer by a group of another account": new(
        "aws_vpc_security_group_ingress_rule",
        "p",
        description="partner",
        ip_protocol="tcp",
        from_port=8443,
        to_port=8443,
        security_group_id=ref("aws_security_group", "blue_security", "id"),
        referenced_security_group_id=f"{ONE}/sg-0a1b2c3d4e5f60718",
    ),
    "share by name": new("aws_ram_resource_share", "r", name="subnets", allow_external_principals=True),
    "share with a principal": new(
        "aws_ram_principal_association", "r", principal=ONE, resource_share_arn="x"
    ),
    "share of a subnet": new(
        "aws_ram_resource_association",
        "r",
        resource_arn=ref("aws_subnet", "database-us-east-1a"),
        resource_share_arn=f"arn:aws:ram:us-east-1:{ONE}:resource-share/1",
    ),
    "snapshot of another account": with_(
        "aws_rds_cluster", "green", snapshot_identifier=f"arn:aws:rds:us-east-1:{OTHER}:cluster-snapshot:seed"
    ),
    "boundary of another account": with_(
        "aws_iam_role", "backup", permissions_boundary=f"arn:aws:iam::{ONE}:policy/limit"
    ),
    "certificate of another account": with_(
        "aws_lb_listener",
        "https",
        certificate_arn=f"arn:aws:acm:us-east-1:{THIRD}:certificate/00000000-0000-4000-8000-000000000003",
    ),
}

ASSUMED = {
    "provider, a role": provider(assume_role=[{"role_arn": ROLE}]),
    "provider, a chain of roles": provider(
        assume_role=[{"role_arn": f"arn:aws:iam::{OWN}:role/a"}, {"role_arn": ROLE, "external_id": "x"}]
    ),
    "provider, a second one": provider(alias="far", allowed_account_ids=[ONE]),
    "provider, a token for a role": provider(
        assume_role_with_web_identity={"role_arn": f"arn:aws-us-gov:iam::{THIRD}:role/x"}
    ),
    "provider, another account": provider(allowed_account_ids=[OTHER]),
    "backend, a role": backend(assume_role={"role_arn": ROLE}),
    "backend, a role in the old way": backend(role_arn=f"arn:aws:iam::{THIRD}:role/state"),
    "backend, an account": backend(allowed_account_ids=[ONE]),
    "backend, a key": backend(kms_key_id=f"arn:aws:kms:us-east-1:{OTHER}:alias/state"),
}
INDIRECT = {
    "by a document of a data source": data(
        "aws_iam_policy_document",
        "d",
        with_("aws_sns_topic_policy", policy="${data.aws_iam_policy_document.d.json}"),
        statement=[
            {
                "actions": ["sns:Publish"],
                "resources": ["*"],
                "principals": [{"type": "AWS", "identifiers": [ONE]}],
            }
        ],
    ),
    "by an encoded object": with_(
        "aws_sqs_queue_policy",
        "green",
        policy=(
            f'${{jsonencode({{Statement = [{{Effect = "Allow", Principal = {{AWS = "{OTHER}"}}, '
            'Action = "sqs:*", Resource = "*"}]})}'
        ),
    ),
    "by a data source's repository": data(
        "aws_ecr_image",
        "i",
        container(image="${data.aws_ecr_image.i.image_uri}"),
        registry_id=ONE,
        repository_name="payments",
        image_tag="1",
    ),
    "by a number": new(
        "aws_lambda_permission",
        "n",
        action="lambda:InvokeFunction",
        principal=444455556666,
        function_name=ref(*SWITCH, "arn"),
    ),
    "by two roles of which one is ours": added(
        KEY, "", "policy", allow("kms:Decrypt", {"AWS": [ref("aws_iam_role", "backup"), ROLE]})
    ),
    "behind a condition that holds for anybody": added(
        KEY,
        "",
        "policy",
        allow("kms:Decrypt", "*", Condition={"ForAllValues:StringEquals": {"aws:PrincipalAccount": OWN}}),
    ),
    "behind a condition that may be absent": added(
        "aws_sns_topic_policy",
        "",
        "policy",
        allow("sns:Publish", "*", Condition={"StringEqualsIfExists": {"aws:SourceAccount": OWN}}),
    ),
    "behind a pattern of accounts": added(
        "aws_sqs_queue_policy",
        "blue",
        "policy",
        allow("sqs:SendMessage", "*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ops"}}),
    ),
}

CASES = [Case(name, place) for name, place in {**PRINCIPALS, **OWNERS, **ASSUMED, **INDIRECT}.items()]
_ = several
