"""Values that can't be known, and that count as good where one of our addresses stands in their text."""

from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document
from tests.policies.kinds import Case, data, new, ref, with_

Place = Callable[[Document], tuple[str, ...]]
KEY, CLUSTER, INSTANCE = "aws_kms_key", "aws_rds_cluster", "aws_rds_cluster_instance"
INGRESS, GROUP, TABLE = "aws_vpc_security_group_ingress_rule", "aws_security_group", "aws_dynamodb_table"


def call(text: str, type_: str = KEY, part: str = "", attribute: str = "arn") -> Any:
    """An expression with one of our addresses in it, as ADDRESS."""
    return lambda document: text.replace("ADDRESS", ref(type_, part, attribute)(document)[2:-1])


def admitting(value: Any, **arguments: Any) -> Place:
    return new(
        INGRESS,
        "u",
        security_group_id=ref(GROUP, "blue-database", "id"),
        ip_protocol="tcp",
        from_port=3306,
        to_port=3306,
        description="x",
        cidr_ipv4=value,
        **arguments,
    )


NULLS = {
    "one of nothing": with_(CLUSTER, "blue", kms_key_id=call("${one([for k in [ADDRESS] : k if false])}")),
    "a try": with_("aws_sns_topic", kms_master_key_id=call("${try(null, ADDRESS)}")),
    "a lookup": with_(
        "aws_sqs_queue", "green", kms_master_key_id=call('${lookup({a = ADDRESS}, "b", null)}')
    ),
    "an element": with_(
        TABLE,
        "sessions",
        server_side_encryption__kms_key_arn=call("${element([null, ADDRESS], length([ADDRESS]) + 1)}"),
    ),
    "a condition": with_(
        "aws_secretsmanager_secret",
        "blue-credentials",
        kms_key_id=call('${terraform.workspace == "x" ? ADDRESS : null}'),
    ),
    "a tag of it": with_("aws_backup_vault", kms_key_arn=call("${ADDRESS}", attribute='tags["Other"]')),
    "a text around it": with_(
        "aws_cloudwatch_log_group", "switching_switch", kms_key_id=call("${ADDRESS}-old")
    ),
    "its description": with_(
        "aws_ecr_repository",
        encryption_configuration=lambda document: [
            {"encryption_type": "KMS", "kms_key": call("${ADDRESS}", attribute="description")(document)}
        ],
    ),
    "a splat of nothing": with_(CLUSTER, "green", kms_key_id=call('${join("", slice([ADDRESS], 0, 0))}')),
}
FOREIGN = {
    "a subnet's range": data(
        "aws_subnet", "s", admitting("${data.aws_subnet.s.cidr_block}"), id="subnet-0a1b2c"
    ),
    "a network's range": data("aws_vpc", "v", admitting("${data.aws_vpc.v.cidr_block}"), default=True),
    "a range among ours": data(
        "aws_vpc",
        "v",
        with_(
            GROUP,
            "green-database",
            ingress=lambda document: [
                {
                    "from_port": 3306,
                    "to_port": 3306,
                    "protocol": "tcp",
                    "description": "x",
                    "cidr_blocks": [
                        ref("aws_vpc", "", "cidr_block")(document),
                        "${data.aws_vpc.v.cidr_block}",
                    ],
                }
            ],
        ),
        id="vpc-0a1b2c3d",
    ),
    "a range by the older rule": data(
        "aws_subnet",
        "s",
        new(
            "aws_security_group_rule",
            "u",
            type="ingress",
            security_group_id=ref(GROUP, "green_security", "id"),
            protocol="tcp",
            from_port=8443,
            to_port=8443,
            cidr_blocks=["${data.aws_subnet.s.cidr_block}"],
        ),
        id="subnet-1",
    ),
    "a group of theirs": data(
        "aws_security_group",
        "g",
        new(
            INGRESS,
            "u",
            security_group_id=ref(GROUP, "blue-database", "id"),
            ip_protocol="tcp",
            from_port=3306,
            to_port=3306,
            description="x",
            referenced_security_group_id="${data.aws_security_group.g.id}",
        ),
        id="sg-0a1b",
    ),
    "a parameter's value": data(
        "aws_ssm_parameter", "p", admitting("${data.aws_ssm_parameter.p.value}"), name="/x"
    ),
}
FLAGS = {
    "public, as a parameter says": data(
        "aws_ssm_parameter",
        "p",
        with_(INSTANCE, "blue-database_instance-1", publicly_accessible="${data.aws_ssm_parameter.p.value}"),
        name="/x",
    ),
    "public, as a network is": with_(
        INSTANCE, "green-database_instance-1", publicly_accessible=ref("aws_vpc", "", "enable_dns_support")
    ),
    "public tasks": data(
        "aws_ssm_parameter",
        "p",
        with_(
            "aws_ecs_service",
            "blue",
            network_configuration__assign_public_ip="${data.aws_ssm_parameter.p.value}",
        ),
        name="/x",
    ),
    "a shell, as a parameter says": data(
        "aws_ssm_parameter",
        "p",
        with_(
            "aws_ecs_service", "green", enable_execute_command="${data.aws_ssm_parameter.p.insecure_value}"
        ),
        name="/x",
    ),
    "an open subnet": with_(
        "aws_subnet",
        "application-us-east-1a",
        map_public_ip_on_launch=ref("aws_vpc", "", "enable_dns_hostnames"),
    ),
    "no last snapshot": with_(
        CLUSTER, "blue", skip_final_snapshot=ref("aws_db_subnet_group", "blue", 'tags["Environment"]')
    ),
}
CASES = [Case(name, place) for name, place in {**NULLS, **FOREIGN, **FLAGS}.items()]
