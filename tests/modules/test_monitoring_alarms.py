"""R05: alarms that can ring, tell somebody, and say what to do."""

import re
from pathlib import Path

import pytest
from embedded_aws.extensions.alarm_rules import parse

from modules.config.instance_classes import MAX_CONNECTIONS, max_connections, memory_gib
from tests.modules.golden.production import reviewed
from tests.modules.monitored import THRESHOLD, Measured, alarms, measured, problems
from tests.stack_reader import Stack
from tests.workspaces import stack_of, synthesize, with_shipped_configuration

COLOURS = ("blue", "green")
# Of these silence itself is the failure.
RING_WITHOUT_DATA = {
    "backup-missing",
    "certificate-expiry",
    "ledger-unhealthy",
    "ledger-verification-old",
    *(
        f"{c}-{name}"
        for c in COLOURS
        for name in (
            "database-replica-lag",
            "healthy-hosts",
            "ledger-replication-stopped",
            "missing-tasks",
            "unhealthy-hosts",
        )
    ),
}
# PutMetricAlarm: evaluation looks back a day; seven days where periods have an hour or more.
HOUR, DAY = 3600, 24 * 3600
DESCRIPTION_LIMIT = 1024
ON_CALL = "arn:aws:sns:us-east-1:123456789012:payments-on-call"


def test_both_colours_have_the_same_alarms(stack: Stack) -> None:
    blue, green = (
        {name.removeprefix(f"{colour}-") for name in alarms(stack) if name.startswith(f"{colour}-")}
        for colour in COLOURS
    )

    assert blue == green
    assert blue


def test_every_deployment_has_the_reviewed_alarms(stack: Stack) -> None:
    """The golden file of `production` is what a review sees."""
    assert set(alarms(stack)) == set(alarms(Stack(reviewed())))


def test_every_alarm_is_on_data_that_aws_publishes(stack: Stack) -> None:
    found = {
        name: [problem for metric in measured(alarm) for problem in problems(metric, stack)]
        for name, alarm in alarms(stack).items()
    }

    assert {name: found_problems for name, found_problems in found.items() if found_problems} == {}


@pytest.mark.parametrize(
    "silent",
    [
        Measured("AWS/DynamoDB", "ThrottledRequests", {"TableName": "${aws_dynamodb_table.t.name}"}),
        Measured("AWS/ApplicationELB", "HealthyHostCount", {"LoadBalancer": "${aws_lb.b.arn_suffix}"}),
        Measured("AWS/ApplicationELB", "RejectedConnectionCount", {"LoadBalancer": "${aws_lb.b.arn}"}),
        Measured("AWS/RDS", "CommitLatency", {"DBClusterIdentifier": "${aws_rds_cluster.c.arn}"}),
        Measured("AWS/SecretsManager", "SecretAge", {}),
    ],
)
def test_an_alarm_that_could_never_ring_would_be_found(stacks: dict[str, Stack], silent: Measured) -> None:
    assert list(problems(silent, stacks["local"])) != []


def test_thresholds_are_in_the_unit_of_the_data(stack: Stack) -> None:
    for name, alarm in alarms(stack).items():
        said = THRESHOLD.search(alarm["alarm_description"])
        assert said, name
        share = any(
            str(query.get("expression", "")).startswith("100 *")
            for query in alarm.block.get("metric_query", [])
        )
        units = {"Percent"} if share else {metric.unit for metric in measured(alarm)}

        assert units == {said[3]}, name
        assert "unit" not in alarm.block, name
        assert float(said[2]) == alarm["threshold"], name
        assert (
            alarm["comparison_operator"]
            == {
                "above": "GreaterThanThreshold",
                "below": "LessThanThreshold",
            }[said[1]]
        )
        assert (int(said[4]), int(said[5])) == (alarm["datapoints_to_alarm"], alarm["evaluation_periods"])


def test_thresholds_follow_from_the_configuration(stack: Stack) -> None:
    of = {name: alarm["threshold"] for name, alarm in alarms(stack).items()}
    needed = stack.at("switching/switch/function")["environment"]["variables"]["MIN_HEALTHY_TARGETS"]

    for colour in COLOURS:
        assert of[f"{colour}-database-connections"] == 800  # of the 1000 of db.r6g.large
        assert of[f"{colour}-database-memory"] == 16 * 1024**3 * 5 // 100
        assert of[f"{colour}-healthy-hosts"] == int(needed)
        timeout = stack.at(f"{colour}-credentials/rotation/function")["timeout"]
        assert of[f"{colour}-rotation-duration"] == timeout * 1000 * 0.8
        rules = stack.at(f"{colour}-credentials/schedule")["rotation_rules"]
        assert of[f"{colour}-secret-age"] == rules["automatically_after_days"] + 2
    assert of["switch-duration"] == stack.at("switching/switch/function")["timeout"] * 1000 * 0.8


def test_nothing_else_sets_the_limit_of_connections(stack: Stack) -> None:
    for group in stack.all("aws_rds_cluster_parameter_group"):
        assert "max_connections" not in {parameter["name"] for parameter in group["parameter"]}


def test_missing_data_is_treated_as_what_it_means(stack: Stack) -> None:
    """Everywhere as a review of `production` has seen it."""
    treated, seen = (
        {name: alarm["treat_missing_data"] for name, alarm in alarms(of).items()}
        for of in (stack, Stack(reviewed()))
    )

    assert {name for name, treatment in treated.items() if treatment == "breaching"} >= RING_WITHOUT_DATA
    assert set(treated.values()) == {"breaching", "notBreaching"}
    assert treated == seen


def test_every_alarm_tells_the_topic_when_it_rings_and_when_it_is_over(stack: Stack) -> None:
    topic = stack.one("aws_sns_topic")
    watching = stack.all("aws_cloudwatch_metric_alarm") + stack.all("aws_cloudwatch_composite_alarm")

    for alarm in watching:
        assert alarm["actions_enabled"] is True, alarm.path
        for actions in ("alarm_actions", "ok_actions"):
            assert topic in [stack.named(arn) for arn in alarm[actions]], alarm.path


def test_no_alarm_has_more_metrics_than_cloudwatch_takes(stack: Stack) -> None:
    """CloudWatch user guide, "Limits that apply to alarms based on metric math expressions"."""
    for name, alarm in alarms(stack).items():
        metrics = [query for query in alarm.block.get("metric_query", []) if "metric" in query]
        assert len(metrics) <= 10, name


def test_every_event_rule_s_delivery_is_watched(stack: Stack) -> None:
    watched = {
        metric.dimensions["RuleName"]
        for name, alarm in alarms(stack).items()
        if name.startswith("event-delivery")
        for metric in measured(alarm)
    }
    rules = {
        f"${{aws_cloudwatch_event_rule.{rule.name}.name}}" for rule in stack.all("aws_cloudwatch_event_rule")
    }
    assert watched == rules


def test_descriptions_fit_and_tell_what_to_do(stack: Stack) -> None:
    for name, alarm in alarms(stack).items():
        description = THRESHOLD.sub("", alarm["alarm_description"])
        assert len(alarm["alarm_description"]) <= DESCRIPTION_LIMIT, name
        assert len(re.findall(r"[.?!](?: |$)", description)) >= 2, name


def test_cloudwatch_accepts_how_far_they_look_back(stack: Stack) -> None:
    for name, alarm in alarms(stack).items():
        periods = {
            query["metric"]["period"] for query in alarm.block.get("metric_query", []) if "metric" in query
        }
        (period,) = periods or {alarm["period"]}
        looks_back = period * alarm["evaluation_periods"]
        assert looks_back <= (7 * DAY if period >= HOUR else DAY), name
        assert alarm["datapoints_to_alarm"] <= alarm["evaluation_periods"], name


@pytest.mark.parametrize("colour", COLOURS)
def test_one_alarm_rings_while_any_of_a_colours_alarms_does(stack: Stack, colour: str) -> None:
    (composite,) = [
        alarm
        for alarm in stack.all("aws_cloudwatch_composite_alarm")
        if alarm["alarm_name"].endswith(f"-{colour}")
    ]
    rule = parse(composite["alarm_rule"])
    about = {stack.named(reference)["alarm_name"]: reference for reference in rule.alarms}

    assert set(about) == {
        alarm["alarm_name"] for name, alarm in alarms(stack).items() if name.startswith(f"{colour}-")
    }
    quiet = dict.fromkeys(rule.alarms, "OK")
    assert not rule.holds(quiet)
    assert all(rule.holds(quiet | {reference: "ALARM"}) for reference in about.values())
    assert stack.named(stack.output(f"{colour}_alarm_name")) == composite


@pytest.fixture(scope="module")
def changed(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """`local` with a larger green, somebody on call, and thresholds of its own."""
    workspace = with_shipped_configuration(tmp_path_factory.mktemp("changed"))
    file = workspace / "config" / "local.toml"
    text = file.read_text(encoding="utf-8")
    blue, green = text.split("[colours.green]")
    green = green.replace('"db.r6g.large"', '"db.r6g.4xlarge"')
    monitoring = f'[monitoring]\naction_arns = ["{ON_CALL}"]\nconnections_percent = 50\ncpu_percent = 60\n'
    file.write_text(f"{blue}[colours.green]{green}\n{monitoring}", encoding="utf-8")
    assert synthesize(workspace, DEPLOYMENT="local").returncode == 0
    return Stack(stack_of(workspace, "local"))


def test_configured_actions_are_every_alarms(changed: Stack) -> None:
    for type_ in ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"):
        for alarm in changed.all(type_):
            assert ON_CALL in alarm["alarm_actions"], alarm.path
            assert ON_CALL in alarm["ok_actions"], alarm.path


def test_a_larger_instance_class_has_higher_thresholds(changed: Stack) -> None:
    of = {name: alarm["threshold"] for name, alarm in alarms(changed).items()}

    assert (of["blue-database-connections"], of["green-database-connections"]) == (500, 2000)
    assert of["green-database-memory"] == 128 * 1024**3 * 5 // 100
    assert of["blue-database-cpu"] == 60


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("action_arns", '["arn:aws:ssm:us-east-1:123456789012:opsitem:1"]'),
        ("action_arns", '["a", "b", "c", "d", "e"]'),
        ("cpu_percent", "101"),
        ("response_time_seconds", "0.0"),
    ],
)
@pytest.mark.integration
def test_a_threshold_that_makes_no_sense_is_refused(tmp_path: Path, key: str, value: str) -> None:
    workspace = with_shipped_configuration(tmp_path)
    with (workspace / "config" / "local.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[monitoring]\n{key} = {value}\n")

    result = synthesize(workspace, DEPLOYMENT="local")

    assert result.returncode == 2
    assert f"config/local.toml: monitoring.{key}" in result.stderr
    assert "allowed:" in result.stderr


@pytest.mark.integration
def test_an_instance_class_of_unknown_size_is_refused(tmp_path: Path) -> None:
    workspace = with_shipped_configuration(tmp_path)
    file = workspace / "config" / "local.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("db.r6g.large", "db.r6g.3xlarge"), encoding="utf-8"
    )

    result = synthesize(workspace, DEPLOYMENT="local")

    assert result.returncode == 2
    assert result.stderr.count("no instance class whose memory is known") == len(COLOURS)


# Aurora user guide, "Maximum connections to an Aurora MySQL DB instance".
@pytest.mark.parametrize(
    ("instance_class", "memory", "connections"),
    [
        ("db.r5.large", 16, 1000),
        ("db.r6g.large", 16, 1000),
        ("db.r6g.2xlarge", 64, 3000),
        ("db.r7g.8xlarge", 256, 5000),
        ("db.r5.12xlarge", 384, 6000),
        ("db.r6i.16xlarge", 512, 6000),
        ("db.r5.24xlarge", 768, 7000),
        ("db.x2g.large", 32, 2000),
        ("db.x2g.16xlarge", 1024, 7000),
    ],
)
def test_limits_of_instance_classes(instance_class: str, memory: int, connections: int) -> None:
    assert memory_gib(instance_class) == memory
    assert max_connections(instance_class) == connections == MAX_CONNECTIONS[memory]
