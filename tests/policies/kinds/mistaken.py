"""What has the right form and says the wrong thing: limits that no fault reaches, variables of the other
colour, ports that nothing listens on, rules that undo others, what a delivery may do besides.
"""

import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, new, ref, several, with_

ALARM, FILTER, RULE = (
    "aws_cloudwatch_metric_alarm", "aws_cloudwatch_log_metric_filter", "aws_cloudwatch_event_rule",
)  # fmt: skip
TASK, SERVICE, CLUSTER, INSTANCE, TABLE = (
    "aws_ecs_task_definition", "aws_ecs_service", "aws_rds_cluster", "aws_rds_cluster_instance",
    "aws_dynamodb_table",
)  # fmt: skip
GROUP, POLICY, TARGET, SECURITY, SECRET = (
    "aws_lb_target_group", "aws_appautoscaling_policy", "aws_appautoscaling_target", "aws_security_group",
    "aws_secretsmanager_secret",
)  # fmt: skip
Place = Callable[[Document], tuple[str, ...]]


def query(part: str, index: int, **arguments: Any) -> Place:
    """Arguments of one query of an alarm."""

    def place(document: Document) -> tuple[str, ...]:
        label = name_like(document, ALARM, part)
        document["resource"][ALARM][label]["metric_query"][index] |= arguments
        return (f"{ALARM}.{label}",)

    return place


def container(colour: str, edit: Callable[[dict[str, Any], Document], object]) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        label = name_like(document, TASK, colour)
        found = json.loads(document["resource"][TASK][label]["container_definitions"])
        edit(found[0], document)
        document["resource"][TASK][label]["container_definitions"] = json.dumps(found)
        return (f"{TASK}.{label}",)

    return place


def told(colour: str, name: str, value: Any) -> Place:
    """A variable of a container."""

    def edit(found: dict[str, Any], document: Document) -> None:
        others = [entry for entry in found["environment"] if entry["name"] != name]
        text = value(document) if callable(value) else value
        found["environment"] = [*others, {"name": name, "value": text}]

    return container(colour, edit)


def log(colour: str, **options: str) -> Place:
    return container(colour, lambda found, _: found["logConfiguration"]["options"].update(options))


def port(colour: str, number: int) -> Place:
    """The port that the tasks listen on; the service is told of another."""
    edit = container(colour, lambda found, _: found["portMappings"][0].update(containerPort=number))

    def place(document: Document) -> tuple[str, ...]:
        edit(document)
        return (f"{SERVICE}.{name_like(document, SERVICE, colour)}",)

    return place


def balanced(colour: str, **arguments: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        label = name_like(document, SERVICE, colour)
        document["resource"][SERVICE][label]["load_balancer"][0] |= arguments
        return (f"{SERVICE}.{label}",)

    return place


def tracking(part: str, **arguments: Any) -> Place:
    return with_(
        POLICY,
        part,
        **{
            f"target_tracking_scaling_policy_configuration__{name}": value
            for name, value in arguments.items()
        },
    )


def older(label: str, part: str, **arguments: Any) -> Place:
    return new(
        "aws_security_group_rule",
        label,
        security_group_id=ref(SECURITY, part, "id"),
        type="ingress",
        description="x",
        **arguments,
    )


def delivery(**statement: Any) -> Place:
    """Changes the first statement of the bucket's policy."""

    def place(document: Document) -> tuple[str, ...]:
        type_ = "aws_s3_bucket_policy"
        label = name_like(document, type_, "")
        body = document["resource"][type_][label]
        content = json.loads(body["policy"])
        bucket = ref("aws_s3_bucket")(document)
        given = {
            key: [item.replace("BUCKET", bucket) for item in value] if isinstance(value, list) else value
            for key, value in statement.items()
        }
        content["Statement"][0] |= given
        body["policy"] = json.dumps(content)
        return (f"{type_}.{label}",)

    return place


def output(name: str, value: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        document["output"][name] = {"value": value}
        return (f"output.{name}",)

    return place


def connection(*path: str, value: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        inner = document["output"]["connection_info"]["value"]
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value(document) if callable(value) else value
        return ("output.connection_info",)

    return place


def version(text: str | None) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        required = document["terraform"]["required_providers"]["aws"]
        required.pop("version")
        required |= {"version": text} if text else {}
        return ("provider.aws",)

    return place


def unlocked(**arguments: Any) -> Place:
    """A backend that no lock protects."""

    def place(document: Document) -> tuple[str, ...]:
        backend = {"bucket": "b", "key": "k", "region": "us-east-1", "encrypt": True, "kms_key_id": "alias/s"}
        document["terraform"]["backend"] = {"s3": backend | arguments}
        return ("local",)

    return place


LIMITS = {
    "a day before the certificate ends": with_(ALARM, "certificate-expiry", threshold=1),
    "two days before it ends": with_(ALARM, "certificate-expiry", threshold="2"),
    "on its last day": with_(
        ALARM, "certificate-expiry", threshold=0, comparison_operator="LessThanOrEqualToThreshold"
    ),
    "a minute of waiting": with_(ALARM, "blue_response-time", threshold=60),
    "half a minute": with_(ALARM, "green_response-time", threshold="30"),
    "twenty seconds": with_(ALARM, "blue_response-time", threshold=20),
    "fifty broken hosts": with_(ALARM, "blue_unhealthy-hosts", threshold=50),
    "twenty broken hosts": with_(ALARM, "green_unhealthy-hosts", threshold="20"),
    "a day of lag": with_(ALARM, "blue_ledger-lag", threshold=86_400),
    "an hour of lag": with_(ALARM, "green_ledger-lag", threshold="3600"),
    "less than stopped": with_(ALARM, "blue_ledger-replication-stopped", threshold=-2),
    "as stopped, and less": with_(ALARM, "green_ledger-replication-stopped", threshold="-1"),
    "a year of one password": with_(ALARM, "blue_secret-age", threshold=400),
    "a half of a year": with_(ALARM, "green_secret-age", threshold="180"),
    "a week without verification": with_(ALARM, "ledger-verification-old", threshold=604_800),
}
SHARES = {
    "most requests": with_(ALARM, "blue_server-errors", threshold=60),
    "half of them": with_(ALARM, "green_server-errors", threshold="50"),
    "more than all": with_(ALARM, "blue_server-errors", threshold=101),
    "a hundredth counts": query("green_server-errors", 0, expression="FILL(errors, 0) / requests"),
}
HIDDEN = {
    "a thousand tasks": query("blue_missing-tasks", 0, expression="desired - FILL(running, 1000)"),
    "one task": query("green_missing-tasks", 0, expression="desired - fill(running,1)"),
    "one of three gateways": query("nat-ports", 0, expression="FILL(gateway0, 0)"),
    "two of them": query("nat-ports", 0, expression="SUM([gateway0, FILL(gateway2, 0)])"),
    "requests that count for nothing": query("blue_server-errors", 0, expression="100 * errors"),
}
RARE = {
    "the age, once in a year": with_(RULE, "blue-credentials_age", schedule_expression="rate(365 days)"),
    "the age, once in a month": with_(RULE, "green-credentials_age", schedule_expression="cron(0 4 1 * ? *)"),
    "the ledger, once in a day": with_(RULE, "ledger_watching", schedule_expression="rate(1 day)"),
    "the ledger, each hour": with_(RULE, "ledger_watching", schedule_expression="rate(1 hour)"),
    "only old passwords": with_(FILTER, "blue-credentials_age", pattern="{ $.age_days > 1000 }"),
    "only of a year": with_(FILTER, "green-credentials_age", pattern="{$.age_days >= 365}"),
    "only what is late": with_(
        FILTER, "ledger_watching_verified", pattern="{ $.ledger_verified_seconds > 900000 }"
    ),
}
TOLD = {
    "green by its own word": told("blue", "COLOUR", "green"),
    "blue by its own word": told("green", "COLOUR", "blue"),
    "the other's database": told("blue", "DATABASE_HOST", ref(CLUSTER, "green", "endpoint")),
    "the other's reader": told("green", "DATABASE_READER_HOST", ref(CLUSTER, "blue", "reader_endpoint")),
    "a name that is new": told("blue", "REPORTS_HOST", ref(CLUSTER, "green", "reader_endpoint")),
    "a reader that is to write": told("blue", "DATABASE_HOST", ref(CLUSTER, "blue", "reader_endpoint")),
    "a reader to write at, in the other": told(
        "green", "GREEN_DATABASE_HOST", ref(CLUSTER, "green", "reader_endpoint")
    ),
    "another port": told("blue", "DATABASE_PORT", "3307"),
    "the port of PostgreSQL": told("green", "DATABASE_PORT", "5432"),
    "the control table": told("blue", "SESSION_TABLE", ref(TABLE, "control", "name")),
    "the control table, by a new name": told("green", "AUDIT_TABLE", ref(TABLE, "control", "name")),
    "no TLS": told("blue", "DATABASE_SSL_MODE", "DISABLED"),
    "TLS, or not": told("green", "MYSQL_SSL_MODE", "PREFERRED"),
    "TLS unchecked": told("blue", "DB_TLS", "skip-verify"),
    "TLS off": told("green", "DATABASE_TLS_ENABLED", "false"),
}
LISTENING = {
    "another container": balanced("blue", container_name="sidecar"),
    "another port of it": balanced("green", container_port=9090),
    "tasks at another port": port("blue", 9090),
    "tasks at a port of old": port("green", 8080),
    "tasks that Fargate does not take": with_(TASK, "blue", requires_compatibilities=["EC2"]),
    "tasks that are elsewhere": with_(TASK, "green", requires_compatibilities=["EXTERNAL"]),
}
LOST = {
    "a kilobyte of lines": log("blue", **{"max-buffer-size": "1k"}),
    "some bytes of lines": log("green", **{"max-buffer-size": "4096"}),
    "half a megabyte": log("blue", **{"max-buffer-size": "512k"}),
    "payments in flight": with_(GROUP, "blue", deregistration_delay="0"),
    "payments of a second": with_(GROUP, "green", deregistration_delay=1),
    "one broken host, and all get traffic": with_(
        GROUP,
        "green",
        target_group_health={"unhealthy_state_routing": {"minimum_healthy_targets_percentage": "100"}},
    ),
    "a fifth broken, and all get traffic": with_(
        GROUP,
        "blue",
        target_group_health=[{"unhealthy_state_routing": [{"minimum_healthy_targets_percentage": 80}]}],
    ),
}
SCALING = {
    "at 99 percent": tracking("blue-fargate_scaling_cpu", target_value=99),
    "at 95 percent": tracking("green-fargate_scaling_cpu", target_value="95"),
    "once in a day": tracking("blue-fargate_scaling_cpu", scale_out_cooldown=86_400),
    "once in an hour": tracking("green-fargate_scaling_requests", scale_out_cooldown="3600"),
    "from thirty to three": with_(TARGET, "blue", min_capacity=30),
    "from four to three": with_(TARGET, "green", min_capacity="4", max_capacity="3"),
}
UNDONE = {
    "no rules inside": with_(SECURITY, "green_security", ingress=[]),
    "no ways out inside": with_(SECURITY, "blue_security", egress=[]),
    "one rule inside": with_(
        SECURITY,
        "green_security",
        egress=[{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.20.0.0/16"]}],
    ),
    "all among members": older("q1", "green-database", protocol="-1", from_port=0, to_port=0, self=True),
    "a range of ports": older(
        "q2",
        "blue-database",
        protocol="tcp",
        from_port=3306,
        to_port=3310,
        source_security_group_id=ref(SECURITY, "blue_security", "id"),
    ),
    "a gateway of no network": with_("aws_internet_gateway", "", vpc_id=None),
    "one zone of storage": with_(CLUSTER, "blue", availability_zones=["us-east-1a"]),
    "two zones of storage": with_(CLUSTER, "green", availability_zones=["us-east-1a", "us-east-1b"]),
    "an instance of another version": with_(
        INSTANCE, "blue-database_instance-2", engine_version="8.0.mysql_aurora.3.08.2"
    ),
    "an old instance": with_(INSTANCE, "green-database_instance-1", engine_version="8.0.mysql_aurora.3.01.0"),
}  # fmt: skip
DELIVERY = {
    "logs of every account": delivery(Resource=["BUCKET/AWSLogs/*"]),
    "everything by every account": delivery(Resource=["BUCKET/*"]),
    "and read": delivery(Action=["s3:PutObject", "s3:GetObject"]),
    "and delete": delivery(Action=["s3:PutObject", "s3:DeleteObject"]),
    "a key that it may not use": several(
        with_("aws_s3_bucket", ""),
        with_(
            "aws_s3_bucket_server_side_encryption_configuration",
            "",
            rule=[
                {
                    "apply_server_side_encryption_by_default": [
                        {"sse_algorithm": "aws:kms", "kms_master_key_id": ref("aws_kms_key")}
                    ]
                }
            ],
        ),
    ),
}
SHOWN = {
    "a password that is only written": output(
        "p", "${ephemeral.aws_secretsmanager_random_password.blue-administrator.random_password}"
    ),
    "a password in a text": output("p", "a:${ephemeral.random_password.x.result}"),
    "what was held back": output("p", "${nonsensitive(aws_ssm_parameter.x.value)}"),
    "a colour for ever": connection("active_environment", value="blue"),
    "a status for ever": connection("migration_status", value="not_started"),
    "the administrator's secret": connection(
        "blue", "secret_arn", value=ref(SECRET, "blue-database_administrator")
    ),
    "the secret that moves the ledger": connection(
        "green", "secret_arn", value=ref(SECRET, "ledger_green-mover")
    ),
}
PINNED = {
    "any version": version(None),
    "any later version": version(">= 5.0"),
    "any version but one": version("!= 5.99.0"),
    "a state without a lock": unlocked(),
    "a lock that is off": unlocked(use_lockfile="false"),
    "a lock by nothing": unlocked(use_lockfile=False, dynamodb_table=""),
}
GROUPS = {
    "limit": LIMITS, "share": SHARES, "hidden": HIDDEN, "rare": RARE, "told": TOLD, "listening": LISTENING,
    "lost": LOST, "scaling": SCALING, "undone": UNDONE, "delivery": DELIVERY, "shown": SHOWN,
    "pinned": PINNED,
}  # fmt: skip
CASES = [
    Case(f"{group}: {name}", place) for group, places in GROUPS.items() for name, place in places.items()
]
