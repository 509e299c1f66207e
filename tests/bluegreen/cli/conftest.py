"""A deployment on this machine, small enough to come up in a second, and the command line beside it.

Terraform keeps no more than outputs here: load balancer, records and function are made through the API. The
function is the real one.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bluegreen import local_aws
from bluegreen.cli.app import app
from tests.lambda_src.live_platform import LivePlatform, State
from tests.workspaces import ROOT

FUNCTION = "payments-local-switch"
TABLE = "payments-local-sessions"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000001"
SUBNETS = ["10.20.48.0/20", "10.20.64.0/20", "10.20.80.0/20"]


@dataclass(frozen=True)
class Place:
    """A directory to run `bluegreen` in, the AWS of its deployment `local`, and the platform there."""

    directory: Path
    aws: local_aws.LocalAws
    platform: LivePlatform

    @property
    def groups(self) -> dict[str, str]:
        return {side: self.platform.environment[f"{side.upper()}_TG_ARN"] for side in ("blue", "green")}

    def set_health(self, side: str, state: str) -> None:
        local_aws.set_target_health(self.aws, self.groups[side], state)


def write_stack(directory: Path, name: str, document: dict[str, Any]) -> Path:
    """Write a synthesized stack; without a backend of its own it gets the one of a local deployment."""
    stack = directory / "cdktf.out" / "stacks" / name
    stack.mkdir(parents=True, exist_ok=True)
    backend = {"backend": {"local": {"path": f"../../../.local/{name}/terraform.tfstate"}}}
    (stack / "cdk.tf.json").write_text(json.dumps({"terraform": backend, **document}))
    return stack


def run(*arguments: str) -> Result:
    """`bluegreen <arguments>` in this process."""
    return CliRunner().invoke(app, list(arguments), prog_name="bluegreen")


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A deployment that has been brought up once."""
    directory = tmp_path_factory.mktemp("checkout")
    with local_aws.running(directory / ".local" / "local") as aws:
        yield Place(directory, aws, _bring_up(directory, aws))


@pytest.fixture
def place(deployed: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """That deployment as it came up: blue has the traffic, all targets are healthy."""
    monkeypatch.chdir(deployed.directory)
    deployed.platform.put(State())
    for side in deployed.groups:
        deployed.set_health(side, "healthy")
    return deployed


def _bring_up(directory: Path, aws: local_aws.LocalAws) -> LivePlatform:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment({}).items():
            patch.setenv(name, value)
        platform = LivePlatform.create(healthy=0)
        _create_session_table(aws)
        write_stack(directory, "local", _document(platform, _deploy_switch(aws, platform)))
        patch.chdir(directory)
        result = run("local", "up")
    assert result.exit_code == 0, result.output
    return platform


def _create_session_table(aws: local_aws.LocalAws) -> None:
    aws.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _deploy_switch(aws: local_aws.LocalAws, platform: LivePlatform) -> str:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for file in sorted((ROOT / "lambda_src" / "switch").glob("*.py")):
            archive.write(file, f"switch/{file.name}")
    role = aws.client("iam").create_role(RoleName=FUNCTION, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    function = aws.client("lambda").create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Role=role,
        Handler="switch.handler.handler",
        Code={"ZipFile": package.getvalue()},
        Timeout=60,
        Environment={"Variables": platform.environment},
    )
    arn: str = function["FunctionArn"]
    return arn


def _document(platform: LivePlatform, function_arn: str) -> dict[str, Any]:
    outputs = {
        "switch_lambda_name": FUNCTION,
        "switch_lambda_arn": function_arn,
        "application_subnet_cidrs": SUBNETS,
        "region": local_aws.REGION,
        "dynamodb_table_name": TABLE,
        "listener_arn": platform.environment["LISTENER_ARN"],
        "test_listener_arn": platform.environment["TEST_LISTENER_ARN"],
        "blue_target_group_arn": platform.environment["BLUE_TG_ARN"],
        "green_target_group_arn": platform.environment["GREEN_TG_ARN"],
    }
    return {
        "resource": {"terraform_data": {"something": {"input": "1"}}},
        "output": {name: {"value": value} for name, value in outputs.items()},
    }
