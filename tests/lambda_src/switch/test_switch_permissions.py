"""The calls that the code makes, all of them: what the function's role has to allow, and no more (R28)."""

import ast
import re
from pathlib import Path

from botocore import xform_name

import lambda_src.switch as package
from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.recorder import ANY, REPOSITORY, by_variable, every_action

_SOURCES = sorted(Path(package.__file__).parent.glob("*.py"))
_IAM_SERVICES = {
    "elbv2": "elasticloadbalancing",
    "stepfunctions": "states",
}
PARAMETERS = {
    *("SSM_PARAM_NAME", "STATUS_PARAM_NAME", "LEDGER_PARAM_NAME", "BLUE_IMAGE_PARAM", "GREEN_IMAGE_PARAM")
}
_MODULES = ("effects.py", "gateway.py", "load_balancer.py", "services.py", "table.py", "writes.py")


# Of RegisterTaskDefinition: no calls.
_ASKED_FOR_BESIDES = {("iam", "pass_role"), ("ecs", "tag_resource")}


def _calls_in_source() -> set[tuple[str, str]]:
    """(IAM service, client method) of each `self._client("…").…(…)`, also by way of a local name."""
    found = set()
    for source in _SOURCES:
        text = source.read_text(encoding="utf-8")
        services = dict(re.findall(r'(\w+) = self\._client\("(\w+)"\)\n', text))
        calls = re.findall(r'self\._client\("(\w+)"\)\.(\w+)\(', text)
        calls += [
            (service, method)
            for name, service in services.items()
            for method in re.findall(rf"\b{name}\.(\w+)\(", text)
        ]
        assert not calls or source.name in _MODULES
        found |= {(_IAM_SERVICES.get(service, service), method) for service, method in calls}
    return found


def test_permissions_that_the_actions_use(platform: LivePlatform) -> None:
    permissions = by_variable(every_action(platform).permissions(), platform.environment)
    assert permissions == {
        "cloudwatch:DescribeAlarms": {ANY},
        "dynamodb:GetItem": {"CONTROL_TABLE"},
        "dynamodb:PutItem": {"CONTROL_TABLE"},
        "dynamodb:Query": {"CONTROL_TABLE/index/by-time"},
        "dynamodb:UpdateItem": {"CONTROL_TABLE"},
        "ecr:DescribeImages": {REPOSITORY},
        "ecs:DescribeServices": {"BLUE_SERVICE_ARN", "GREEN_SERVICE_ARN"},
        "ecs:DescribeTaskDefinition": {ANY},
        "ecs:DescribeTasks": {"task/blue/*", "task/green/*"},
        "ecs:ListTasks": {ANY},
        "ecs:RegisterTaskDefinition": {ANY},
        "ecs:TagResource": {"task-definition/blue:*", "task-definition/green:*"},
        "ecs:UpdateService": {"BLUE_SERVICE_ARN", "GREEN_SERVICE_ARN"},
        "iam:PassRole": {f"role/{c}-{of}" for c in ("blue", "green") for of in ("application", "execution")},
        "elasticloadbalancing:DescribeListeners": {ANY},
        "elasticloadbalancing:DescribeRules": {ANY},
        "elasticloadbalancing:DescribeTargetGroupAttributes": {ANY},
        "elasticloadbalancing:DescribeTargetHealth": {ANY},
        "elasticloadbalancing:ModifyListener": {"LISTENER_ARN", "TEST_LISTENER_ARN"},
        "rds:DescribeDBClusters": {"BLUE_CLUSTER", "GREEN_CLUSTER"},
        "rds:DescribeDBInstances": {"BLUE_INSTANCES", "GREEN_INSTANCES"},
        "secretsmanager:DescribeSecret": {"BLUE_SECRET_ARN", "GREEN_SECRET_ARN"},
        "sns:Publish": {"TOPIC_ARN"},
        "ssm:GetParameters": PARAMETERS,
        "ssm:PutParameter": PARAMETERS,
        "states:StartExecution": {"STATE_MACHINE_ARN"},
    }


def test_every_call_in_the_source_was_recorded(platform: LivePlatform) -> None:
    recorded = {
        (service, xform_name(operation))
        for service, operation in (action.split(":") for action in every_action(platform).actions)
    }
    assert recorded - _ASKED_FOR_BESIDES == _calls_in_source()


def test_only_one_module_knows_botocore() -> None:
    importing = {
        source.name
        for source in _SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        for module in _imported(node)
        if module.split(".")[0] in {"boto3", "botocore"}
    }
    assert importing == {"aws.py"}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
