"""Tags, regions, health checks and outputs: each clause in three forms."""

import json
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, ref, with_

GROUP = "aws_lb_target_group"


def tag(type_: str, part: str, **tags: Any) -> Any:
    return with_(type_, part, **{f"tags__{key}": value for key, value in tags.items()})


def provider(**arguments: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        document["provider"]["aws"][0] |= arguments
        return ("provider.aws",)

    return place


def check(colour: str, **changes: Any) -> Any:
    return with_(GROUP, colour, **{f"health_check__{key}": value for key, value in changes.items()})


def output(name: str, value: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        document["output"][name]["value"] = value(document) if callable(value) else value
        return (f"output.{name}",)

    return place


def connection(colour: str, key: str, value: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        document["output"]["connection_info"]["value"][colour][key] = value(document)
        return ("output.connection_info",)

    return place


NOTHING = [
    Case("an empty local", tag("aws_sns_topic", "", CostCenter='${join("", [])}')),
    Case("a trimmed space", tag("aws_vpc", "", Environment='${trimspace("  ")}')),
    Case("a replaced word", tag("aws_kms_key", "", MigrationPhase='${replace("x", "x", "")}')),
    Case("a word of no letters", tag("aws_lb", "", CostCenter='${lower("")}')),
    Case(
        "of an attribute that is empty",
        tag("aws_sqs_queue", "switching_switch_", CostCenter="${aws_vpc.x.ipv6_association_id}"),
    ),
]
REGIONS = [
    Case("a zone", provider(region="us-east-1a")),
    Case("a city", provider(region="frankfurt")),
    Case("a number that there is none of", provider(region="us-east-9")),
    Case("a geography that there is none of", provider(region="xx-west-1")),
    Case("a direction too many", provider(region="eu-northsouth-1")),
]
WIDE = [
    Case("everything", check("blue", matcher="200-499")),
    Case("errors too", check("green", matcher="200,500")),
    Case("redirects", check("blue", matcher="301")),
    Case("not found", check("green", matcher="200-299,404")),
    Case("only a connection", check("blue", protocol="TCP", matcher=None, path=None)),
    Case("plain HTTP at the port of TLS", check("green", protocol="HTTP")),
    Case("what is checked by default", check("blue", protocol=None)),
]
LONG = [
    Case("half an hour", check("green", interval=300, unhealthy_threshold=6)),
    Case("many failures", check("blue", unhealthy_threshold="10", interval="60")),
    Case("many successes", check("green", healthy_threshold=10, interval=120)),
]
IMPOSSIBLE = [
    Case("a timeout above the interval", check("blue", timeout=30, interval=10)),
    Case("a timeout of the interval", check("green", timeout="10", interval="10")),
    Case("a threshold of one", check("blue", unhealthy_threshold=1)),
    Case("a port of no listener", check("green", port="9")),
    Case("addresses of no network", with_(GROUP, "blue", vpc_id=None)),
]
OTHER = [
    Case(
        "the name of another function",
        output("switch_lambda_name", ref("aws_lambda_function", "blue-cred", "function_name")),
    ),
    Case("the control table", output("dynamodb_table_name", ref("aws_dynamodb_table", "control", "name"))),
    Case("the alias' name", output("kms_key_id", ref("aws_sns_topic", "", "kms_master_key_id"))),
    Case("an address of a database", output("alb_dns_name", ref("aws_rds_cluster", "blue", "endpoint"))),
    Case("a subnet", output("vpc_id", ref("aws_subnet", "public-us-east-1a", "id"))),
    Case("a literal", output("backup_vault_name", "payments")),
    Case(
        "the status' parameter",
        output("active_environment_parameter", ref("aws_ssm_parameter", "migration-status", "name")),
    ),
    Case(
        "another attribute",
        output("switch_lambda_arn", ref("aws_lambda_function", "switching_switch_", "role")),
    ),
]
COLOURS = [
    Case(
        "green's cluster as blue's",
        output("blue_cluster_endpoint", ref("aws_rds_cluster", "green", "endpoint")),
    ),
    Case(
        "blue's cluster as green's",
        output("green_cluster_endpoint", ref("aws_rds_cluster", "blue", "endpoint")),
    ),
    Case(
        "blue's cluster in green's part",
        connection("green", "cluster_endpoint", ref("aws_rds_cluster", "blue", "endpoint")),
    ),
    Case(
        "green's secret in blue's part",
        connection("blue", "secret_arn", ref("aws_secretsmanager_secret", "green-cred")),
    ),
    Case(
        "a reader of the other",
        output("green_cluster_endpoint", ref("aws_rds_cluster", "blue", "reader_endpoint")),
    ),
]

FURTHER = [
    Case("the testers' listener", output("listener_arn", ref("aws_lb_listener", "test"))),
    Case("the clients' listener", output("test_listener_arn", ref("aws_lb_listener", "https"))),
    Case(
        "green's alarm as blue's",
        output("blue_alarm_name", ref("aws_cloudwatch_composite_alarm", "green", "alarm_name")),
    ),
    Case("green's group as blue's", output("blue_target_group_arn", ref(GROUP, "green"))),
    Case(
        "a function as the workflow",
        output("shift_state_machine_arn", ref("aws_lambda_function", "ledger_move")),
    ),
    Case("the workflow's alias", output("switch_operate_arn", ref("aws_lambda_alias", "switch_workflow"))),
    Case("one alias twice", output("switch_deploy_arn", ref("aws_lambda_alias", "operate"))),
    Case("one function twice", output("ledger_lambda_arn", ref("aws_lambda_function", "ledger_watch"))),
    Case("the sessions", output("control_table_name", ref("aws_dynamodb_table", "sessions", "name"))),
    Case("another region", output("region", "eu-west-1")),
]


def container(colour: str, **health: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        type_ = "aws_ecs_task_definition"
        name = name_like(document, type_, colour)
        found = json.loads(document["resource"][type_][name]["container_definitions"])
        found[0]["healthCheck"] = health
        document["resource"][type_][name]["container_definitions"] = json.dumps(found)
        return (f"{type_}.{name}",)

    return place


ALWAYS = [
    Case("a shell that exits", container("blue", command=["CMD-SHELL", "exit 0"])),
    Case("a program that says yes", container("green", command=["CMD", "/bin/true"])),
    Case("one way or the other", container("green", command=["CMD-SHELL", "/app/health || true"])),
    Case("switched off", container("blue", command=["NONE"])),
    Case("once in an hour", container("green", command=["CMD", "/app/health"], interval=300, retries=10)),
]

CASES = [*FURTHER, *ALWAYS, *NOTHING, *REGIONS, *WIDE, *LONG, *IMPOSSIBLE, *OTHER, *COLOURS]
_ = name_like
