"""Who is told: alarms that are missing, silent, or look at nothing."""

import json
from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, body, both, change, name_like, on, remove

ALARM = "aws_cloudwatch_metric_alarm"
RULE, TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"
CLUSTER, BALANCER, GROUP, TABLE = "aws_rds_cluster", "aws_lb", "aws_lb_target_group", "aws_dynamodb_table"
CONNECTIONS, RESPONSE = "green_database-connections", "green_response-time"
READS, WRITES = "session-read-throttles", "session-write-throttles"


def dimensions(part: str, **values: Any) -> Mutation:
    return change(ALARM, part, dimensions=values)


def given(part: str, dimension: str, type_: str, named: str, attribute: str) -> Mutation:
    """A dimension of an alarm has another value."""

    def mutate(document: Document) -> None:
        reference = f"${{{type_}.{name_like(document, type_, named)}.{attribute}}}"
        body(document, ALARM, part)["dimensions"][dimension] = reference

    return mutate


def throttled(*operations: str) -> Mutation:
    """ThrottledRequests takes the place of the events of reads and writes."""

    def mutate(document: Document) -> None:
        for part, operation in zip((READS, WRITES), operations, strict=True):
            alarm = body(document, ALARM, part)
            alarm["metric_name"] = "ThrottledRequests"
            alarm["dimensions"] |= {"Operation": operation} if operation else {}

    return mutate


def query_without_dimension(document: Document) -> None:
    """In a metric of an expression."""
    queries = body(document, ALARM, "session-system-errors")["metric_query"]
    del next(query for query in queries if "metric" in query)["metric"]["dimensions"]["Operation"]


def both_colours_by_the_balancer(document: Document) -> None:
    """Instead of an alarm a colour, one with the balancer's name for its suffix."""
    remove(ALARM, RESPONSE)(document)
    alarm = body(document, ALARM, "blue_response-time")
    reference = alarm["dimensions"]["LoadBalancer"].replace("arn_suffix", "name")
    alarm["dimensions"] = {"LoadBalancer": reference}


def data(part: str) -> Any:
    return on("CKV_BG_206", ALARM, part)


MISSING = [
    Mutant(
        "no alarm on green's connections", remove(ALARM, CONNECTIONS), on("CKV2_BG_205", CLUSTER, "green")
    ),
    Mutant("no alarm on connections", remove(ALARM, "database-connections"), on("CKV2_BG_205", CLUSTER)),
    Mutant("no alarm on green's response time", remove(ALARM, RESPONSE), on("CKV2_BG_206", GROUP, "green")),
    Mutant("no alarm on response time", remove(ALARM, "response-time"), on("CKV2_BG_206", BALANCER)),
    Mutant("no alarm on throttled reads", remove(ALARM, READS), on("CKV2_BG_207", TABLE, "session")),
    Mutant("no alarm on throttled writes", remove(ALARM, WRITES), on("CKV2_BG_207", TABLE, "session")),
    Mutant(
        "throttling watched for reads alone",
        throttled("GetItem", "Query"),
        on("CKV2_BG_207", TABLE, "session"),
    ),
    Mutant(
        "no alarms",
        both(remove(ALARM), remove("aws_cloudwatch_composite_alarm")),
        also(on("CKV2_BG_205", CLUSTER), on("CKV2_BG_206", BALANCER), on("CKV2_BG_207", TABLE)),
    ),
]

ACTIONS = [
    Mutant(
        "alarm without actions",
        change(ALARM, CONNECTIONS, alarm_actions=None),
        on("CKV_BG_205", ALARM, CONNECTIONS),
    ),
    Mutant(
        "alarm with no action", change(ALARM, RESPONSE, alarm_actions=[]), on("CKV_BG_205", ALARM, RESPONSE)
    ),
    Mutant(
        "alarm with an empty action",
        change(ALARM, WRITES, alarm_actions=[""]),
        on("CKV_BG_205", ALARM, WRITES),
    ),
    Mutant(
        "alarm switched off", change(ALARM, WRITES, actions_enabled=False), on("CKV_BG_205", ALARM, WRITES)
    ),
    Mutant(
        "composite alarm without actions",
        change("aws_cloudwatch_composite_alarm", "green", alarm_actions=None),
        on("CKV_BG_205", "aws_cloudwatch_composite_alarm", "green"),
    ),
]

WITHOUT_DATA = [
    Mutant(
        "connections without dimensions",
        change(ALARM, CONNECTIONS, dimensions=None),
        also(data(CONNECTIONS), on("CKV2_BG_205", CLUSTER, "green")),
    ),
    Mutant(
        "connections of another cluster",
        dimensions(CONNECTIONS, DBClusterIdentifier="payments-elsewhere"),
        also(data(CONNECTIONS), on("CKV2_BG_205", CLUSTER, "green")),
    ),
    Mutant(
        "connections under a name that AWS doesn't use",
        dimensions(CONNECTIONS, ClusterName="payments-local-green"),
        data(CONNECTIONS),
    ),
    Mutant(
        "connections by the cluster's ARN",
        given(CONNECTIONS, "DBClusterIdentifier", CLUSTER, "green", "arn"),
        data(CONNECTIONS),
    ),
    Mutant(
        "connections of blue twice",
        given(CONNECTIONS, "DBClusterIdentifier", CLUSTER, "blue", "cluster_identifier"),
        on("CKV2_BG_205", CLUSTER, "green"),
    ),
    Mutant(
        "response time of a target group alone",
        change(ALARM, RESPONSE, dimensions__LoadBalancer=None),
        data(RESPONSE),
    ),
    Mutant(
        "response time by the load balancer's ARN",
        given(RESPONSE, "LoadBalancer", BALANCER, "", "arn"),
        data(RESPONSE),
    ),
    Mutant(
        "response time by the target group's ARN",
        given(RESPONSE, "TargetGroup", GROUP, "green", "arn"),
        data(RESPONSE),
    ),
    Mutant(
        "response time by the load balancer's name", both_colours_by_the_balancer, data("blue_response-time")
    ),
    Mutant(
        "throttled requests without operation",
        throttled("", "PutItem"),
        data(READS),
    ),
    Mutant(
        "throttling of another table",
        dimensions(READS, TableName="sessions"),
        also(data(READS), on("CKV2_BG_207", TABLE, "session")),
    ),
    Mutant(
        "errors without operation, in an expression", query_without_dimension, data("session-system-errors")
    ),
]

THRESHOLDS = [
    Mutant(
        "response time in milliseconds",
        change(ALARM, RESPONSE, threshold=1500),
        on("CKV_BG_207", ALARM, RESPONSE),
    ),
    Mutant(
        "response time with a wrong unit",
        change(ALARM, RESPONSE, unit="Milliseconds"),
        on("CKV_BG_207", ALARM, RESPONSE),
    ),
    Mutant(
        "connections that no instance takes",
        change(ALARM, CONNECTIONS, threshold="20000"),
        on("CKV_BG_207", ALARM, CONNECTIONS),
    ),
    Mutant(
        "alarm on few connections",
        change(ALARM, CONNECTIONS, comparison_operator="LessThanThreshold"),
        on("CKV_BG_207", ALARM, CONNECTIONS),
    ),
]


def balancer_alone(document: Document) -> None:
    """One alarm on the response time of both colours."""
    remove(ALARM, RESPONSE)(document)
    del body(document, ALARM, "blue_response-time")["dimensions"]["TargetGroup"]


HARMLESS = [
    Mutant("response time of both colours together", balancer_alone, lambda _: set()),
    Mutant("throttled requests by operation", throttled("GetItem", "PutItem"), lambda _: set()),
    Mutant(
        "response time of ten seconds", change(ALARM, RESPONSE, threshold=10, unit="Seconds"), lambda _: set()
    ),
]

WATCHED, BOARD = "CKV2_BG_456", "aws_cloudwatch_dashboard"
UNWATCHED = [
    Mutant("no alarm on failed shifts", remove(ALARM, "shift-failed"), on(WATCHED, "aws_sfn_state_machine")),
    Mutant(
        "no alarm on undelivered notifications",
        remove(ALARM, "notification-delivery"),
        on(WATCHED, "aws_sns_topic"),
    ),
    Mutant(
        "no rule for the key's deletion",
        both(remove(RULE, "key-in-danger"), remove(TARGET, "key-in-danger"), remove(ALARM, "key-in-danger")),
        on("CKV2_BG_459", "aws_kms_key"),
    ),
    Mutant(
        "rule for news of AWS in the place of its trouble",
        change(
            RULE,
            "aws-health",
            event_pattern=json.dumps(
                {
                    "source": ["aws.health"],
                    "detail-type": ["AWS Health Event"],
                    "detail": {"eventTypeCategory": ["accountNotification"]},
                }
            ),
        ),
        on("CKV2_BG_459"),
    ),
    Mutant(
        "rule for whatever the vault's service tells",
        change(
            RULE,
            "backup-jobs",
            event_pattern='{"source": ["aws.backup"], "detail-type": ["Backup Job State Change"]}',
        ),
        lambda _: set(),
    ),
    Mutant("dashboard of nothing", change(BOARD, dashboard_body='{"widgets": []}'), on("CKV2_BG_457", BOARD)),
    Mutant("no dashboard", remove(BOARD), on("CKV2_BG_457")),
]
MUTANTS = [*UNWATCHED, *HARMLESS, *MISSING, *ACTIONS, *WITHOUT_DATA, *THRESHOLDS]
