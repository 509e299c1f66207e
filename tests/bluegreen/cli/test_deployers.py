"""`bluegreen local up` and `plan` act as the roles that deploy."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedded_aws
import pytest

from bluegreen.cli.deployment import Deployment
from bluegreen.cli.local.deployers import acting
from tests.bluegreen.cli.conftest import run, write_stack
from tests.stack_reader import Stack

pytestmark = pytest.mark.integration

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory, left without an embedded AWS."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    embedded_aws.stop(tmp_path / ".local" / "local")


def document(local: Stack, parameter: str) -> dict[str, Any]:
    """The names of the shipped deployment, with one role and one parameter."""
    boundary = "arn:aws:iam::123456789012:policy/deployers/payments-local-boundary"
    own = {
        "name": "payments-local-switch",
        "assume_role_policy": json.dumps(TRUST),
        "permissions_boundary": boundary,
    }
    value = {"name": parameter, "type": "String", "insecure_value": "blue"}
    return {
        "terraform": {
            "backend": {"local": {"path": "../../../.local/local/terraform.tfstate"}},
            "required_providers": local.document["terraform"]["required_providers"],
        },
        "provider": local.document["provider"],
        "resource": {
            "aws_iam_role": {"switch": own},
            "aws_ssm_parameter": {"record": value},
        },
    }


def callers(aws: embedded_aws.LocalAws, action: str) -> set[str]:
    """Whom an action was allowed."""
    return {need["caller"] for need in embedded_aws.needs(aws) if need["action"] == action}


def test_each_acts_as_its_role(checkout: Path, stacks: dict[str, Stack]) -> None:
    write_stack(checkout, "local", document(stacks["local"], "/payments-local/record"))
    run("local", "up")  # fails at the end, since this stack has no function; it was applied before
    aws = embedded_aws.find(checkout / ".local" / "local")
    assert aws is not None
    role = "arn:aws:sts::123456789012:assumed-role/payments-local"
    assert callers(aws, "ssm:PutParameter") == {f"{role}-apply/terraform"}
    assert callers(aws, "iam:CreateRole") >= {f"{role}-apply/terraform"}

    planned = run("plan", "--output", "json")
    assert planned.exit_code == 0, planned.stderr
    assert json.loads(planned.stdout)["changes"] == []
    assert f"{role}-plan/terraform" in callers(aws, "ssm:GetParameter")
    assert embedded_aws.denials(aws) == []
    are_an_administrators_without_the_deployments_tag(checkout, aws)


def are_an_administrators_without_the_deployments_tag(checkout: Path, aws: embedded_aws.LocalAws) -> None:
    """The roles are limited by that tag, which a version before it did not give its resources."""

    def caller() -> str:
        return str(acting(aws, Deployment("local"), "apply").client("sts").get_caller_identity()["Arn"])

    assert caller() == "arn:aws:sts::123456789012:assumed-role/payments-local-apply/terraform"
    state = checkout / ".local" / "local" / "terraform.tfstate"
    found = json.loads(state.read_text())
    (former, *_) = [one for one in found["resources"] if one["type"] == "aws_ssm_parameter"]
    del former["instances"][0]["attributes"]["tags_all"]["Deployment"]
    state.write_text(json.dumps(found))
    assert "payments-local-apply" not in caller()


def test_what_is_not_the_deployments_own_is_denied(checkout: Path, stacks: dict[str, Stack]) -> None:
    write_stack(checkout, "local", document(stacks["local"], "/another/record"))
    applied = run("local", "up")
    assert applied.exit_code != 0
    assert "is not authorized to perform: ssm:PutParameter" in applied.stderr
