"""`every_action` makes each call that the code has: what test_switch_role.py compares the role with (R28)."""

import ast
import re
from pathlib import Path

from botocore import xform_name

import lambda_src.switch as package
from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.recorder import every_action

_SOURCES = sorted(Path(package.__file__).parent.glob("*.py"))
_IAM_SERVICES = {
    "elbv2": "elasticloadbalancing",
    "stepfunctions": "states",
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
