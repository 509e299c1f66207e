"""The environment is complete and well-formed, or every problem in it is named."""

import dataclasses

import pytest

from lambda_src.switch.errors import ConfigurationError
from lambda_src.switch.models import Colour
from lambda_src.switch.settings import REQUIRED_VARIABLES, Settings

_ELB = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
ENVIRONMENT = {
    "LISTENER_ARN": f"{_ELB}:listener/app/pay/50dc6c495c0c9188/f2f7dc8efc522ab2",
    "TEST_LISTENER_ARN": f"{_ELB}:listener/app/pay/50dc6c495c0c9188/0467ef3c8400ae65",
    "BLUE_TG_ARN": f"{_ELB}:targetgroup/pay-blue/73e2d6bc24d8a067",
    "GREEN_TG_ARN": f"{_ELB}:targetgroup/pay-green/2453ed029918f21f",
    "SSM_PARAM_NAME": "/pay/active-environment",
    "STATUS_PARAM_NAME": "/pay/migration-status",
    "MIN_HEALTHY_TARGETS": "2",
}


def test_a_complete_environment_is_typed() -> None:
    settings = Settings.from_environment({**ENVIRONMENT, "PATH": "/usr/bin", "AWS_REGION": "us-east-1"})
    assert settings.min_healthy_targets == 2
    assert settings.target_group_arn(Colour.BLUE) == ENVIRONMENT["BLUE_TG_ARN"]
    assert settings.target_group_arn(Colour.GREEN) == ENVIRONMENT["GREEN_TG_ARN"]
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
        ("TEST_LISTENER_ARN", ENVIRONMENT["LISTENER_ARN"], "equals LISTENER_ARN"),
        ("GREEN_TG_ARN", ENVIRONMENT["BLUE_TG_ARN"], "equals BLUE_TG_ARN"),
        ("STATUS_PARAM_NAME", ENVIRONMENT["SSM_PARAM_NAME"], "equals SSM_PARAM_NAME"),
    ],
)
def test_a_malformed_variable_is_named(variable: str, value: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_environment({**ENVIRONMENT, variable: value})
    assert [(found.key, found.problem) for found in refused.value.problems] == [(variable, problem)]


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
