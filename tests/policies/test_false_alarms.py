"""What a good reviewer accepts passes."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.policies import harness
from tests.policies.harness import Document, body, both, name_like, names
from tests.policies.mutants.network_firewall import reaching, walled

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("pack")]

LISTENER, RULE = "aws_lb_listener", "aws_lb_listener_rule"


def rule(action: dict[str, Any], *conditions: dict[str, Any]) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document["resource"][RULE] = {
            "a1": {
                "listener_arn": f"${{{LISTENER}.{name_like(document, LISTENER, 'https')}.arn}}",
                "priority": 7, "condition": list(conditions), "action": [action], "tags": {},
            }
        }  # fmt: skip

    return change


def to_green(document: Document) -> None:
    green = f"${{aws_lb_target_group.{name_like(document, 'aws_lb_target_group', 'green')}.arn}}"
    rule(
        {"type": "forward", "target_group_arn": green},
        {"source_ip": [{"values": ["198.51.100.0/24"]}]},
        {"http_header": [{"http_header_name": "X-Tester", "values": ["team"]}]},
    )(document)


def fourth_zone(document: Document) -> None:
    """A database subnet where no NAT gateway is."""
    subnet = copy.deepcopy(body(document, "aws_subnet", "database-us-east-1a"))
    subnet |= {"availability_zone": "us-east-1d", "cidr_block": "10.20.112.0/20"}
    document["resource"]["aws_subnet"]["d4"] = subnet
    table = f"${{aws_route_table.{name_like(document, 'aws_route_table', 'network_database')}.id}}"
    document["resource"]["aws_route_table_association"]["d4"] = {
        "subnet_id": "${aws_subnet.d4.id}", "route_table_id": table,
    }  # fmt: skip
    for name in names(document, "aws_db_subnet_group"):
        document["resource"]["aws_db_subnet_group"][name]["subnet_ids"].append("${aws_subnet.d4.id}")


def names_that_sound_like_secrets(document: Document) -> None:
    body(document, "aws_vpc")["tags"] |= {
        "TokenVault": "external",
        "PasswordPolicy": "strict",
        "KeyOwner": "Ops7",
    }
    variables = body(document, "aws_lambda_function", "switching_switch_")["environment"]["variables"]
    variables |= {"TOKEN_VAULT": "external", "SECRETS_BACKEND": "aws", "AUTH_MODE": "iam", "COMPASS": "north"}


def private_routes(document: Document) -> None:
    """The database tier reaches a network of the company by a transit gateway."""
    table = f"${{aws_route_table.{name_like(document, 'aws_route_table', 'network_database')}.id}}"
    document["resource"]["aws_route"]["t1"] = {
        "route_table_id": table,
        "destination_cidr_block": "10.200.0.0/16",
        "transit_gateway_id": "tgw-0a1b2c3d",
    }


def partner(document: Document) -> None:
    """The application reaches one network of an acquirer."""
    group = f"${{aws_security_group.{name_like(document, 'aws_security_group', 'blue_security-group')}.id}}"
    document["resource"]["aws_vpc_security_group_egress_rule"]["p1"] = {
        "security_group_id": group, "cidr_ipv4": "203.0.113.0/24", "ip_protocol": "tcp", "from_port": 443,
        "to_port": 443, "description": "The acquirer", "tags": {},
    }  # fmt: skip


def rare_and_often(document: Document) -> None:
    """A weekly plan beside the daily ones, kept for longer; a rotation each quarter of a leap year's days."""
    plan = body(document, "aws_backup_plan", "databases")
    plan["rule"].append(
        plan["rule"][0]
        | {"rule_name": "weekly", "schedule": "cron(0 3 ? * SUN *)", "lifecycle": {"delete_after": 35}}
    )
    body(document, "aws_secretsmanager_secret_rotation", "green-cred")["rotation_rules"] = {
        "schedule_expression": "cron(0 4 ? * MON#1 *)"
    }


def parameter_without_decryption(document: Document) -> None:
    document.setdefault("data", {})["aws_ssm_parameter"] = {
        "a": {"name": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"},
        "b": {"name": "/payments/mode", "with_decryption": "false"},
    }


def health(document: Document) -> None:
    for name in names(document, "aws_lb_target_group"):
        document["resource"]["aws_lb_target_group"][name]["health_check"] |= {
            "matcher": "200,204", "interval": "15", "timeout": "5", "port": "8443", "unhealthy_threshold": 3,
        }  # fmt: skip


def another_topic(document: Document) -> None:
    """Each alarm tells a topic of the account besides the stack's own."""
    for type_ in ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"):
        for name in names(document, type_):
            alarm = document["resource"][type_][name]
            alarm["alarm_actions"] = [*alarm["alarm_actions"], "arn:aws:sns:us-east-1:123456789012:on-call"]


def long_bodies(document: Document) -> None:
    """The web firewall counts bodies over 8 KiB, whose beginning it inspects all the same."""
    counted = [{"name": "SizeRestrictions_BODY", "action_to_use": {"count": {}}}]
    for group in _common(document):
        group["rule_action_override"] = counted


def _common(document: Document) -> Iterator[dict[str, Any]]:
    for rule_ in body(document, "aws_wafv2_web_acl")["rule"]:
        group = rule_["statement"].get("managed_rule_group_statement", {})
        if group.get("name") == "AWSManagedRulesCommonRuleSet":
            yield group


def arguments(type_: str, part: str, **values: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        body(document, type_, part).update(values)

    return change


def archive(**rule: Any) -> Callable[[Document], None]:
    """One rule for all objects, with these blocks."""
    whole = {"id": "archive", "status": "Enabled", "filter": [{"prefix": ""}]}
    return arguments("aws_s3_bucket_lifecycle_configuration", "", rule=[whole | rule])


def of_mysql(document: Document) -> None:
    """Parameters that an operator may choose."""
    for name in names(document, "aws_rds_cluster_parameter_group"):
        document["resource"]["aws_rds_cluster_parameter_group"][name]["parameter"] += [
            {"name": "wait_timeout", "value": "600", "apply_method": "immediate"},
            {"name": "max_allowed_packet", "value": "16777216"},
        ]


def health_of_the_container(document: Document) -> None:
    task = body(document, "aws_ecs_task_definition", "blue")
    (container,) = json.loads(task["container_definitions"])
    container["healthCheck"] = {"command": ["CMD-SHELL", "/app/health || exit 1"], "interval": 10}
    task["container_definitions"] = json.dumps([container])


def settings_of_runtimes(document: Document) -> None:
    """What services in Java, Node.js and Python are given: memory, and certificates of the image."""
    task = body(document, "aws_ecs_task_definition", "green")
    (container, *others) = json.loads(task["container_definitions"])
    container["environment"] += [
        {"name": name, "value": value}
        for name, value in {
            "JAVA_TOOL_OPTIONS": "-Xms256m -XX:MaxRAMPercentage=75.0 -XX:+UseG1GC -Dfile.encoding=UTF-8",
            "NODE_EXTRA_CA_CERTS": "/var/runtime/ca-cert.pem",
            "NODE_OPTIONS": "--max-old-space-size=1536 --enable-source-maps",
            "PYTHONPATH": "/app:/opt/python",
            "PYTHONUNBUFFERED": "1",
            "SSL_CERT_FILE": "/etc/ssl/certs/rds-global-bundle.pem",
        }.items()
    ]
    task["container_definitions"] = json.dumps([container, *others])


def stricter_parameters(document: Document) -> None:
    """What the defaults of MySQL are, or more than them."""
    values = {
        "autocommit": "1", "binlog_row_image": "full", "foreign_key_checks": "1", "local_infile": "OFF",
        "performance_schema": "1", "replica_preserve_commit_order": "ON", "sort_buffer_size": "524288",
        "sql_mode": "STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION", "time_zone": "UTC",
        "ssl_cipher": "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384", "unique_checks": "ON",
    }  # fmt: skip
    for name in names(document, "aws_rds_cluster_parameter_group"):
        document["resource"]["aws_rds_cluster_parameter_group"][name]["parameter"] += [
            {"name": key, "value": value, "apply_method": "pending-reboot"} for key, value in values.items()
        ]


def firewall_rule(action: str, statement: dict[str, Any]) -> Callable[[Document], None]:
    """A rule of the web firewall for what its statement says."""

    def change(document: Document) -> None:
        document["resource"]["aws_wafv2_ip_set"] = {
            "s": {
                "name": "s", "scope": "REGIONAL", "ip_address_version": "IPV4", "tags": {},
                "addresses": ["198.51.100.0/24"],
            }
        }  # fmt: skip
        body(document, "aws_wafv2_web_acl")["rule"].append(
            {
                "name": "extra", "priority": 9, "action": {action: {}}, "statement": statement,
                "visibility_config": {
                    "cloudwatch_metrics_enabled": True, "metric_name": "x", "sampled_requests_enabled": False,
                },
            }
        )  # fmt: skip

    return change


def text_of(field: dict[str, Any], how: str, text: str) -> dict[str, Any]:
    return {
        "byte_match_statement": {
            "field_to_match": field, "positional_constraint": how, "search_string": text,
            "text_transformation": [{"priority": 0, "type": "LOWERCASE"}],
        }
    }  # fmt: skip


LOGIN = text_of({"uri_path": {}}, "STARTS_WITH", "/login")
PARTNERS = {"ip_set_reference_statement": {"arn": "${aws_wafv2_ip_set.s.arn}"}}


def one_selection(document: Document) -> None:
    """One selection of both clusters."""
    selections = document["resource"]["aws_backup_selection"]
    green = selections.pop(name_like(document, "aws_backup_selection", "green"))
    body(document, "aws_backup_selection", "blue")["resources"] += green["resources"]


def logs_under_a_prefix(document: Document) -> None:
    body(document, "aws_lb")["access_logs"]["prefix"] = "alb"
    policy = body(document, "aws_s3_bucket_policy")
    policy["policy"] = policy["policy"].replace("/AWSLogs/", "/alb/AWSLogs/")


def bucket_of_the_account(document: Document) -> None:
    """Tasks use a bucket of another stack, which a condition says is of this account."""
    role = body(document, "aws_iam_role_policy", "blue-fargate_application")
    policy = json.loads(role["policy"])
    policy["Statement"].append(
        {
            "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::statements/*"],
            "Condition": {"StringEquals": {"aws:ResourceAccount": "123456789012"}},
        }
    )  # fmt: skip
    role["policy"] = json.dumps(policy)


def blocked_for_the_account(document: Document) -> None:
    flags = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    document["resource"]["aws_s3_account_public_access_block"] = {"a": dict.fromkeys(flags, True)}


HARDER = {
    "max-age": "routing_http_response_strict_transport_security_header_value",
    "sniffing": "routing_http_response_x_content_type_options_header_value",
}


def next_region(region: str, partition: str = "aws") -> Callable[[Document], None]:
    def change(document: Document) -> None:
        found = json.loads(
            json.dumps(document).replace("us-east-1", region).replace("arn:aws:", f"arn:{partition}:")
        )
        document.clear()
        document.update(found)

    return change


FORMAT = " ".join(
    f"$${{{field}}}"
    for field in (
        "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol",
        "packets", "bytes", "start", "end", "action", "log-status", "flow-direction", "pkt-srcaddr",
    )
)  # fmt: skip


def beside(type_: str, **values: Any) -> Callable[[Document], None]:
    """A resource of its own."""

    def change(document: Document) -> None:
        document["resource"][type_] = {
            "b1": {name: value(document) if callable(value) else value for name, value in values.items()}
        }

    return change


def reference(type_: str, part: str, attribute: str) -> Callable[[Document], str]:
    return lambda document: f"${{{type_}.{name_like(document, type_, part)}.{attribute}}}"


def denied(**condition: Any) -> Callable[[Document], None]:
    """The key's policy denies other accounts what nothing allows them."""

    def change(document: Document) -> None:
        key = body(document, "aws_kms_key")
        policy = json.loads(key["policy"])
        policy["Statement"].append(
            {
                "Sid": "OwnAccountOnly", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["kms:*"],
                "Resource": ["*"], "Condition": condition,
            }
        )  # fmt: skip
        key["policy"] = json.dumps(policy)

    return change


def told(**values: str) -> Callable[[Document], None]:
    """Variables of a container, in either colour."""

    def change(document: Document) -> None:
        for name in names(document, "aws_ecs_task_definition"):
            task = document["resource"]["aws_ecs_task_definition"][name]
            (container, *others) = json.loads(task["container_definitions"])
            container["environment"] += [{"name": key, "value": value} for key, value in values.items()]
            task["container_definitions"] = json.dumps([container, *others])

    return change


def of_log(**options: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        task = body(document, "aws_ecs_task_definition", "blue")
        (container, *others) = json.loads(task["container_definitions"])
        container["logConfiguration"]["options"] |= options
        task["container_definitions"] = json.dumps([container, *others])

    return change


def tracking(**values: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        policy = body(document, "aws_appautoscaling_policy", "blue-fargate_scaling_cpu")
        policy["target_tracking_scaling_policy_configuration"] |= values

    return change


def required(version: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document["terraform"]["required_providers"]["aws"]["version"] = version

    return change


def backend(**values: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        own = {"bucket": "b", "key": "k", "region": "us-east-1", "encrypt": True, "kms_key_id": "alias/s"}
        document["terraform"]["backend"] = {"s3": own | values}

    return change


def copied_by_plan(document: Document) -> None:
    """A copy in another region, and backups for five weeks."""
    body(document, "aws_backup_plan", "databases")["rule"][0] |= {
        "lifecycle": {"delete_after": 35},
        "copy_action": [
            {
                "destination_vault_arn": "arn:aws:backup:us-west-2:123456789012:backup-vault:payments",
                "lifecycle": {"delete_after": 35},
            }
        ],
    }


def sum_of_errors(document: Document) -> None:
    """The share of errors, also of the load balancer's own."""
    alarm = body(document, "aws_cloudwatch_metric_alarm", "blue_server-errors")
    alarm["metric_query"][0]["expression"] = "IF(requests > 20, 100 * FILL(errors, 0) / requests, 0)"
    alarm["threshold"] = 5


ALARM = "aws_cloudwatch_metric_alarm"
ACCEPTED = {
    "a format of a flow log with all that counts": arguments("aws_flow_log", "", log_format=FORMAT),
    "logs of requests to the bucket": beside(
        "aws_s3_bucket_logging",
        bucket=reference("aws_s3_bucket", "access-logs", "id"),
        target_bucket="audit-123456789012",
        target_prefix="s3/",
    ),
    "a warm table": arguments(
        "aws_dynamodb_table",
        "sessions",
        warm_throughput=[{"read_units_per_second": 15_000, "write_units_per_second": 5_000}],
    ),
    "who uses a table most": beside(
        "aws_dynamodb_contributor_insights", table_name=reference("aws_dynamodb_table", "sessions", "name")
    ),
    "a key that other accounts are denied": denied(StringNotEquals={"kms:CallerAccount": "123456789012"}),
    "a key that other accounts are denied, not services": denied(
        StringNotEqualsIfExists={"kms:CallerAccount": "123456789012"},
        Bool={"aws:PrincipalIsAWSService": "false"},
    ),
    "an earlier alarm of the certificate": arguments(ALARM, "certificate-expiry", threshold=45),
    "a week before the certificate ends": arguments(ALARM, "certificate-expiry", threshold="14"),
    "a slower answer": arguments(ALARM, "blue_response-time", threshold=5),
    "a quicker answer, of fewer": arguments(
        ALARM, "green_response-time", threshold=0.5, extended_statistic="p95"
    ),
    "one broken host": arguments(
        ALARM,
        "blue_unhealthy-hosts",
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
    ),
    "two broken hosts": arguments(ALARM, "green_unhealthy-hosts", threshold=2),
    "half a minute of the ledger's lag": arguments(ALARM, "blue_ledger-lag", threshold=30),
    "as stopped": arguments(
        ALARM,
        "green_ledger-replication-stopped",
        threshold=-1,
        comparison_operator="LessThanOrEqualToThreshold",
    ),
    "a password of two months": arguments(ALARM, "blue_secret-age", threshold=60),
    "a share of errors where there are enough requests": sum_of_errors,
    "five percent of errors": arguments(ALARM, "green_server-errors", threshold=5),
    "the ledger each five minutes": arguments(
        "aws_cloudwatch_event_rule", "ledger_watching", schedule_expression="rate(5 minutes)"
    ),
    "the age each three hours": arguments(
        "aws_cloudwatch_event_rule", "blue-credentials_age", schedule_expression="rate(3 hours)"
    ),
    "TLS of the database, checked": told(
        DATABASE_SSL_MODE="VERIFY_IDENTITY", DATABASE_SSL_CA="/etc/ssl/certs/rds-global-bundle.pem"
    ),
    "a port that is no database's": told(METRICS_PORT="9102", FEATURE_COLOURS="on"),
    "the colours' names": told(ACTIVE_COLOUR="blue", SERVE_TLS="true"),
    "a buffer of four megabytes": of_log(**{"max-buffer-size": "4m"}),
    "a buffer in kilobytes": of_log(**{"max-buffer-size": "2048k"}),
    "a minute for payments in flight": arguments("aws_lb_target_group", "green", deregistration_delay="60"),
    "traffic to healthy hosts alone": arguments(
        "aws_lb_target_group",
        "green",
        target_group_health={"unhealthy_state_routing": {"minimum_healthy_targets_percentage": "off"}},
    ),
    "a scaling that is slow to take tasks away": tracking(
        target_value=75, scale_in_cooldown=900, scale_out_cooldown=30
    ),
    "room for many tasks": arguments("aws_appautoscaling_target", "green", max_capacity=60, min_capacity=3),
    "an instance of the cluster's own version": arguments(
        "aws_rds_cluster_instance", "blue-database_instance-1", engine_version="8.0.mysql_aurora.3.10.3"
    ),
    "three zones of storage": arguments(
        "aws_rds_cluster", "green", availability_zones=["us-east-1a", "us-east-1b", "us-east-1c"]
    ),
    "a provider of one major version": required("~> 5.100"),
    "a provider from, and below": required(">= 5.90, < 6.0"),
    "a provider of one version": required("= 5.100.0"),
    "a state with a lock in a file": backend(use_lockfile=True),
    "a state with a lock in a table": backend(dynamodb_table="locks"),
    "a copy in another region": copied_by_plan,
    "faster storage": arguments("aws_rds_cluster", "blue", storage_type="aurora-iopt1"),
    "two weeks of backups": arguments("aws_rds_cluster", "green", backup_retention_period=14),
    "logs of a database for ten years": arguments(
        "aws_cloudwatch_log_group", "blue-database_logs-audit", retention_in_days=3653
    ),
    "insights with more detail": arguments(
        "aws_ecs_cluster", "blue", setting=[{"name": "containerInsights", "value": "enhanced"}]
    ),
    "statistics of two years": arguments(
        "aws_rds_cluster_instance", "green-database_instance-1", performance_insights_retention_period=731
    ),
    "a rule that closes an internal path": rule(
        {"type": "fixed-response", "fixed_response": {"content_type": "text/plain", "status_code": "403"}},
        {"path_pattern": [{"values": ["/internal/*"]}]},
    ),
    "the rule for testers": to_green,
    "a database subnet in a fourth zone": fourth_zone,
    "names that sound like secrets": names_that_sound_like_secrets,
    "a transit gateway to a private network": private_routes,
    "egress to one network of a partner": partner,
    "a host that a network firewall knows by name": both(walled, reaching),
    "a topic besides that of the stack": another_topic,
    "long bodies": long_bodies,
    "more schedules": rare_and_often,
    "parameters without decryption": parameter_without_decryption,
    "a health check of two answers": health,
    "stricter answers": arguments(
        LISTENER,
        "https",
        **{HARDER["max-age"]: "max-age=31536000; includeSubDomains", HARDER["sniffing"]: "nosniff"},
    ),
    "timeouts of the balancer": arguments("aws_lb", "", idle_timeout=120, client_keep_alive="3600"),
    "another way to balance": arguments(
        "aws_lb_target_group", "green", load_balancing_algorithm_type="least_outstanding_requests"
    ),
    "what ECS does anyway": arguments(
        "aws_ecs_service", "green", deployment_controller={"type": "ECS"}, scheduling_strategy="REPLICA"
    ),
    "Fargate by its provider": arguments(
        "aws_ecs_service",
        "blue",
        launch_type=None,
        capacity_provider_strategy=[{"capacity_provider": "FARGATE", "weight": 1}],
    ),
    "parameters of MySQL": of_mysql,
    "another certificate of RDS": arguments(
        "aws_rds_cluster_instance", "blue-database_instance-1", ca_cert_identifier="rds-ca-ecc384-g1"
    ),
    "the health of a container by a shell": health_of_the_container,
    "settings of runtimes": settings_of_runtimes,
    "a drift of single tags": arguments(
        "aws_lb", "", lifecycle={"ignore_changes": ['tags["LastScanned"]', "description"]}
    ),
    "the region of the provider": arguments("aws_sns_topic", "", region="us-east-1"),
    "archives of logs": archive(
        transition=[{"days": 90, "storage_class": "GLACIER"}],
        expiration=[{"days": 2555}],
        abort_incomplete_multipart_upload=[{"days_after_initiation": 7}],
    ),
    "a lock with an end": arguments("aws_backup_vault_lock_configuration", "", max_retention_days=3650),
    "parameters as strict as the defaults": stricter_parameters,
    "a captcha for a login": firewall_rule("captcha", LOGIN),
    "a block of all but partners": firewall_rule("block", {"not_statement": {"statement": PARTNERS}}),
    "a block of all but one country": firewall_rule(
        "block", {"not_statement": {"statement": {"geo_match_statement": {"country_codes": ["CH"]}}}}
    ),
    "a block of what has no key": firewall_rule(
        "block",
        {"not_statement": {"statement": text_of({"single_header": {"name": "x-client"}}, "CONTAINS", "a")}},
    ),
    "a count of every path": firewall_rule("count", text_of({"uri_path": {}}, "STARTS_WITH", "/")),
    "one selection of both clusters": one_selection,
    "logs under a prefix": logs_under_a_prefix,
    "a bucket of another stack": bucket_of_the_account,
    "a block of public access in the account": blocked_for_the_account,
    "an archive after three months": archive(
        expiration=[{"days": 730}],
        transition=[{"days": 180, "storage_class": "DEEP_ARCHIVE"}],
        noncurrent_version_expiration=[{"noncurrent_days": 7}],
    ),
    "another window for one colour": arguments(
        "aws_rds_cluster", "blue", preferred_maintenance_window="mon:05:00-mon:06:00"
    ),
    "a key that is gone in two weeks": arguments("aws_kms_key", "", deletion_window_in_days=14),
    "an alarm that is made anew": arguments(
        "aws_cloudwatch_metric_alarm",
        "blue_response",
        lifecycle={"replace_triggered_by": ["aws_sns_topic.notifications_topic_9813ADB4"]},
    ),
    "the sovereign cloud": next_region("eusc-de-east-1", "aws-eusc"),
    "the region that comes next": next_region("ap-southeast-8"),
}


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_accepted(change: Callable[[Document], None], original: Document, place: Path) -> None:
    document = copy.deepcopy(original)
    change(document)
    assert document != original
    report = harness.evaluate(document, place)
    assert (harness.pairs(report), report.errors) == (set(), ())
