"""What clients, tasks, callers and packets reach past what is meant for them; what is lost while in use."""

import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import OWN, Case, added, allow, new, ref, with_

ACL, IPS = "aws_wafv2_web_acl", "aws_wafv2_ip_set"
FUNCTION, PERMISSION, RULE = "aws_lambda_function", "aws_lambda_permission", "aws_cloudwatch_event_rule"
TABLE, GROUP, ROUTE, VPC, LOG = (
    "aws_dynamodb_table", "aws_security_group", "aws_route", "aws_vpc", "aws_flow_log",
)  # fmt: skip
POLICY = "aws_iam_role_policy"
Place = Callable[[Document], tuple[str, ...]]
SHOWN = {"cloudwatch_metrics_enabled": True, "metric_name": "x", "sampled_requests_enabled": False}
AS_IT_IS = [{"priority": 0, "type": "NONE"}]


def matching(where: str, how: str, text: str) -> dict[str, Any]:
    return {
        "byte_match_statement": {
            "field_to_match": {where: {}}, "positional_constraint": how, "search_string": text,
            "text_transformation": AS_IT_IS,
        }
    }  # fmt: skip


EVERY_PATH = matching("uri_path", "STARTS_WITH", "/")
FROM_THERE = {"geo_match_statement": {"country_codes": ["US"]}}


def rule(action: dict[str, Any], statement: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        label = name_like(document, ACL, "")
        document["resource"][ACL][label]["rule"].append(
            {
                "name": "extra", "priority": 20, "action": action, "visibility_config": SHOWN,
                "statement": statement(document) if callable(statement) else statement,
            }
        )  # fmt: skip
        return (f"{ACL}.{label}",)

    return place


def everywhere(document: Document) -> dict[str, Any]:
    document["resource"][IPS] = {
        "all": {
            "name": "all", "scope": "REGIONAL", "ip_address_version": "IPV4", "tags": {},
            "addresses": ["0.0.0.0/1", "128.0.0.0/1"],
        }
    }  # fmt: skip
    return {"ip_set_reference_statement": {"arn": f"${{{IPS}.all.arn}}"}}


def task(*extra: Any) -> Place:
    return added(POLICY, "blue-fargate_application", "policy", *extra)


def execution(*extra: Any) -> Place:
    return added(POLICY, "green-fargate_execution", "policy", *extra)


def may(action: str, resource: Any, **more: Any) -> dict[str, Any]:
    return allow(action, None, resource, **more)


def admitted(part: str = "switching_read", **arguments: Any) -> Place:
    return new(
        PERMISSION, "r1", action="lambda:InvokeFunction",
        function_name=ref(FUNCTION, part, "function_name"), **arguments,
    )  # fmt: skip


def leading(table: str, **arguments: Any) -> Place:
    return new(ROUTE, "r1", route_table_id=ref("aws_route_table", table, "id"), **arguments)


def replaced(type_: str, part: str = "") -> Place:
    def place(document: Document) -> tuple[str, ...]:
        label = name_like(document, type_, part)
        lifecycle = document["resource"][type_][label].setdefault("lifecycle", {})
        function = name_like(document, FUNCTION, "switching_switch")
        lifecycle["replace_triggered_by"] = [f"{FUNCTION}.{function}"]
        return (f"{type_}.{label}",)

    return place


def unrecorded(*place: Place) -> Place:
    """The VPC has no flow log of its own."""

    def of_the_vpc(document: Document) -> tuple[str, ...]:
        for change in place:
            change(document)
        return (f"{VPC}.{name_like(document, VPC, '')}",)

    return of_the_vpc


def without_flow_log(document: Document) -> tuple[str, ...]:
    del document["resource"][LOG]
    return ()


def shared_table(document: Document) -> tuple[str, ...]:
    label = name_like(document, "aws_appautoscaling_policy", "blue-fargate_scaling_cpu")
    other = ref("aws_appautoscaling_target", "green", "resource_id")(document)
    document["resource"]["aws_appautoscaling_policy"][label]["resource_id"] = other
    return (f"aws_appautoscaling_policy.{label}",)


def label_of(colour: str) -> Any:
    """What the load balancer counts of a colour, as Application Auto Scaling calls it."""

    def written(document: Document) -> str:
        balancer = ref("aws_lb", "", "arn_suffix")(document)
        return f"{balancer}/{ref('aws_lb_target_group', colour, 'arn_suffix')(document)}"

    return written


def expiring(**selection: Any) -> Any:
    rules = [
        {"rulePriority": 1, "selection": {"tagStatus": "any", **selection}, "action": {"type": "expire"}}
    ]
    return with_("aws_ecr_lifecycle_policy", "", policy=json.dumps({"rules": rules}))


CLIENTS = {
    "a captcha for every path": rule({"captcha": {}}, EVERY_PATH),
    "a challenge for every POST": rule({"challenge": {}}, matching("method", "EXACTLY", "POST")),
    "a captcha here and there": rule(
        {"captcha": {}},
        {"or_statement": {"statement": [FROM_THERE, {"not_statement": {"statement": FROM_THERE}}]}},
    ),
    "a block of every length": rule(
        {"block": {}},
        {
            "size_constraint_statement": {
                "comparison_operator": "GE", "size": 0, "field_to_match": {"body": {}},
                "text_transformation": AS_IT_IS,
            }
        },
    ),
    "a block of every text": rule(
        {"block": {}},
        {
            "regex_match_statement": {
                "regex_string": ".*", "field_to_match": {"uri_path": {}}, "text_transformation": AS_IT_IS,
            }
        },
    ),
    "a challenge for every address": rule({"challenge": {}}, everywhere),
    "a limit for all together": rule(
        {"block": {}},
        {
            "rate_based_statement": {
                "aggregate_key_type": "CONSTANT", "limit": 2000, "scope_down_statement": EVERY_PATH,
            }
        },
    ),
    "a block by default": with_(ACL, default_action={"block": {}}),
    "a block that says OK": rule(
        {"block": {"custom_response": {"response_code": 200}}},
        {"geo_match_statement": {"country_codes": ["KP"]}},
    ),
    "query strings in the log": with_(
        "aws_wafv2_web_acl_logging_configuration",
        redacted_fields=[{"single_header": {"name": name}} for name in ("authorization", "cookie")],
    ),
}  # fmt: skip
TASKS = {
    "the record": task(may("ssm:GetParameter", ref("aws_ssm_parameter", "active-environment"))),
    "all parameters": task(may("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{OWN}:parameter/*")),
    "parameters below a path": task(
        may("ssm:GetParametersByPath", f"arn:aws:ssm:us-east-1:{OWN}:parameter/payments-local")
    ),
    "the history": task(may("dynamodb:Query", ref(TABLE, "control"))),
    "the history by its name": task(
        may("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{OWN}:table/payments-local-control")
    ),
    "all tables": execution(may("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{OWN}:table/*")),
    "a bucket of no account": task(may("s3:PutObject", "arn:aws:s3:::elsewhere/*")),
    "all buckets": execution(may("s3:GetObject", "*")),
    "a bucket of two accounts": task(
        may(
            "s3:GetObject", "arn:aws:s3:::elsewhere/*",
            Condition={"StringEquals": {"aws:ResourceAccount": [OWN, "210987654321"]}},
        )
    ),
    "access logs": task(may("s3:GetObject", lambda d: ref("aws_s3_bucket", "")(d) + "/*")),
    "the record for ECS": execution(may("ssm:GetParameters", ref("aws_ssm_parameter", "ledger-writer"))),
}  # fmt: skip
CALLERS = {
    "every principal of an account": admitted(principal="*", source_account=OWN),
    "a role of nowhere": admitted(principal=f"arn:aws:iam::{OWN}:role/other"),
    "the tasks": admitted(principal=ref("aws_iam_role", "blue_role")),
    "any rule": admitted(
        principal="events.amazonaws.com", source_arn=f"arn:aws:events:us-east-1:{OWN}:rule/*"
    ),
    "a rule that calls another": admitted(
        principal="events.amazonaws.com", source_arn=ref(RULE, "ledger_watching")
    ),
    "a secret of the other colour": admitted(
        "blue-credentials", principal="secretsmanager.amazonaws.com", source_account=OWN,
        source_arn=ref("aws_secretsmanager_secret", "green-credentials"),
    ),
    "another service": admitted(principal="alexa-appkit.amazon.com"),
}  # fmt: skip
PACKETS = {
    "of a function, as a task": with_(
        FUNCTION, "switching_read", vpc_config__security_group_ids=[ref(GROUP, "blue_security", "id")]
    ),
    "of endpoints, as a task": with_(
        "aws_vpc_endpoint", "endpoints_ssm", security_group_ids=[ref(GROUP, "blue_security", "id")]
    ),
    "by the default table": new(
        ROUTE, "r1", route_table_id=ref(VPC, "", "default_route_table_id"),
        destination_cidr_block="0.0.0.0/0", gateway_id=ref("aws_internet_gateway", "", "id"),
    ),
    "through an interface": leading(
        "application-us-east-1a", destination_cidr_block="10.20.64.0/20", network_interface_id="eni-0a1b2c3d"
    ),
    "unrecorded": unrecorded(without_flow_log),
    "recorded in one subnet": unrecorded(
        with_(LOG, vpc_id=None, subnet_id=ref("aws_subnet", "public-us-east-1a", "id"))
    ),
    "scaled by the other colour": shared_table,
    "scaled by the other colour's requests": with_(
        "aws_appautoscaling_policy",
        "blue-fargate_scaling_requests",
        target_tracking_scaling_policy_configuration__predefined_metric_specification__resource_label=label_of(
            "green"
        ),
    ),
}  # fmt: skip
REPLACED = {
    " ".join(filter(None, (type_.removeprefix("aws_"), part))): replaced(type_, part)
    for type_, part in (
        ("aws_lambda_alias", "switch_operate"), ("aws_lambda_alias", "interrupted"),
        (PERMISSION, "switching_operators"), ("aws_iam_role", "switching_switch"),
        (POLICY, "switching_switch_calls"), ("aws_ssm_parameter", "active-environment"),
        ("aws_sns_topic", ""), ("aws_sqs_queue", "switching_switch"), ("aws_sfn_state_machine", ""),
        (ROUTE, "public-internet"), ("aws_route_table_association", "database-us-east-1a"),
        ("aws_vpc_security_group_ingress_rule", "load-balancer_blue-ingress"), (ACL, ""),
        ("aws_wafv2_web_acl_association", ""), ("aws_backup_vault_lock_configuration", ""), (LOG, ""),
        ("aws_cloudwatch_log_group", "flow-logs"), ("aws_ecr_repository", ""),
    )
}  # fmt: skip
EXPIRED = {
    "by their number": expiring(countType="imageCountMoreThan", countNumber=5),
    "by their age": expiring(countType="sinceImagePushed", countUnit="days", countNumber=30),
    "by a pattern": expiring(
        tagStatus="tagged", tagPatternList=["*"], countType="imageCountMoreThan", countNumber=3
    ),
}
GROUPS = {
    "clients": CLIENTS, "tasks": TASKS, "callers": CALLERS, "packets": PACKETS, "replaced": REPLACED,
    "images": EXPIRED,
}  # fmt: skip
CASES = [
    Case(f"{group}: {name}", place) for group, places in GROUPS.items() for name, place in places.items()
]
