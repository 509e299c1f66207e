"""Alarms that never ring, or that reach no one: each clause in three forms."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, with_

ALARM, COMPOSITE = "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"
TOPIC_POLICY, KEY = "aws_sns_topic_policy", "aws_kms_key"
Place = Callable[[Document], tuple[str, ...]]


def expression(part: str, **queries: Any) -> Place:
    """The alarm's queries, by id: a text is an expression, and `result` is compared with the threshold."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, ALARM, part)
        alarm = document["resource"][ALARM][name]
        for key in ("metric_name", "namespace", "statistic", "extended_statistic", "period", "dimensions"):
            alarm.pop(key, None)
        alarm["metric_query"] = [
            {"id": id_, "expression": value, "return_data": id_ == "result"}
            if isinstance(value, str)
            else {"id": id_, "metric": value, "return_data": False}
            for id_, value in queries.items()
        ]
        return (f"{ALARM}.{name}",)

    return place


def metric(document: Document, part: str = "blue_response-time", **changes: Any) -> dict[str, Any]:
    alarm = document["resource"][ALARM][name_like(document, ALARM, part)]
    return {
        "namespace": alarm["namespace"],
        "metric_name": alarm["metric_name"],
        "period": 60,
        "stat": "p99",
        "dimensions": alarm["dimensions"],
        **changes,
    }


def with_metric(part: str, text: str, **changes: Any) -> Place:
    return lambda document: expression(part, result=text, m=metric(document, part, **changes))(document)


def rule(part: str, change: Callable[[str, Document], str]) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, COMPOSITE, part)
        alarm = document["resource"][COMPOSITE][name]
        alarm["alarm_rule"] = change(alarm["alarm_rule"], document)
        return (f"{COMPOSITE}.{name}",)

    return place


def of_other(text: str, document: Document) -> str:
    blue, green = (
        document["resource"][COMPOSITE][name_like(document, COMPOSITE, c)] for c in ("blue", "green")
    )
    other = green if text == blue["alarm_rule"] else blue
    return str(other["alarm_rule"])


def with_one_of_the_other(text: str, document: Document) -> str:
    name = name_like(document, ALARM, "green_response-time")
    return f'{text} OR ALARM("${{{ALARM}.{name}.alarm_name}}")'


def only_other(text: str, document: Document) -> str:  # noqa: ARG001 - as called
    return "ALARM(payments-local-green-response-time)"


def statement(type_: str, part: str, sid: str, change: Mapping[str, Any] | None) -> Place:
    """Another statement in the place of the one with this Sid; None takes it out."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, type_, part)
        body = document["resource"][type_][name]
        found = json.loads(body["policy"])
        found["Statement"] = (
            [
                entry | (change or {})
                for entry in found["Statement"]
                if change is not None or entry["Sid"] != sid
            ]
            if change is None
            else [{**entry, **change} if entry["Sid"] == sid else entry for entry in found["Statement"]]
        )
        body["policy"] = json.dumps(found)
        return (f"{type_}.{name}",)

    return place


def denied(type_: str, **entry: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, type_, "")
        body = document["resource"][type_][name]
        found = json.loads(body["policy"])
        found["Statement"].append({"Effect": "Deny", "Principal": "*", "Resource": "*"} | entry)
        body["policy"] = json.dumps(found)
        return (f"{type_}.{name}",)

    return place


def renamed_topic(part: str, arn: str) -> Place:
    return with_(ALARM, part, alarm_actions=[arn])


THRESHOLDS = [
    Case("more connections than the class has", with_(ALARM, "green_database-connections", threshold=5000)),
    Case("more than all processor time", with_(ALARM, "blue_database-cpu", threshold="120")),
    Case("more free memory than nothing", with_(ALARM, "green_database-memory", threshold=-1)),
    Case("longer than the timeout of the function", with_(ALARM, "switch-duration", threshold=900001)),
    Case("milliseconds of response time", with_(ALARM, "blue_response-time", threshold="${1000 * 2}")),
    Case("fewer hosts than none", with_(ALARM, "blue_healthy-hosts", threshold=0)),
]
STATISTICS = [
    Case("counts samples", with_(ALARM, "blue_database-cpu", statistic="SampleCount")),
    Case("least of latency", with_(ALARM, "green_database-commit-latency", statistic="Minimum")),
    Case("first percentile", with_(ALARM, "green_response-time", extended_statistic="p1")),
    Case("average of a count of errors", with_(ALARM, "switch-errors", statistic="Minimum")),
    Case("most of healthy hosts", with_(ALARM, "green_healthy-hosts", statistic="SampleCount")),
]
DAYS = [
    Case(
        "a day in one period",
        with_(ALARM, "green_response-time", period=86400, evaluation_periods=1, datapoints_to_alarm=1),
    ),
    Case(
        "hours of minutes",
        with_(ALARM, "blue_unhealthy-hosts", evaluation_periods="1440", datapoints_to_alarm="1440"),
    ),
    Case("in the queries", with_metric("blue_response-time", "m * 1", period=21600)),
]
CONSTANT = [
    Case("a number", expression("blue_server-errors", result="0")),
    Case("times nothing", with_metric("green_response-time", "m * 0")),
    Case("a metric that is compared with itself", with_metric("blue_response-time", "m - m")),
    Case("a condition that never holds", with_metric("green_database-cpu", "IF(m > 1000000, 1, 0)")),
    Case("filled by a constant", with_metric("blue_database-cpu", "FILL(TIME_SERIES(0), 0)")),
]
MISSING = [
    Case("no hosts is fine", with_(ALARM, "blue_healthy-hosts", treat_missing_data="notBreaching")),
    Case("no lag is fine", with_(ALARM, "green_database-replica-lag", treat_missing_data="ignore")),
    Case("nothing said of unhealthy hosts", with_(ALARM, "green_unhealthy-hosts", treat_missing_data=None)),
]
UNITS = [
    Case("response time in percent", with_(ALARM, "blue_response-time", unit="Percent")),
    Case("memory in megabytes", with_(ALARM, "green_database-memory", unit="Megabytes")),
    Case("errors in seconds", with_(ALARM, "switch-errors", unit="Seconds")),
    Case("in a query", with_metric("green_response-time", "m * 1", unit="Milliseconds")),
]
REFUSED_BY_THE_TOPIC = [
    Case("no statement for CloudWatch", statement(TOPIC_POLICY, "", "AlarmsOfThisAccount", None)),
    Case(
        "another account's alarms",
        statement(
            TOPIC_POLICY,
            "",
            "AlarmsOfThisAccount",
            {"Condition": {"StringEquals": {"aws:SourceAccount": "999999999999"}}},
        ),
    ),
    Case("the wrong action", statement(TOPIC_POLICY, "", "AlarmsOfThisAccount", {"Action": "sns:Subscribe"})),
    Case("everything is denied", denied(TOPIC_POLICY, Action="sns:*")),
]
REFUSED_BY_THE_KEY = [
    Case("no statement of the key", statement(KEY, "", "AlarmsToTopics", None)),
    Case("no data keys", statement(KEY, "", "AlarmsToTopics", {"Action": ["kms:Decrypt"]})),
    Case(
        "another topic's context",
        statement(
            KEY,
            "",
            "AlarmsToTopics",
            {
                "Condition": {
                    "StringLike": {"kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:*:*:other"}
                }
            },
        ),
    ),
]
OUTSIDE = [
    Case(
        "a topic by its name", renamed_topic("blue_server-errors", "arn:aws:sns:us-east-1:123456789012:ops")
    ),
    Case(
        "a topic of another region", renamed_topic("shift-failed", "arn:aws:sns:eu-west-1:123456789012:ops")
    ),
    Case(
        "a scaling policy",
        with_(ALARM, "switch-errors", alarm_actions=["${aws_appautoscaling_policy.x.arn}"]),
    ),
    Case("only when it is over", with_(ALARM, "switch-errors", alarm_actions=[], ok_actions=["${x.arn}"])),
]
COMPOSITES = [
    Case("never", rule("blue", lambda text, _: f"({text}) AND FALSE")),
    Case("false alone", rule("green", lambda *_: "FALSE")),
    Case("two things that exclude each other", rule("blue", lambda text, _: f"({text}) AND NOT ({text})")),
    Case("negated", rule("green", lambda text, _: f"NOT ({text})")),
    Case("one child is negated", rule("blue", lambda text, _: "NOT " + text)),
    Case("while all is well", rule("green", lambda text, _: text.replace("ALARM(", "OK("))),
    Case("without data", rule("blue", lambda text, _: text.replace("ALARM(", "INSUFFICIENT_DATA("))),
    Case("all at once", rule("green", lambda text, _: text.replace(" OR ", " AND "))),
    Case("about the other colour", rule("blue", of_other)),
    Case("also about the other colour", rule("blue", with_one_of_the_other)),
    Case("without its first alarms", rule("green", lambda text, _: " OR ".join(text.split(" OR ")[2:]))),
    Case("without its last alarm", rule("blue", lambda text, _: text.rpartition(" OR ")[0])),
    Case("one alarm", rule("blue", lambda text, _: text.partition(" OR ")[0])),
    Case("by the other colour's name", rule("blue", only_other)),
]
EXISTS = [
    Case(
        "a metric that AWS doesn't publish", with_(ALARM, "blue_database-cpu", metric_name="CpuUtilisation")
    ),
    Case("a namespace of no service", with_(ALARM, "switch-errors", namespace="AWS/Lamda")),
    Case(
        "a role that no cluster has",
        with_(ALARM, "green_database-commit-latency", dimensions__Role="PRIMARY"),
    ),
]

CASES = [
    *THRESHOLDS,
    *STATISTICS,
    *DAYS,
    *CONSTANT,
    *MISSING,
    *UNITS,
    *REFUSED_BY_THE_TOPIC,
    *REFUSED_BY_THE_KEY,
    *OUTSIDE,
    *COMPOSITES,
    *EXISTS,
]
