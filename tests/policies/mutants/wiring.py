"""What joins resources, undone: a link elsewhere, half a path, a twin that is told something else."""

import json
from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, body, change, name_like, on

FUNCTION, ALARM, QUEUE, TASK = (
    "aws_lambda_function", "aws_cloudwatch_metric_alarm", "aws_sqs_queue_policy", "aws_ecs_task_definition",
)  # fmt: skip
RULE = "aws_cloudwatch_event_rule"
SECRET_POLICY, INGRESS = "aws_secretsmanager_secret_policy", "aws_vpc_security_group_ingress_rule"


def statements(type_: str, part: str, change_: Any) -> Mutation:
    """Changes the statements of a policy."""

    def mutate(document: Document) -> None:
        found = body(document, type_, part)
        policy = json.loads(found["policy"])
        change_(policy["Statement"])
        found["policy"] = json.dumps(policy)

    return mutate


def told(part: str, name: str, other: str) -> Mutation:
    """A variable of a function gets the value of another one; none where that is empty."""

    def mutate(document: Document) -> None:
        given = body(document, FUNCTION, part)["environment"]["variables"]
        if other:
            given[name] = given[other]
        else:
            del given[name]

    return mutate


def anyone_reads(found: list[dict[str, Any]]) -> None:
    found[:] = [statement for statement in found if statement["Sid"] != "NobodyElseReads"]


def unprotected(found: list[dict[str, Any]]) -> None:
    found[0]["Action"] = "sqs:DeleteQueue"


def of_another_queue(document: Document) -> None:
    found = body(document, QUEUE, "blue-credentials")
    other = name_like(document, "aws_sqs_queue", "green-credentials")
    own = name_like(document, "aws_sqs_queue", "blue-credentials")
    found["policy"] = found["policy"].replace(own, other)


def same_table(document: Document) -> None:
    """The alarm on one table's throttled writes looks at the other's."""
    other = body(document, ALARM, "session-write-throttles")
    body(document, ALARM, "control-write-throttles")["dimensions"] = dict(other["dimensions"])


def elsewhere(document: Document) -> None:
    """The log of the firewall goes where the flow log's records are."""
    group = name_like(document, "aws_cloudwatch_log_group", "flow-logs")
    firewall = name_like(document, "aws_cloudwatch_log_group", "workflow_logs")
    machine = body(document, "aws_sfn_state_machine")
    assert firewall in machine["logging_configuration"]["log_destination"]
    machine["logging_configuration"]["log_destination"] = f"${{aws_cloudwatch_log_group.{group}.arn}}:*"


def other_tag(document: Document) -> None:
    body(document, "aws_dynamodb_table", "sessions")["name"] = "payments-local-green-sessions"
    body(document, "aws_dynamodb_table", "sessions")["tags"]["Colour"] = "blue"


def pattern(document: Document, part: str, old: str, new: str) -> None:
    rule = body(document, RULE, part)
    assert f'"{old}"' in rule["event_pattern"]
    rule["event_pattern"] = rule["event_pattern"].replace(f'"{old}"', f'"{new}"')


def step(document: Document, name: str, key: str) -> None:
    machine = body(document, "aws_sfn_state_machine")
    definition = json.loads(machine["definition"])
    del definition["States"][name][key]
    machine["definition"] = json.dumps(definition)


def without(document: Document, sid: str) -> None:
    key = body(document, "aws_kms_key")
    policy = json.loads(key["policy"])
    kept = [statement for statement in policy["Statement"] if statement["Sid"] != sid]
    assert len(kept) < len(policy["Statement"])
    key["policy"] = json.dumps({**policy, "Statement": kept})


def effects(document: Document, part: str, effect: str) -> None:
    endpoint = body(document, "aws_vpc_endpoint", part)
    policy = json.loads(endpoint["policy"])
    for statement in policy["Statement"]:
        statement["Effect"] = effect
    endpoint["policy"] = json.dumps(policy)


def dimension(document: Document, part: str, name: str, value: str) -> None:
    alarm = body(document, ALARM, part)
    for query in alarm["metric_query"]:
        if name in query.get("metric", {}).get("dimensions", {}):
            query["metric"]["dimensions"][name] = value


def elsewhere_in_tasks(document: Document) -> None:
    definition = body(document, TASK, "blue")
    (container,) = json.loads(definition["container_definitions"])
    (entry,) = (entry for entry in container["environment"] if entry["name"] == "DATABASE_READER_HOST")
    entry["value"] = "payments.example.net"
    definition["container_definitions"] = json.dumps([container])


MUTANTS = [
    Mutant(
        "event target without an ARN",
        change("aws_cloudwatch_event_target", "ledger_watching_verification", arn=None),
        on("CKV2_BG_440", "aws_cloudwatch_event_target", "ledger_watching_verification"),
    ),
    Mutant(
        "flow log in another account's group",
        change("aws_flow_log", "", log_destination="flow-records-elsewhere"),
        on("CKV2_BG_441", "aws_flow_log"),
    ),
    Mutant(
        "event rule without a target",
        lambda document: document["resource"]["aws_cloudwatch_event_target"].pop(
            name_like(document, "aws_cloudwatch_event_target", "monitoring_events_aws-health")
        ),
        on("CKV2_BG_442", "aws_cloudwatch_event_rule", "monitoring_events_aws-health"),
    ),
    Mutant(
        "queue policy about another queue", of_another_queue, on("CKV2_BG_443", QUEUE, "blue-credentials")
    ),
    Mutant(
        "reader that is told another table",
        told("switching_read", "SSM_PARAM_NAME", "LEDGER_PARAM_NAME"),
        on("CKV2_BG_444", FUNCTION, "switching"),
    ),
    Mutant(
        "rule that may not call the ledger",
        change("aws_lambda_permission", "ledger_watching", source_arn="${aws_cloudwatch_event_rule.x.arn}"),
        on("CKV2_BG_445", "aws_cloudwatch_event_target", "ledger_watching"),
    ),
    Mutant(
        "queue that takes plain HTTP",
        statements(QUEUE, "ledger_watch-dead-letters", unprotected),
        on("CKV2_BG_446", QUEUE, "ledger_watch-dead-letters"),
    ),
    Mutant(
        "secret that any role may be given",
        statements(SECRET_POLICY, "blue-credentials", anyone_reads),
        on("CKV2_BG_447", SECRET_POLICY, "blue-credentials"),
    ),
    Mutant(
        "alarm on another table",
        same_table,
        also(
            on("CKV2_BG_448", ALARM, "write-throttles"),
            on("CKV2_BG_207", "aws_dynamodb_table", "control_table"),
        ),
    ),
    Mutant(
        "ingress on every port of a database",
        change(INGRESS, "blue-database_green-database", from_port=1),
        on("CKV2_BG_449", INGRESS, "blue-database_green-database"),
    ),
    Mutant(
        "execution role without its log",
        lambda document: body(document, "aws_iam_role_policy", "blue-fargate_execution").update(
            policy=body(document, "aws_iam_role_policy", "blue-fargate_execution")["policy"].replace(
                "logs:PutLogEvents", "logs:DescribeLogStreams"
            )
        ),
        on("CKV_BG_450", TASK, "blue"),
    ),
    Mutant(
        "VPC of a million addresses",
        change("aws_vpc", "", cidr_block="10.0.0.0/12"),
        also(on("CKV2_BG_451", "aws_vpc"), on("CKV2_BG_451", "aws_subnet")),
    ),
    Mutant(
        "log group that nothing writes",
        elsewhere,
        on("CKV2_BG_452", "aws_cloudwatch_log_group", "workflow_logs"),
    ),
    Mutant(
        "function that is not told of its queue",
        told("ledger_setup", "GREEN_HEALTH_SECRET_ARN", "BLUE_HEALTH_SECRET_ARN"),
        on("CKV_BG_453", FUNCTION, "ledger_setup"),
    ),
    Mutant(
        "event pattern of no event",
        lambda document: pattern(document, "backup-jobs", "Copy Job State Change", "Copy Job Changed"),
        on("CKV2_BG_455", RULE, "backup-jobs"),
    ),
    Mutant(
        "event pattern that only a star matches",
        lambda document: pattern(document, "blue-monitoring_events_service-trouble", "ERROR", "*"),
        on("CKV2_BG_455", RULE, "blue-monitoring_events_service-trouble"),
    ),
    Mutant(
        "step of the workflow that leads nowhere",
        lambda document: step(document, "RecordMove", "Next"),
        on("CKV_BG_316", "aws_sfn_state_machine"),
    ),
    Mutant(
        "choice of the workflow without a default",
        lambda document: step(document, "SelectWork", "Default"),
        on("CKV_BG_316", "aws_sfn_state_machine"),
    ),
    Mutant(
        "key that event rules may not use for dead letters",
        lambda document: without(document, "EventsToQueues"),
        on("CKV2_BG_321", "aws_kms_key"),
    ),
    Mutant(
        "key that executions may not use",
        lambda document: without(document, "Executions"),
        on("CKV2_BG_321", "aws_kms_key"),
    ),
    Mutant(
        "key that the tasks' storage may not use",
        lambda document: without(document, "StorageOfTasks"),
        on("CKV2_BG_321", "aws_kms_key"),
    ),
    Mutant(
        "green's targets in plain text",
        change("aws_lb_target_group", "green", protocol="HTTP"),
        also(
            *(
                on("CKV2_BG_27", "aws_lb_listener", part)
                for part in ("load-balancer_https", "load-balancer_test")
            )
        ),
    ),
    Mutant(
        "blue's tasks told of a database elsewhere",
        elsewhere_in_tasks,
        on("CKV2_BG_444", TASK, "blue"),
    ),
    Mutant(
        "test listener without a certificate",
        change("aws_lb_listener", "load-balancer_test", certificate_arn=None),
        on("CKV2_BG_440", "aws_lb_listener", "load-balancer_test"),
    ),
    Mutant(
        "interface endpoint in no subnet",
        change("aws_vpc_endpoint", "endpoints_sns", subnet_ids=None),
        on("CKV2_BG_440", "aws_vpc_endpoint", "endpoints_sns"),
    ),
    Mutant(
        "endpoint that allows nothing",
        lambda document: effects(document, "endpoints_sns", "Deny"),
        on("CKV_BG_404", "aws_vpc_endpoint", "endpoints_sns"),
    ),
    Mutant(
        "alarm on a firewall elsewhere",
        lambda document: dimension(document, "blocked-requests", "WebACL", "another"),
        on("CKV2_BG_441", ALARM, "blocked-requests"),
    ),
    Mutant(
        "rotation of one colour that is told less",
        told("blue-credentials_rotation", "DB_NAME", ""),
        on("CKV2_BG_444", FUNCTION, "blue-credentials_rotation"),
    ),
    Mutant(
        "table of both colours",
        other_tag,
        also(on("CKV2_BG_454", "aws_dynamodb_table", "sessions"), on("CKV2_BG_311", TASK, "green")),
    ),
]
