"""The calls that the code makes, all of them: what the function's role has to allow, and no more."""

import ast
from pathlib import Path

from botocore import xform_name

import lambda_src.rotation as package
from tests.lambda_src.recorder import by_variable
from tests.lambda_src.rotation.recording import every_step
from tests.lambda_src.rotation.rehearsal import Rehearsal
from tests.lambda_src.rotation.test_rotation_administrator import PERMISSIONS

SOURCES = sorted(Path(package.__file__).parent.glob("*.py"))


def test_permissions_that_the_steps_use(rehearsal: Rehearsal) -> None:
    permissions = by_variable(every_step(rehearsal).permissions(), rehearsal.environment)
    assert permissions == {
        "secretsmanager:DescribeSecret": {"SECRET_ARN"},
        "secretsmanager:GetSecretValue": {"ADMIN_SECRET_ARN", "SECRET_ARN"},
        "secretsmanager:PutSecretValue": {"SECRET_ARN"},
        "secretsmanager:UpdateSecretVersionStage": {"SECRET_ARN"},
    }


def test_every_call_in_the_source_was_recorded(rehearsal: Rehearsal) -> None:
    permissions = every_step(rehearsal).permissions() | PERMISSIONS
    recorded = {xform_name(action.split(":")[1]) for action in permissions}
    gateway = next(source for source in SOURCES if source.name == "gateway.py")
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(gateway.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "_client"
    }
    assert called == recorded


def test_only_one_module_knows_aws_and_one_the_database() -> None:
    assert _importing("boto3", "botocore") == {"gateway.py"}
    assert _importing("pymysql") == {"database.py"}


def _importing(*packages: str) -> set[str]:
    return {
        source.name
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        for module in _imported(node)
        if module.split(".")[0] in packages
    }


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
