"""`bluegreen permissions`: for people, for programs, as Terraform JSON."""

import json
from pathlib import Path

import pytest

from bluegreen.permissions import NAMES
from bluegreen.terraform import Terraform
from tests.bluegreen.cli.conftest import run, write_stack
from tests.stack_reader import Stack
from tests.terraform_commands import validate

STAGING = ("permissions", "--deployment", "staging")


@pytest.fixture(autouse=True)
def staging(stacks: dict[str, Stack], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout with `staging` synthesized."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    write_stack(tmp_path, "staging", stacks["staging"].document)


def test_as_json() -> None:
    result = run(*STAGING, "--format", "json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["deployment"] == "staging"
    assert [role["name"] for role in document["roles"]] == list(NAMES)
    (policy, *_) = document["roles"][0]["policies"]
    assert policy["arn"].endswith(f":policy/deployers/{policy['name']}")
    assert policy["document"]["Statement"]
    assert document["boundary"]["name"] == "payments-staging-boundary"


def test_one_role_for_people() -> None:
    result = run(*STAGING, "--role", "operate")
    assert result.exit_code == 0
    assert "operate: moves traffic" in result.stdout
    assert "payments-staging-switch:operate" in result.stdout
    assert "apply" not in result.stdout


def test_a_role_that_there_is_not() -> None:
    result = run(*STAGING, "--role", "root")
    assert result.exit_code == 2
    assert "'bootstrap', 'plan', 'apply', 'deploy', 'operate'" in result.stderr


def test_a_stack_without_a_boundary(stacks: dict[str, Stack], tmp_path: Path) -> None:
    text = json.dumps(stacks["staging"].document).replace("permissions_boundary", "description")
    write_stack(tmp_path, "staging", json.loads(text))
    result = run(*STAGING)
    assert result.exit_code == 2
    assert "have no permissions boundary" in result.stderr
    assert 'fix: set `permissions_boundary = "arn:aws:iam::123456789012:policy/deployers/' in result.stderr


def test_a_stack_that_is_not_synthesized() -> None:
    assert run("permissions", "--deployment", "production").exit_code == 3


@pytest.mark.integration
def test_terraform_takes_its_json(tmp_path: Path) -> None:
    result = run(*STAGING, "--format", "terraform")
    assert result.exit_code == 0
    stack = tmp_path / "roles"
    stack.mkdir()
    document = json.loads(result.stdout)
    document["terraform"] = {"required_providers": {"aws": {"source": "aws", "version": "5.100.0"}}}
    (stack / "cdk.tf.json").write_text(json.dumps(document))
    terraform = Terraform(stack)
    terraform.init()
    validate(terraform)
    attached = document["resource"]["aws_iam_role_policy_attachment"]
    assert {one["role"] for one in attached.values()} == {f"payments-staging-{name}" for name in NAMES}
