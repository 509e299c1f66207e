"""The extension `composite_alarms`: alarms whose state follows from other alarms' states."""

import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from embedded_aws import LocalAws
from embedded_aws.extensions.alarm_rules import RuleError, parse
from hypothesis import given
from hypothesis import strategies as st

TOPIC = "arn:aws:sns:us-east-1:123456789012:notifications"
STATES = {"errors": "ALARM", "slow": "OK", "lag": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ('ALARM("errors")', True),
        ("ALARM(errors)", True),
        ("ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors)", True),
        ('ALARM("slow") OR ALARM("errors")', True),
        ('ALARM("slow") AND ALARM("errors")', False),
        ('NOT OK("slow")', False),
        ('NOT (OK("slow") AND OK("errors"))', True),
        ('INSUFFICIENT_DATA("lag") AND NOT FALSE', True),
        # AND before OR, without parentheses and with.
        ('ALARM("errors") OR ALARM("slow") AND FALSE', True),
        ('(ALARM("errors") OR ALARM("slow")) AND FALSE', False),
        ("TRUE", True),
        ('ALARM("with ( and )")', False),
    ],
)
def test_a_rule_is_read_as_aws_reads_it(rule: str, holds: bool) -> None:
    assert parse(rule).holds(STATES) is holds


@pytest.mark.parametrize(
    "rule",
    ["", "ALARM", "ALARM()", 'ALARM("a"', 'ALARM("a") OR', "RINGS(a)", 'ALARM("a") OK("b")', "(TRUE", "NOT"],
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(RuleError):
        parse(rule)


@given(st.text(alphabet='ALRMOKNTDUE()" ab', max_size=40))
def test_any_text_is_a_rule_or_is_refused(text: str) -> None:
    try:
        rule = parse(text)
    except RuleError:
        return
    assert rule.holds(STATES) in (True, False)


def metric_alarm(aws: LocalAws, name: str = "", threshold: int = 0) -> str:
    """A new one; the one called `name` is changed instead."""
    name = name or f"child-{uuid.uuid4()}"
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": "switch"}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=threshold,
        ComparisonOperator="GreaterThanThreshold",
    )
    return name


def composite_alarm(aws: LocalAws, rule: str, **more: Any) -> str:
    name = f"composite-{uuid.uuid4()}"
    aws.client("cloudwatch").put_composite_alarm(AlarmName=name, AlarmRule=rule, **more)
    return name


def described(aws: LocalAws, name: str) -> Mapping[str, Any]:
    (found,) = aws.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])[
        "CompositeAlarms"
    ]
    return dict(found)


def set_state(aws: LocalAws, name: str, state: Any) -> None:
    aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")


def test_it_rings_while_a_child_does(aws: LocalAws) -> None:
    one, other = metric_alarm(aws), metric_alarm(aws)
    either = composite_alarm(aws, f'ALARM("{one}") OR ALARM("{other}")')
    above = composite_alarm(aws, f'ALARM("{either}")')
    assert described(aws, above)["StateValue"] == "OK"

    set_state(aws, other, "ALARM")
    assert described(aws, either)["StateValue"] == "ALARM"
    assert described(aws, above)["StateValue"] == "ALARM"

    set_state(aws, other, "OK")
    assert described(aws, either)["StateValue"] == "OK"
    assert described(aws, above)["StateValue"] == "OK"


def test_its_own_state_once_set_lasts_until_a_child_s_changes(aws: LocalAws) -> None:
    child = metric_alarm(aws)
    parent = composite_alarm(aws, f'ALARM("{child}")')
    set_state(aws, parent, "INSUFFICIENT_DATA")
    set_state(aws, metric_alarm(aws), "ALARM")
    set_state(aws, child, "OK")  # it was
    assert described(aws, parent)["StateValue"] == "INSUFFICIENT_DATA"

    set_state(aws, child, "INSUFFICIENT_DATA")
    assert described(aws, parent)["StateValue"] == "OK"


def test_it_knows_at_once_that_a_child_rings_already(aws: LocalAws) -> None:
    child = metric_alarm(aws)
    set_state(aws, child, "ALARM")

    assert described(aws, composite_alarm(aws, f'ALARM("{child}")'))["StateValue"] == "ALARM"


def test_changing_a_ringing_alarm_does_not_quieten_it(aws: LocalAws) -> None:
    child = metric_alarm(aws)
    above = composite_alarm(aws, f'ALARM("{child}")')
    set_state(aws, child, "ALARM")
    client = aws.client("cloudwatch")
    metric_alarm(aws, child, threshold=5)
    client.put_composite_alarm(AlarmName=above, AlarmRule=f'ALARM("{child}") OR FALSE')

    (kept,) = client.describe_alarms(AlarmNames=[child])["MetricAlarms"]
    assert (kept["StateValue"], kept["Threshold"]) == ("ALARM", 5)
    assert described(aws, above)["StateValue"] == "ALARM"


def test_everything_of_it_is_kept(aws: LocalAws) -> None:
    child = metric_alarm(aws)
    settings: dict[str, Any] = {
        "AlarmDescription": "The blue colour",
        "AlarmActions": [TOPIC],
        "OKActions": [TOPIC],
        "InsufficientDataActions": [],
        "ActionsEnabled": True,
    }
    tags: Any = [{"Key": "CostCenter", "Value": "payments"}]
    found = described(aws, composite_alarm(aws, f'ALARM("{child}")', Tags=tags, **settings))

    assert {name: found[name] for name in settings} == settings
    assert found["AlarmRule"] == f'ALARM("{child}")'
    arn = found["AlarmArn"]
    assert aws.client("cloudwatch").list_tags_for_resource(ResourceARN=arn)["Tags"] == tags


def test_who_does_not_ask_for_composite_alarms_gets_none(aws: LocalAws) -> None:
    child = metric_alarm(aws)
    name = composite_alarm(aws, f'NOT ALARM("{child}")')
    client = aws.client("cloudwatch")

    assert client.describe_alarms(AlarmNames=[name, child])["CompositeAlarms"] == []
    both = client.describe_alarms(AlarmNames=[name, child], AlarmTypes=["CompositeAlarm", "MetricAlarm"])
    assert [alarm["AlarmName"] for alarm in both["CompositeAlarms"]] == [name]
    assert [alarm["AlarmName"] for alarm in both["MetricAlarms"]] == [child]
    ringing = client.describe_alarms(StateValue="ALARM", AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert name in [alarm["AlarmName"] for alarm in ringing]


def test_a_rule_has_to_be_one_about_alarms_that_exist(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="do not exist: nobody"):
        composite_alarm(aws, 'ALARM("nobody")')
    with pytest.raises(ClientError, match="not well-formed"):
        composite_alarm(aws, "RINGS(a)")


def test_an_alarm_goes_only_after_what_depends_on_it(aws: LocalAws) -> None:
    client, child = aws.client("cloudwatch"), metric_alarm(aws)
    name = composite_alarm(aws, f'ALARM("{child}")')

    with pytest.raises(ClientError, match="still depends on"):
        client.delete_alarms(AlarmNames=[child])
    client.delete_alarms(AlarmNames=[name])
    client.delete_alarms(AlarmNames=[child])
    assert client.describe_alarms(AlarmNames=[name, child])["MetricAlarms"] == []


def test_moto_still_takes_no_state_from_data(aws: LocalAws) -> None:
    """Once it does, tests/modules/test_monitoring_alarms.py can drive every alarm from its own data."""
    child = metric_alarm(aws)
    client = aws.client("cloudwatch")
    client.put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": "Errors",
                "Dimensions": [{"Name": "FunctionName", "Value": "switch"}],
                "Value": 9,
                "Unit": "Count",
            }
        ],
    )
    (found,) = client.describe_alarms(AlarmNames=[child])["MetricAlarms"]
    assert found["StateValue"] == "OK"


def test_stock_moto_still_lacks_it(stock: LocalAws) -> None:
    child = metric_alarm(stock)

    with pytest.raises(ResponseParserError, match="500 Internal Server Error"):
        composite_alarm(stock, f'ALARM("{child}")')


def test_stock_moto_still_quietens_an_alarm_that_is_changed(stock: LocalAws) -> None:
    child = metric_alarm(stock)
    set_state(stock, child, "ALARM")
    client = stock.client("cloudwatch")
    metric_alarm(stock, child, threshold=5)
    (found,) = client.describe_alarms(AlarmNames=[child])["MetricAlarms"]
    assert found["StateValue"] == "OK"
