"""Notifications without their event, filters of nothing, alarms that ring too late, always or unheard."""

from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, ref, with_

TARGET, RULE, FILTER, ALARM = (
    "aws_cloudwatch_event_target", "aws_cloudwatch_event_rule", "aws_cloudwatch_log_metric_filter",
    "aws_cloudwatch_metric_alarm",
)  # fmt: skip
FUNCTION, LOGS = "aws_lambda_function", "aws_cloudwatch_log_group"
NOTHING = '"all is well"'


def gone(part: str, type_: str, left: str) -> Any:
    """An alarm that one colour still has; the finding belongs on what is watched no more."""

    def place(document: Document) -> tuple[str, ...]:
        label = name_like(document, ALARM, part)
        del document["resource"][ALARM][label]
        for other in document["resource"]["aws_cloudwatch_composite_alarm"].values():
            terms = [term for term in other["alarm_rule"].split(" OR ") if f".{label}." not in term]
            other["alarm_rule"] = " OR ".join(terms)
        board = document["resource"]["aws_cloudwatch_dashboard"]
        for body in board.values():
            body["dashboard_body"] = body["dashboard_body"].replace(f"{ALARM}.{label}.arn", "x")
        return (f"{type_}.{name_like(document, type_, left)}",)

    return place


EVENTS = {
    "one text": with_(TARGET, "key-in-danger", input='{"message": "fine"}'),
    "one text, of a colour": with_(TARGET, "blue-monitoring_events_failover", input=NOTHING),
    "a template of nothing": with_(TARGET, "roles-changed", input_transformer={"input_template": NOTHING}),
    "a template of what is not": with_(
        TARGET,
        "vault-changed",
        input_transformer=[{"input_paths": {"what": "$.nothing"}, "input_template": '"<what>"'}],
    ),
    "a template without its path": with_(
        TARGET,
        "green-monitoring_events_failover",
        input_transformer={"input_paths": {"what": "$.detail"}, "input_template": NOTHING},
    ),
    "a path to nothing": with_(TARGET, "listener-changed", input_path="$.nothing"),
    "no retries": with_(TARGET, "key-changed", retry_policy={"maximum_retry_attempts": 0}),
    "retries for a minute": with_(
        TARGET, "aws-health", retry_policy=[{"maximum_event_age_in_seconds": "60"}]
    ),
    "one retry": with_(TARGET, "backup-jobs", retry_policy={"maximum_retry_attempts": "1"}),
    "a day that there is none of": with_(RULE, "ledger_watching", schedule_expression="cron(0 0 31 2 ? *)"),
    "a year that is over": with_(RULE, "green-credentials_age", schedule_expression="cron(0 0 1 1 ? 2020)"),
}
FILTERS = {
    "nothing below nought": with_(FILTER, "blue-credentials_age", pattern="{ $.age_days < 0 }"),
    "a few days": with_(FILTER, "green-credentials_age", pattern="{$.age_days <= 5}"),
    "one day": with_(FILTER, "green-credentials_age", pattern="{ $.age_days = 1 }"),
    "another field": with_(FILTER, "blue-credentials_age", pattern="{ $.agedays >= 0 }"),
    "a word": with_(FILTER, "green-credentials_age", pattern="never"),
    "columns": with_(FILTER, "blue-credentials_age", pattern="[age]"),
    "nought": with_(FILTER, "blue-credentials_age", metric_transformation__value="0"),
    "one": with_(FILTER, "green-credentials_age", metric_transformation__value="1"),
    "another value": with_(FILTER, "blue-credentials_age", metric_transformation__value="$.other"),
    "another name": with_(FILTER, "blue-credentials_age", metric_transformation__name="AgeHours"),
    "another name of green": with_(FILTER, "green-credentials_age", metric_transformation__name="Age"),
    "a flow log": with_(FILTER, "ledger_watching_metric", log_group_name=ref(LOGS, "flow-logs", "name")),
    "another function's log": with_(
        FILTER, "ledger_watching_verified", log_group_name=ref(LOGS, "switching_read", "name")
    ),
    "healthy by default": with_(
        FILTER, "ledger_watching_metric", metric_transformation__default_value="1"
    ),
    "verified by default": with_(
        FILTER, "ledger_watching_verified", metric_transformation__default_value=0
    ),
}  # fmt: skip
LATE = {
    "a hundred thousand errors": with_(ALARM, "switch-errors", threshold=99_999),
    "a thousand shifts": with_(ALARM, "shift-failed", threshold="1000"),
    "five hundred throttles": with_(ALARM, "ledger-throttles", threshold=500),
    "every processor": with_(ALARM, "blue_database-cpu", threshold=99.9),
    "nearly every processor": with_(ALARM, "green_database-cpu", threshold="99.5"),
    "more than a minute of commits": with_(ALARM, "blue_database-commit-latency", threshold=61_000),
    "one byte": with_(ALARM, "green_database-memory", threshold=1),
    "a megabyte": with_(ALARM, "blue_database-memory", threshold=1_048_576),
    "more than a minute of lag": with_(ALARM, "blue_database-replica-lag", threshold="61000"),
    "longer than the function runs": with_(ALARM, "switch-duration", threshold=300_000),
    "longer than the other runs": with_(ALARM, "ledger-setup-duration", threshold=899_000),
    "as long as no function runs": with_(ALARM, "switch-read-duration", threshold=120_001),
}
ALWAYS = {
    "no processor": with_(ALARM, "blue_database-cpu", threshold=0),
    "a blink": with_(ALARM, "blue_response-time", threshold=0.0001),
    "one connection": with_(ALARM, "green_database-connections", threshold=1),
    "all memory": with_(ALARM, "green_database-memory", threshold=1e15),
}
UNHEARD = {
    "ten seconds": with_(ALARM, "blue_response-time", period=10),
    "half a minute's period": with_(ALARM, "green_database-cpu", period="30"),
    "forty-five seconds": with_(ALARM, "switch-errors", period=45),
    "two statistics": with_(ALARM, "blue_response-time", statistic="Maximum"),
    "another's name": with_(ALARM, "switch-errors", alarm_name=ref(ALARM, "switch-throttles", "alarm_name")),
    "the name of the other colour's": with_(
        ALARM, "blue_response-time", alarm_name=ref(ALARM, "green_response-time", "alarm_name")
    ),
    "the topic's name": with_(ALARM, "switch-errors", alarm_actions=[ref("aws_sns_topic", "", "name")]),
    "an alias that is not": with_(
        ALARM,
        "switch-errors",
        dimensions={
            "FunctionName": ref(FUNCTION, "switching_switch_", "function_name"),
            "Resource": "payments-local-switch:unknown",
        },
    ),
    "small letters": with_(ALARM, "switch-errors", namespace="aws/lambda"),
    "one colour's errors": gone("blue_server-errors", "aws_lb_target_group", "blue"),
    "one colour's hosts": gone("green_healthy-hosts", "aws_lb_target_group", "green"),
    "one colour's lag": gone("blue_database-replica-lag", "aws_rds_cluster", "blue"),
    "one colour's broken hosts": gone("green_unhealthy-hosts", "aws_lb_target_group", "green"),
    "one colour's processors": gone("green_database-cpu", "aws_rds_cluster", "green"),
}  # fmt: skip
GROUPS = {"event": EVENTS, "filter": FILTERS, "late": LATE, "always": ALWAYS, "unheard": UNHEARD}
CASES = [
    Case(f"{group}: {name}", place) for group, places in GROUPS.items() for name, place in places.items()
]
