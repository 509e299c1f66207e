"""Single changes of arguments, as `bluegreen mutate` makes them: dropped, widened, redirected, inverted."""

import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, body, change, name_like, names, on

EGRESS, INGRESS = "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"
ENDPOINT, RULE, TARGET = "aws_vpc_endpoint", "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"
ALARM, FILTER, KEY, ROLE = (
    "aws_cloudwatch_metric_alarm", "aws_cloudwatch_log_metric_filter", "aws_kms_key", "aws_iam_role",
)  # fmt: skip
LOGS, PERMISSION = "aws_cloudwatch_log_resource_policy", "aws_lambda_permission"
FUNCTION, ROLE_POLICY, SCALED = "aws_lambda_function", "aws_iam_role_policy", "aws_appautoscaling_target"


def document(
    type_: str, part: str, change_: Callable[[Any], object], *, argument: str = "policy"
) -> Mutation:
    """Changes a JSON document in place."""

    def mutate(stack: Document) -> None:
        found = body(stack, type_, part)
        value = json.loads(found[argument])
        change_(value)
        found[argument] = json.dumps(value)

    return mutate


def statement(type_: str, part: str, sid: str, /, *, argument: str = "policy", **values: Any) -> Mutation:
    """Sets elements of the statement with a Sid; None takes one out."""

    def change_(value: Any) -> None:
        (found,) = (entry for entry in value["Statement"] if entry.get("Sid") == sid)
        for key, new in values.items():
            if new is None:
                del found[key]
            else:
                found[key] = new

    return document(type_, part, change_, argument=argument)


def pattern(part: str, change_: Callable[[Any], object]) -> Mutation:
    """Changes an event pattern."""
    return document(RULE, part, change_, argument="event_pattern")


def without(key: str, *path: str | int) -> Callable[[Any], None]:
    """Takes an element out of what is at a path, or an item out of a list."""

    def change_(value: Any) -> None:
        for step in path:
            value = value[step]
        if isinstance(value, list):
            value.remove(next(item for item in value if key in item))
        else:
            del value[key]

    return change_


def dimensions(part: str, **values: str | None) -> Mutation:
    def mutate(stack: Document) -> None:
        alarm = body(stack, ALARM, part)
        found = [alarm, *(query["metric"] for query in alarm.get("metric_query", []) if "metric" in query)]
        for metric in (item for item in found if item.get("dimensions")):
            for name, value in values.items():
                if value is None:
                    del metric["dimensions"][name]
                else:
                    metric["dimensions"][name] = value

    return mutate


def same_rule(stack: Document) -> None:
    found = stack["resource"][INGRESS]
    found["again"] = dict(found[name_like(stack, INGRESS, "load-balancer_testers-0")])


def another_boundary(stack: Document) -> None:
    """Of all roles but one, and but the switch's, whose boundary would have to be in the stack."""
    for name in names(stack, ROLE):
        if "green-credentials" not in name:
            body(stack, ROLE, name)["permissions_boundary"] = "arn:aws:iam::123456789012:policy/boundary"
    body(stack, ROLE, "switching_switch").pop("permissions_boundary")


def other_cluster(stack: Document) -> None:
    blue, green = (name_like(stack, "aws_ecs_cluster", colour) for colour in ("blue", "green"))
    found = body(stack, SCALED, "blue")
    found["resource_id"] = found["resource_id"].replace(blue, green)


def other_log_group(stack: Document) -> None:
    found = body(stack, ROLE_POLICY, "ledger_watch_runtime")
    own = name_like(stack, "aws_cloudwatch_log_group", "ledger_watch")
    found["policy"] = found["policy"].replace(own, name_like(stack, "aws_cloudwatch_log_group", "flow-logs"))


def metric(part: str, **values: Any) -> Mutation:
    return lambda stack: body(stack, FILTER, part)["metric_transformation"].update(values)


def told(part: str, name: str) -> Mutation:
    return lambda stack: body(stack, FUNCTION, part)["environment"]["variables"].pop(name)


def other_record(stack: Document) -> None:
    record = name_like(stack, "aws_ssm_parameter", "ledger-writer")
    stack["output"]["active_environment"]["value"] = f"${{aws_ssm_parameter.{record}.insecure_value}}"


MUTANTS = [
    Mutant(
        "all protocols between groups",
        change(INGRESS, "blue-database_green-database", ip_protocol="-1"),
        on("CKV2_BG_449", INGRESS, "blue-database_green-database"),
    ),
    Mutant(
        "endpoints by UDP",
        change(EGRESS, "endpoints_switch-egress", ip_protocol="udp"),
        on("CKV2_BG_449", EGRESS, "endpoints_switch-egress"),
    ),
    Mutant(
        "testers on a range of ports",
        change(INGRESS, "load-balancer_testers-0", from_port=8000),
        on("CKV2_BG_449", INGRESS, "load-balancer_testers-0"),
    ),
    Mutant(
        "a range of ports to a prefix list",
        change(EGRESS, "endpoints_switch-dynamodb", from_port=1),
        on("CKV2_BG_449", EGRESS, "endpoints_switch-dynamodb"),
    ),
    Mutant(
        "rule that is there twice",
        same_rule,
        also(on("CKV2_BG_449", INGRESS, "load-balancer_testers-0"), on("CKV2_BG_449", INGRESS, "again")),
    ),
    Mutant(
        "address that is no network",
        change(INGRESS, "load-balancer_testers-0", cidr_ipv4="testers.example.net/32"),
        on("CKV2_BG_440", INGRESS, "load-balancer_testers-0"),
    ),
    Mutant(
        "VPC that leaves its default group to AWS",
        lambda stack: stack["resource"].pop("aws_default_security_group"),
        on("CKV_BG_405", "aws_vpc"),
    ),
    Mutant(
        "gateway endpoint for every action",
        statement(ENDPOINT, "endpoints_dynamodb", "OwnAccountOnly", Action="dynamodb:*"),
        on("CKV_BG_404", ENDPOINT, "endpoints_dynamodb"),
    ),
    Mutant(
        "endpoint of STS for every action",
        statement(ENDPOINT, "endpoints_sts", "OwnAccountOnly", Action=["sts:*"]),
        on("CKV_BG_404", ENDPOINT, "endpoints_sts"),
    ),
    Mutant(
        "endpoint that refuses what the application writes",
        document(ENDPOINT, "endpoints_dynamodb", without("PutItem", "Statement", 0, "Action")),
        on("CKV_BG_404", ENDPOINT, "endpoints_dynamodb"),
    ),
    Mutant(
        "endpoint that refuses the layers of images",
        statement(ENDPOINT, "endpoints_s3", "LayersOfImages", Effect="Deny"),
        on("CKV_BG_404", ENDPOINT, "endpoints_s3"),
    ),
    Mutant(
        "endpoint for a resource that is no ARN",
        statement(ENDPOINT, "endpoints_s3", "OwnAccountOnly", Resource=["bucket/*"]),
        on("CKV2_BG_443", ENDPOINT, "endpoints_s3"),
    ),
    Mutant(
        "policy of a version that IAM doesn't know",
        document("aws_backup_vault_policy", "", lambda value: value.update(Version="2026-01-01")),
        on("CKV2_BG_443", "aws_backup_vault_policy"),
    ),
    Mutant(
        "trust for every action",
        document(
            ROLE,
            "flow-logs",
            lambda value: value["Statement"][0].update(Action="*"),
            argument="assume_role_policy",
        ),
        on("CKV2_BG_443", ROLE, "flow-logs"),
    ),
    Mutant(
        "key that every role of the account decrypts with",
        document(KEY, "", without("kms:ViaService", "Statement", 3, "Condition", "StringEquals")),
        on("CKV2_BG_443", KEY),
    ),
    Mutant(
        "key on which the backup's role grants what it likes",
        document(KEY, "", without("Bool", "Statement", 5, "Condition")),
        on("CKV2_BG_443", KEY),
    ),
    Mutant(
        "key through a service that there is not",
        document(
            KEY,
            "",
            lambda value: value["Statement"][3]["Condition"]["StringEquals"]["kms:ViaService"].append("rds"),
        ),
        on("CKV2_BG_443", KEY),
    ),
    Mutant(
        "workflow that uses the key for anything",
        statement(ROLE_POLICY, "workflow_run", "Executions", Condition=None),
        on("CKV2_BG_443", ROLE_POLICY, "workflow_run"),
    ),
    Mutant(
        "role without the boundary of the others",
        another_boundary,
        also(on("CKV2_BG_414", ROLE, "green-cred"), on("CKV2_BG_414", ROLE, "switching_switch")),
    ),
    Mutant(
        "vault that denies everything",
        statement("aws_backup_vault_policy", "", "KeepRecoveryPoints", Action=["backup:*"]),
        on("CKV_BG_412", "aws_backup_vault"),
    ),
    Mutant(
        "function that may write to another's log",
        other_log_group,
        on("CKV_BG_453", FUNCTION, "ledger_watch"),
    ),
    Mutant(
        "switch that is not told of the workflow",
        told("switching_switch", "STATE_MACHINE_ARN"),
        also(on("CKV_BG_453", FUNCTION, "switching_switch"), on("CKV2_BG_444", FUNCTION, "switching_switch")),
    ),
    Mutant(
        "reader without a setting that its code reads",
        told("switching_read", "MIN_HEALTHY_TARGETS"),
        on("CKV2_BG_444", FUNCTION, "switching_read"),
    ),
    Mutant("scaling of a service in the other cluster", other_cluster, on("CKV2_BG_441", SCALED, "blue")),
    Mutant(
        "tracking of a target by steps",
        change("aws_appautoscaling_policy", "green-fargate_scaling_cpu", policy_type=None),
        on("CKV2_BG_440", "aws_appautoscaling_policy", "green-fargate_scaling_cpu"),
    ),
    Mutant(
        "target that no task reaches",
        change(
            "aws_appautoscaling_policy",
            "green-fargate_scaling_cpu",
            target_tracking_scaling_policy_configuration__target_value=6_000,
        ),
        on("CKV2_BG_440", "aws_appautoscaling_policy", "green-fargate_scaling_cpu"),
    ),
    Mutant(
        "colour that only an apply tells",
        change("aws_rds_cluster", "blue", tags__Colour="${data.aws_region.other.name}"),
        on("CKV2_BG_440", "aws_rds_cluster", "blue"),
    ),
    Mutant(
        "blue's alarm under green's name",
        change("aws_cloudwatch_composite_alarm", "blue", alarm_name="payments-local-green-any"),
        on("CKV2_BG_454", "aws_cloudwatch_composite_alarm", "blue"),
    ),
    Mutant(
        "alarm without a threshold",
        change(ALARM, "ledger-unhealthy", threshold=None),
        on("CKV_BG_207", ALARM, "ledger-unhealthy"),
    ),
    Mutant(
        "alarm on every vault of the account",
        dimensions("backup-missing", BackupVaultName=None),
        on("CKV_BG_206", ALARM, "backup-missing"),
    ),
    Mutant(
        "alarm on a rule that the firewall has not",
        dimensions("blocked-requests", Rule="everything"),
        on("CKV_BG_206", ALARM, "blocked-requests"),
    ),
    Mutant(
        "alarm of green on a function of none",
        lambda stack: dimensions(
            "green_rotation-duration",
            FunctionName=f"${{{FUNCTION}.{name_like(stack, FUNCTION, 'ledger_watch')}.function_name}}",
        )(stack),
        also(  # that function's timeout is shorter, too
            on("CKV_BG_207", ALARM, "green_rotation-duration"),
            on("CKV2_BG_448", FUNCTION, "green-credentials_rotation"),
        ),
    ),
    Mutant(
        "firewall without the metrics that an alarm looks at",
        change("aws_wafv2_web_acl", "", visibility_config__cloudwatch_metrics_enabled=False),
        on("CKV_BG_206", ALARM, "blocked-requests"),
    ),
    Mutant(
        "cluster without the metrics that alarms look at",
        lambda stack: body(stack, "aws_ecs_cluster", "green")["setting"][0].update(value="disabled"),
        on("CKV_BG_206", "aws_ecs_cluster", "green"),
    ),
    Mutant(
        "log filter that publishes under no dimension",
        metric("ledger_watching_verified", dimensions={}),
        lambda stack: (
            on("CKV2_BG_448", FILTER, "verified")(stack) | on("CKV2_BG_448", ALARM, "verification-old")(stack)
        ),
    ),
    Mutant(
        "log filter that publishes another metric",
        metric("ledger_watching_verified", name="Verified"),
        lambda stack: (
            on("CKV2_BG_448", FILTER, "verified")(stack) | on("CKV2_BG_448", ALARM, "verification-old")(stack)
        ),
    ),
    Mutant(
        "log filter with half a pattern",
        change(FILTER, "green-credentials", pattern="{ $.age_days >= 0"),
        on("CKV2_BG_448", FILTER, "green-credentials"),
    ),
    Mutant(
        "rule for events of anyone",
        pattern("backup-jobs", without("source")),
        on("CKV2_BG_455", RULE, "backup-jobs"),
    ),
    Mutant(
        "rule for some failures of the workflow",
        pattern("workflow_interrupted", without("ABORTED", "detail", "status")),
        on("CKV2_BG_455", RULE, "workflow_interrupted"),
    ),
    Mutant(
        "rule that leaves out an instance",
        pattern("blue-monitoring_events_database-trouble", without("instance-2", "detail", "SourceArn")),
        on("CKV2_BG_455", RULE, "blue-monitoring_events_database-trouble"),
    ),
    Mutant(
        "rule of blue that is about less than green's",
        pattern("blue-monitoring_events_database-trouble", without("recovery", "detail", "EventCategories")),
        on("CKV2_BG_455", RULE, "blue-monitoring_events_database-trouble"),
    ),
    Mutant(
        "rule that leaves out a listener",
        pattern("listener-changed", without("_test_", "detail", "requestParameters", "listenerArn")),
        on("CKV2_BG_455", RULE, "listener-changed"),
    ),
    Mutant(
        "rule for the key by one of its names",
        pattern("key-in-danger", without(".key_id", "detail", "requestParameters", "keyId")),
        on("CKV2_BG_455", RULE, "key-in-danger"),
    ),
    Mutant(
        "rule for fewer secrets of one colour",
        pattern(
            "ledger-rotation-failed", without("green-mover", "detail", "additionalEventData", "SecretId")
        ),
        on("CKV2_BG_455", RULE, "ledger-rotation-failed"),
    ),
    Mutant(
        "interrupted shift that the switch is not told to roll back",
        lambda stack: body(stack, TARGET, "roll-back")["input_transformer"].update(
            input_template='{"workflow": <workflow>}'
        ),
        on("CKV2_BG_445", TARGET, "roll-back"),
    ),
    Mutant(
        "interrupted shift whose event may be lost",
        change(TARGET, "roll-back", dead_letter_config=None),
        on("CKV2_BG_445", TARGET, "roll-back"),
    ),
    Mutant(
        "schedule that asks for nothing",
        change(TARGET, "ledger_watching_verification", input="{}"),
        on("CKV2_BG_445", TARGET, "ledger_watching_verification"),
    ),
    Mutant(
        "function that is told of a secret of another's",
        lambda stack: body(stack, TARGET, "green-credentials_age").update(
            input=body(stack, TARGET, "green-credentials_age")["input"].replace(
                name_like(stack, "aws_secretsmanager_secret", "green-credentials"),
                name_like(stack, "aws_secretsmanager_secret", "green-mover"),
            )
        ),
        on("CKV2_BG_445", TARGET, "green-credentials_age"),
    ),
    Mutant(
        "interrupted shift whose workflow the switch is not told",
        lambda stack: body(stack, TARGET, "roll-back")["input_transformer"]["input_paths"].pop("workflow"),
        on("CKV2_BG_445", TARGET, "roll-back"),
    ),
    Mutant(
        "operators admitted where deployers are",
        lambda stack: body(stack, PERMISSION, "operators").update(
            qualifier=body(stack, PERMISSION, "deployers")["qualifier"]
        ),
        also(on("CKV2_BG_445", PERMISSION, "operators"), on("CKV2_BG_445", PERMISSION, "deployers")),
    ),
    Mutant(
        "log delivery that is denied",
        statement(LOGS, "", "LogsOfTheWebFirewall", argument="policy_document", Effect="Deny"),
        on("CKV2_BG_443", LOGS),
    ),
    Mutant(
        "workflow that uses the key for all executions but its own",
        statement(
            ROLE_POLICY,
            "workflow_run",
            "Executions",
            Condition={
                "StringNotEquals": {"kms:EncryptionContext:aws:states:stateMachineArn": "arn:aws:states"}
            },
        ),
        on("CKV2_BG_443", ROLE_POLICY, "workflow_run"),
    ),
    Mutant(
        "active colour from another record",
        other_record,
        lambda _: {("CKV2_BG_35", "output.active_environment")},
    ),
]
