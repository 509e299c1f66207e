"""The calls that the code makes, all of them: what the function's role has to allow, and no more (R28)."""

import ast
from pathlib import Path

from botocore import xform_name

import lambda_src.switch as package
from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.recorder import ANY, by_variable, every_action

_SOURCES = sorted(Path(package.__file__).parent.glob("*.py"))
_IAM_SERVICES = {"_elbv2": "elasticloadbalancing", "_ssm": "ssm"}


def _calls_in_source() -> set[tuple[str, str]]:
    """(IAM service, client method) of each `self._elbv2.…(…)` and `self._ssm.…(…)`."""
    gateway = next(source for source in _SOURCES if source.name == "gateway.py")
    return {
        (_IAM_SERVICES[node.func.value.attr], node.func.attr)
        for node in ast.walk(ast.parse(gateway.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr in _IAM_SERVICES
    }


def test_permissions_that_the_actions_use(platform: LivePlatform) -> None:
    permissions = by_variable(every_action(platform).permissions(), platform.environment)
    assert permissions == {
        "elasticloadbalancing:DescribeListeners": {ANY},
        "elasticloadbalancing:DescribeTargetHealth": {ANY},
        "elasticloadbalancing:ModifyListener": {"LISTENER_ARN", "TEST_LISTENER_ARN"},
        "ssm:GetParameters": {"SSM_PARAM_NAME", "STATUS_PARAM_NAME"},
        "ssm:PutParameter": {"SSM_PARAM_NAME", "STATUS_PARAM_NAME"},
    }


def test_every_call_in_the_source_was_recorded(platform: LivePlatform) -> None:
    recorded = {
        (service, xform_name(operation))
        for service, operation in (action.split(":") for action in every_action(platform).permissions())
    }
    assert recorded == _calls_in_source()


def test_only_the_gateway_knows_boto3() -> None:
    importing = {
        source.name
        for source in _SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        for module in _imported(node)
        if module.split(".")[0] in {"boto3", "botocore"}
    }
    assert importing == {"gateway.py"}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
