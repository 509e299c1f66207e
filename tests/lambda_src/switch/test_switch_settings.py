"""The environment is complete and well-formed, or every problem in it is named."""

import dataclasses

import pytest

from lambda_src.contract.errors import ConfigurationError
from lambda_src.contract.values import Colour
from lambda_src.switch.settings import REQUIRED_VARIABLES, Settings

_ELB = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
ENVIRONMENT = {
    "LISTENER_ARN": f"{_ELB}:listener/app/pay/50dc6c495c0c9188/f2f7dc8efc522ab2",
    "TEST_LISTENER_ARN": f"{_ELB}:listener/app/pay/50dc6c495c0c9188/0467ef3c8400ae65",
    "REDIRECT_LISTENER_ARN": f"{_ELB}:listener/app/pay/50dc6c495c0c9188/9f2e4d6a8b0c1e3f",
    "DECLARED_RULES": f"{_ELB}:listener-rule/app/pay/50dc6c495c0c9188/f2f7dc8efc522ab2/968={'0a' * 32}",
    "BLUE_TG_ARN": f"{_ELB}:targetgroup/pay-blue/73e2d6bc24d8a067",
    "GREEN_TG_ARN": f"{_ELB}:targetgroup/pay-green/2453ed029918f21f",
    "SSM_PARAM_NAME": "/pay/active-environment",
    "STATUS_PARAM_NAME": "/pay/migration-status",
    "LEDGER_PARAM_NAME": "none",
    "CONTROL_TABLE": "pay-control",
    "TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:pay-notifications",
    "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:pay-shift",
    "BLUE_ALARM": "pay-blue",
    "GREEN_ALARM": "pay-green",
    "BLUE_CLUSTER": "pay-blue",
    "GREEN_CLUSTER": "pay-green",
    "BLUE_INSTANCES": "pay-blue-0,pay-blue-1",
    "GREEN_INSTANCES": "pay-green-0",
    "BLUE_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:pay/blue/database-AbCdEf",
    "GREEN_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:pay/green/database-AbCdEf",
    "BLUE_SERVICE_ARN": "arn:aws:ecs:us-east-1:123456789012:service/pay-blue/pay-blue",
    "GREEN_SERVICE_ARN": "arn:aws:ecs:us-east-1:123456789012:service/pay-green/pay-green",
    "BLUE_IMAGE_PARAM": "/pay/blue-image",
    "GREEN_IMAGE_PARAM": "/pay/green-image",
    "BLUE_REPOSITORY": "123456789012.dkr.ecr.us-east-1.amazonaws.com/pay",
    "GREEN_REPOSITORY": "123456789012.dkr.ecr.us-east-1.amazonaws.com/pay",
    "MIN_HEALTHY_TARGETS": "2",
    "MIN_HEALTHY_PERCENT": "50",
    "ALARM_GRACE_SECONDS": "0",
    "VERIFY_SECONDS": "30",
    "HOLD_SECONDS": "1800",
    "WINDOWS": "mon-fri 22:00-05:00,sun 00:00-04:00",
}


def test_a_complete_environment_is_typed() -> None:
    settings = Settings.from_environment({**ENVIRONMENT, "PATH": "/usr/bin", "AWS_REGION": "us-east-1"})
    assert settings.min_healthy_targets == 2
    for colour in Colour:
        found, upper = settings.of(colour), colour.upper()
        assert found.target_group_arn == ENVIRONMENT[f"{upper}_TG_ARN"]
        assert found.alarm == ENVIRONMENT[f"{upper}_ALARM"]
        assert found.cluster == ENVIRONMENT[f"{upper}_CLUSTER"]
        assert found.instances == tuple(ENVIRONMENT[f"{upper}_INSTANCES"].split(","))
        assert found.secret_arn == ENVIRONMENT[f"{upper}_SECRET_ARN"]
    assert [window.text for window in settings.windows] == ["mon-fri 22:00-05:00", "sun 00:00-04:00"]
    assert settings.status_param_name == "/pay/migration-status"


def test_the_declared_variables_are_those_that_are_read() -> None:
    assert frozenset(ENVIRONMENT) == REQUIRED_VARIABLES
    assert {field.name.upper() for field in dataclasses.fields(Settings)} == REQUIRED_VARIABLES


def test_all_missing_variables_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_environment({})
    missing = {problem.key for problem in refused.value.problems if problem.problem == "is missing"}
    assert missing == REQUIRED_VARIABLES


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("LISTENER_ARN", "", "is malformed"),
        ("LISTENER_ARN", ENVIRONMENT["BLUE_TG_ARN"], "is malformed"),
        ("LISTENER_ARN", ENVIRONMENT["LISTENER_ARN"].replace("/app/", "/net/"), "is malformed"),
        ("BLUE_TG_ARN", ENVIRONMENT["LISTENER_ARN"], "is malformed"),
        ("SSM_PARAM_NAME", "/pay/active environment", "is malformed"),
        ("STATUS_PARAM_NAME", "", "is malformed"),
        ("MIN_HEALTHY_TARGETS", "0", "is malformed"),
        ("MIN_HEALTHY_TARGETS", "-1", "is malformed"),
        ("MIN_HEALTHY_TARGETS", "1.5", "is malformed"),
        ("MIN_HEALTHY_TARGETS", "٢", "is malformed"),
        ("MIN_HEALTHY_TARGETS", "02", "is malformed"),
        ("MIN_HEALTHY_PERCENT", "0", "is malformed"),
        ("MIN_HEALTHY_PERCENT", "101", "is malformed"),
        ("ALARM_GRACE_SECONDS", "3601", "is malformed"),
        ("VERIFY_SECONDS", "0", "is malformed"),
        ("WINDOWS", "", "is malformed"),
        ("WINDOWS", "mon 25:00-26:00", "is malformed"),
        ("WINDOWS", "mon 01:00-02:00, tue 01:00-02:00", "is malformed"),
        ("CONTROL_TABLE", "a b", "is malformed"),
        ("TOPIC_ARN", ENVIRONMENT["BLUE_SECRET_ARN"], "is malformed"),
        ("BLUE_CLUSTER", "-blue", "is malformed"),
        ("BLUE_INSTANCES", "", "is malformed"),
        ("BLUE_INSTANCES", "pay-blue-0,", "is malformed"),
        ("BLUE_SECRET_ARN", "pay/blue/database", "is malformed"),
        ("GREEN_ALARM", ENVIRONMENT["BLUE_ALARM"], "equals BLUE_ALARM"),
        ("GREEN_CLUSTER", ENVIRONMENT["BLUE_CLUSTER"], "equals BLUE_CLUSTER"),
        ("GREEN_SECRET_ARN", ENVIRONMENT["BLUE_SECRET_ARN"], "equals BLUE_SECRET_ARN"),
        ("TEST_LISTENER_ARN", ENVIRONMENT["LISTENER_ARN"], "equals LISTENER_ARN"),
        ("GREEN_TG_ARN", ENVIRONMENT["BLUE_TG_ARN"], "equals BLUE_TG_ARN"),
        ("STATUS_PARAM_NAME", ENVIRONMENT["SSM_PARAM_NAME"], "equals SSM_PARAM_NAME"),
    ],
)
def test_a_malformed_variable_is_named(variable: str, value: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_environment({**ENVIRONMENT, variable: value})
    assert [(found.key, found.problem) for found in refused.value.problems] == [(variable, problem)]


def test_both_colours_may_share_a_cluster_with_all_its_instances() -> None:
    same = {f"GREEN_{name}": ENVIRONMENT[f"BLUE_{name}"] for name in ("CLUSTER", "INSTANCES")}
    settings = Settings.from_environment({**ENVIRONMENT, **same})
    assert settings.of(Colour.GREEN).cluster == settings.of(Colour.BLUE).cluster


def test_different_problems_are_named_together() -> None:
    broken = {**ENVIRONMENT, "MIN_HEALTHY_TARGETS": "none", "BLUE_TG_ARN": "blue"}
    del broken["SSM_PARAM_NAME"]
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_environment(broken)
    assert {(found.key, found.problem) for found in refused.value.problems} == {
        ("MIN_HEALTHY_TARGETS", "is malformed"),
        ("BLUE_TG_ARN", "is malformed"),
        ("SSM_PARAM_NAME", "is missing"),
    }
