"""R07, R28-R33: the parameters, and a function that gets exactly what it needs and may do exactly what it
does.
"""

import json

from iam_evaluation import find_action
from lambda_src.contract.aliases import READ_SUFFIX, Alias
from lambda_src.switch.settings import REQUIRED_VARIABLES
from tests.stack_reader import Stack

COLOURS = ("blue", "green")


def test_the_environment_is_exactly_what_the_settings_ask_for(stack: Stack) -> None:
    variables = stack.at("switching/switch/function")["environment"]["variables"]

    assert set(variables) == REQUIRED_VARIABLES
    assert stack.at("switching/read/function")["environment"]["variables"] == variables
    for colour in COLOURS:
        upper = colour.upper()
        assert stack.named(variables[f"{upper}_ALARM"])["alarm_name"].endswith(f"-{colour}")
        assert stack.named(variables[f"{upper}_CLUSTER"]).path == f"{colour}-database/cluster"
        assert stack.named(variables[f"{upper}_SECRET_ARN"]).path == f"{colour}-credentials/secret"
        instances = {stack.named(name).path for name in variables[f"{upper}_INSTANCES"].split(",")}
        assert len(instances) >= 2
        assert {path.rpartition("-")[0] for path in instances} == {f"{colour}-database/instance"}
    assert stack.named(variables["CONTROL_TABLE"]).path == "control/table"
    assert stack.named(variables["TOPIC_ARN"]) == stack.one("aws_sns_topic")
    assert variables["MIN_HEALTHY_PERCENT"] == "50"
    assert variables["ALARM_GRACE_SECONDS"] == "300"
    assert variables["VERIFY_SECONDS"] in ("2", "30")  # on a laptop, elsewhere
    assert variables["HOLD_SECONDS"] == "1800"
    assert variables["WINDOWS"] == "always"
    # By name, and so the one that calls this function.
    assert variables["STATE_MACHINE_ARN"].rpartition(":")[2] == stack.one("aws_sfn_state_machine")["name"]
    assert stack.named(variables["LISTENER_ARN"])["port"] == 443
    assert stack.named(variables["TEST_LISTENER_ARN"])["port"] == 8443
    assert stack.named(variables["REDIRECT_LISTENER_ARN"])["port"] == 80
    assert variables["DECLARED_RULES"] == "none"
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


# On `*` though the Service Authorization Reference has resources of them.
ON_ANY = {
    "cloudwatch:DescribeAlarms",  # see tests/iam/test_roles.py
    "ecs:ListTasks",  # it takes container instances, of which Fargate has none
}


def test_no_wildcard_where_the_service_takes_a_resource(stack: Stack) -> None:
    for role_policy in stack.all("aws_iam_role_policy"):
        for statement in role_policy.policy():
            assert not any("*" in action for action in statement["Action"])
            if "*" in statement["Resource"]:
                assert {
                    action for action in statement["Action"] if find_action(action).resource_level
                } <= ON_ANY


def test_outputs_are_there_and_live_ones_are_read(stack: Stack) -> None:
    assert stack.named(stack.output("vpc_id")) == stack.one("aws_vpc")
    for name, attribute in (
        ("active_environment", "insecure_value"),
        ("migration_status", "insecure_value"),
        ("active_environment_parameter", "name"),
        ("switch_lambda_arn", "arn"),
        ("switch_lambda_name", "function_name"),
        ("switch_operate_arn", "arn"),
        ("switch_deploy_arn", "arn"),
        ("switch_read_arn", "arn"),
        ("shift_state_machine_arn", "arn"),
        ("control_table_name", "name"),
        ("alb_dns_name", "dns_name"),
        ("kms_key_id", "key_id"),
    ):
        assert stack.output(name).endswith(f".{attribute}}}")


def test_it_passes_the_roles_of_the_tasks_to_nothing_but_tasks(stack: Stack) -> None:
    (statement,) = (
        each for each in stack.at("switching/switch/calls").policy() if each["Action"] == ["iam:PassRole"]
    )
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def test_what_it_registers_has_the_tags_of_the_deployment(stack: Stack) -> None:
    (statement,) = (
        each
        for each in stack.at("switching/switch/calls").policy()
        if each["Action"] == ["ecs:RegisterTaskDefinition"]
    )
    (prefix,) = statement["Condition"]["StringEquals"].values()
    assert stack.at("blue-fargate/service")["name"] == f"{prefix}-blue"


def test_the_key_serves_the_function_through_its_table_and_topic_only(stack: Stack) -> None:
    statements = {s["Sid"]: s for s in stack.at("switching/switch/runtime").policy()}
    via = statements["ControlAndNotificationKey"]["Condition"]["StringEquals"]["kms:ViaService"]

    assert via == ["dynamodb.us-east-1.amazonaws.com", "sns.us-east-1.amazonaws.com"]


def test_the_function_reaches_its_table_through_the_gateway_and_no_other_network(stack: Stack) -> None:
    own = stack.at("switching/switch/security-group")
    rules = [
        rule
        for rule in stack.all("aws_vpc_security_group_egress_rule")
        if stack.named(rule["security_group_id"]) == own
    ]
    ends = {
        stack.named(rule.block.get("prefix_list_id") or rule["referenced_security_group_id"]).path
        for rule in rules
    }

    assert ends == {"endpoints/dynamodb", "endpoints/security-group"}
    assert {(rule["from_port"], rule["to_port"]) for rule in rules} == {(443, 443)}


def test_every_alias_leads_to_the_version_that_an_apply_publishes(stack: Stack) -> None:
    function, read = stack.at("switching/switch/function"), stack.at("switching/read/function")
    aliases = stack.all("aws_lambda_alias")

    assert {alias["name"] for alias in aliases} == set(Alias)
    for alias in aliases:
        assert stack.named(alias["function_version"]) == stack.named(alias["function_name"]) == function
        assert alias["function_version"].endswith(".version}")
    assert function["publish"] is True
    assert (function["handler"], read["handler"]) == ("switch.handler.handler", "switch.reading.handler")
    assert read["function_name"] == function["function_name"] + READ_SUFFIX
    assert stack.named(stack.output("switch_operate_arn"))["name"] == Alias.OPERATE
    assert stack.named(stack.output("switch_read_arn")) == read


def test_each_alias_has_a_policy_of_its_own(stack: Stack) -> None:
    permissions = [p for p in stack.all("aws_lambda_permission") if "qualifier" in p.block]
    admitted = {stack.named(p["qualifier"])["name"]: p for p in permissions}

    assert len(permissions) == len(admitted) == len(Alias)
    # The root delegates to identity policies; it gives no identity anything by itself.
    assert admitted["operate"]["principal"] == "arn:aws:iam::123456789012:root"
    role = stack.at("workflow/role")["name"]
    assert admitted["workflow"]["principal"] == f"arn:aws:iam::123456789012:role/{role}"
    assert admitted["interrupted"]["principal"] == "events.amazonaws.com"
    unqualified = [p for p in stack.all("aws_lambda_permission") if "qualifier" not in p.block]
    switch = stack.at("switching/switch/function")
    assert switch not in [stack.named(p["function_name"]) for p in unqualified]


def test_no_identity_may_invoke_the_switch_as_a_whole(stack: Stack) -> None:
    allowed = {
        text
        for policy in stack.all("aws_iam_role_policy")
        for statement in policy.policy()
        for text in statement["Resource"]
        if "lambda:InvokeFunction" in statement["Action"]
    }
    assert {stack.named(text).path for text in allowed} == {
        *("switching/switch/workflow", "ledger/move/function")
    }


def test_the_function_that_reads_has_concurrency_of_its_own(stacks: dict[str, Stack]) -> None:
    production = stacks["production"]
    paths = ("switching/switch/function", "switching/read/function")
    reserved = [production.at(path).block.get("reserved_concurrent_executions") for path in paths]
    assert reserved[0] == reserved[1] is not None
