"""One defect of each policy that asks for known good; tests/policies/kinds has other forms."""

from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, body, change, name_like, on

ALARM, COMPOSITE, LISTENER = (
    "aws_cloudwatch_metric_alarm",
    "aws_cloudwatch_composite_alarm",
    "aws_lb_listener",
)
GROUP, SERVICE, ROTATION = "aws_lb_target_group", "aws_ecs_service", "aws_secretsmanager_secret_rotation"


def resource(type_: str, **arguments: Any) -> Mutation:
    def mutate(document: Document) -> None:
        found = {key: value(document) if callable(value) else value for key, value in arguments.items()}
        document["resource"].setdefault(type_, {})["added"] = found

    return mutate


def ref(type_: str, part: str, attribute: str) -> Any:
    return lambda document: f"${{{type_}.{name_like(document, type_, part)}.{attribute}}}"


def topic_without_alarms(document: Document) -> None:
    found = body(document, "aws_sns_topic_policy")
    found["policy"] = found["policy"].replace("cloudwatch.amazonaws.com", "rds.amazonaws.com")


def negated(document: Document) -> None:
    found = body(document, COMPOSITE, "green")
    found["alarm_rule"] = f"NOT ({found['alarm_rule']})"


def other_group(document: Document) -> None:
    """The tasks of green stand in blue's target group."""
    (entry,) = body(document, SERVICE, "green")["load_balancer"]
    entry["target_group_arn"] = ref(GROUP, "blue", "arn")(document)


MUTANTS = [
    Mutant("topic that refuses CloudWatch", topic_without_alarms, on("CKV2_BG_401", "aws_sns_topic_policy")),
    Mutant("composite alarm that is negated", negated, on("CKV_BG_402", COMPOSITE, "green")),
    Mutant(
        "half of the internet from the database tier",
        resource(
            "aws_route",
            route_table_id=ref("aws_route_table", "network_database", "id"),
            destination_cidr_block="128.0.0.0/1",
            nat_gateway_id=ref("aws_nat_gateway", "us-east-1b", "id"),
        ),
        on("CKV2_BG_403", "aws_route", "added"),
    ),
    Mutant(
        "endpoint of another region",
        change("aws_vpc_endpoint", "_ssm_", service_region="eu-west-1"),
        on("CKV_BG_404", "aws_vpc_endpoint", "_ssm_"),
    ),
    Mutant("VPC without names", change("aws_vpc", enable_dns_hostnames=False), on("CKV_BG_405", "aws_vpc")),
    Mutant(
        "rule that answers for the service",
        resource(
            "aws_lb_listener_rule",
            listener_arn=ref(LISTENER, "https", "arn"),
            priority=3,
            condition=[{"path_pattern": [{"values": ["/*"]}]}],
            action=[
                {
                    "type": "fixed-response",
                    "fixed_response": {"content_type": "text/plain", "status_code": "503"},
                }
            ],
            tags={},
        ),
        on("CKV_BG_406", "aws_lb_listener_rule"),
    ),
    Mutant(
        "target group that is replaced",
        change(GROUP, "green", lifecycle={"replace_triggered_by": ["aws_vpc.x"]}),
        on("CKV_BG_407", GROUP, "green"),
    ),
    Mutant(
        "switch that every rule may call",
        change(
            "aws_lambda_permission", "workflow_permission", source_arn=None, source_account="123456789012"
        ),
        on("CKV2_BG_408", "aws_lambda_permission", "workflow_permission"),
    ),
    Mutant(
        "green's tasks in blue's group",
        other_group,
        also(on("CKV2_BG_409", SERVICE, "green"), on("CKV2_BG_311", SERVICE, "green")),
    ),
    Mutant(
        "rotation twice a year",
        change(ROTATION, "green-cred", rotation_rules={"schedule_expression": "cron(0 5 1 1,7 ? *)"}),
        on("CKV_BG_410", ROTATION, "green-cred"),
    ),
    Mutant(
        "backups by a foreign role",
        change(
            "aws_backup_selection", "selection-green", iam_role_arn="arn:aws:iam::123456789012:role/backup"
        ),
        on("CKV_BG_411", "aws_backup_selection", "selection-green"),
    ),
    Mutant(
        "vault without a policy",
        lambda document: document["resource"].pop("aws_backup_vault_policy"),
        on("CKV_BG_412", "aws_backup_vault", "vault"),
    ),
    Mutant(
        "database in the default subnets",
        change("aws_rds_cluster", "green", db_subnet_group_name="default"),
        on("CKV_BG_413", "aws_rds_cluster", "green"),
    ),
]
