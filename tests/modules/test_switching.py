"""R07, R28-R33: the parameters, and a function that gets exactly what it needs and may do exactly what it
does.
"""

import json

from lambda_src.switch.settings import REQUIRED_VARIABLES
from tests.stack_reader import Stack


def test_the_environment_is_exactly_what_the_settings_ask_for(stack: Stack) -> None:
    variables = stack.at("switching/switch/function")["environment"]["variables"]

    assert set(variables) == REQUIRED_VARIABLES
    assert stack.named(variables["LISTENER_ARN"])["port"] == 443
    assert stack.named(variables["TEST_LISTENER_ARN"])["port"] == 8443
    assert stack.named(variables["BLUE_TG_ARN"]).path == "blue/targets"
    assert stack.named(variables["GREEN_TG_ARN"]).path == "green/targets"
    assert stack.named(variables["SSM_PARAM_NAME"]).path == "switching/active-environment"
    assert stack.named(variables["STATUS_PARAM_NAME"]).path == "switching/migration-status"


def test_the_function_has_a_supported_runtime_and_room(stack: Stack) -> None:
    function = stack.at("switching/switch/function")

    assert function["runtime"] == "python3.13"
    assert function["timeout"] >= 60
    assert function["memory_size"] >= 256
    assert function["tracing_config"]["mode"] == "Active"
    assert stack.named(function["dead_letter_config"]["target_arn"]).type == "aws_sqs_queue"
    subnets = {stack.named(subnet).path for subnet in function["vpc_config"]["subnet_ids"]}
    assert subnets == {f"network/application-us-east-1{zone}" for zone in "abc"}


def test_what_the_switch_writes_terraform_leaves_alone(stack: Stack) -> None:
    parameters = {parameter.path: parameter for parameter in stack.all("aws_ssm_parameter")}

    assert parameters["switching/active-environment"]["insecure_value"] == "blue"
    assert json.loads(parameters["switching/migration-status"]["insecure_value"]) == {"status": "not_started"}
    for parameter in parameters.values():
        assert parameter["lifecycle"] == {"ignore_changes": ["insecure_value"]}


def test_no_wildcard_where_the_service_takes_a_resource(stack: Stack) -> None:
    without_resource = {
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ecr:GetAuthorizationToken",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeTargetHealth",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
    for role_policy in stack.all("aws_iam_role_policy"):
        for statement in role_policy.policy():
            assert not any("*" in action for action in statement["Action"])
            if "*" in statement["Resource"]:
                assert set(statement["Action"]) <= without_resource


def test_outputs_are_there_and_live_ones_are_read(stack: Stack) -> None:
    assert stack.named(stack.output("vpc_id")) == stack.one("aws_vpc")
    for name, attribute in (
        ("active_environment", "insecure_value"),
        ("migration_status", "insecure_value"),
        ("active_environment_parameter", "name"),
        ("switch_lambda_arn", "arn"),
        ("switch_lambda_name", "function_name"),
        ("alb_dns_name", "dns_name"),
        ("kms_key_id", "key_id"),
    ):
        assert stack.output(name).endswith(f".{attribute}}}")
