"""A deployment on this machine, small enough to come up in a second, and the command line beside it.

Terraform keeps no more than outputs here: target groups, function and state machine are made through the API.
The function is a stand-in that answers by the contract (`stand_in/`), so that every answer and
every end of a shift can be had; the real ones are driven from the command line by tests/e2e.
"""

import copy
import fcntl
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import embedded_aws
import pytest
from typer.testing import CliRunner, Result

from bluegreen.cli.app import app
from bluegreen.operate.databases import local
from bluegreen.operate.ledger import MOVER
from lambda_src.contract.aliases import READ_SUFFIX, Alias
from modules.switch.workflow_definition import Mover, definition
from packages.embedded_aws.tests.roles import role_of_anything
from tests import standing_ledger
from tests.default_session import led_to
from tests.lambda_src.live_platform import LivePlatform
from tests.workspaces import ROOT

FUNCTION = "payments-local-switch"
COLOURS = ("blue", "green")
MACHINE = "payments-local-shift"
TABLE = "payments-local-sessions"
STAND_IN = Path(__file__).parent / "stand_in" / "function.py"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000001"
SUBNETS = ["10.20.48.0/20", "10.20.64.0/20", "10.20.80.0/20"]


# What the stand-in of the function keeps. `busy`: how many moves find the lock held by another request;
# `unreadable`: the production listener, for a preflight.
START: dict[str, Any] = {
    "weights": {"blue": 100, "green": 0},
    "active": "blue",
    "alarms": {"blue": "OK", "green": "OK"},
    "frozen": None,
    "workflow": None,
    "history": [],
    "busy": 0,
    "source": "blue",
    "findings": [],
    "unreadable": False,
    "moves": [],
    "begun": {"from": None, "by": None, "reason": None},
    "ledger": False,
    "deployment": "completed",
    "deploying": None,
}


@dataclass(frozen=True)
class Place:
    """A directory to run `bluegreen` in, the AWS of its deployment `local`, and the platform there."""

    directory: Path
    aws: embedded_aws.LocalAws
    groups: dict[str, str]
    states: Any  # a client of Step Functions

    def set_health(self, colour: str, state: str) -> None:
        embedded_aws.set_target_health(self.aws, self.groups[colour], state)

    @property
    def state(self) -> dict[str, Any]:
        """What the stand-in of the function keeps."""
        with _locked(self._file) as document:
            return copy.deepcopy(document)

    def put(self, **changes: Any) -> None:
        """Change what it keeps."""
        with _locked(self._file) as document:
            document.update(changes)

    @property
    def weights(self) -> tuple[int, int]:
        found = self.state["weights"]
        return found["blue"], found["green"]

    def bluegreen(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        """`bluegreen <arguments>` as a process of its own, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "bluegreen", *arguments],
            cwd=self.directory,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
            **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options),
        )

    def executions(self) -> list[dict[str, Any]]:
        """All executions of the state machine, newest first."""
        arn = f"arn:aws:states:{embedded_aws.REGION}:{embedded_aws.ACCOUNT_ID}:stateMachine:{MACHINE}"
        found: list[dict[str, Any]] = self.states.list_executions(stateMachineArn=arn)["executions"]
        return found

    @property
    def _file(self) -> Path:
        return self.directory / "state.json"


@contextmanager
def _locked(path: Path) -> Iterator[dict[str, Any]]:
    """The document in the file, as the stand-in holds it."""
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        document = json.load(file)
        yield document
        file.seek(0)
        file.truncate()
        json.dump(document, file)


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
def deployed(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A deployment that has been brought up once."""
    directory = tmp_path_factory.mktemp("checkout")
    (directory / "state.json").write_text(json.dumps(START))
    with embedded_aws.running(directory / ".local" / "local") as aws:
        yield Place(directory, aws, _bring_up(directory, aws), aws.client("stepfunctions"))


@pytest.fixture
def place(deployed: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """That deployment as it came up: blue has the traffic, all targets are healthy, nothing is going on."""
    monkeypatch.chdir(deployed.directory)
    deployed.put(**copy.deepcopy(START))
    for colour in deployed.groups:
        deployed.set_health(colour, "healthy")
    yield deployed
    for execution in deployed.executions():
        if execution["status"] == "RUNNING":
            deployed.states.stop_execution(executionArn=execution["executionArn"])


def _bring_up(directory: Path, aws: embedded_aws.LocalAws) -> dict[str, str]:
    with pytest.MonkeyPatch.context() as patch:
        led_to(aws, patch)
        platform = LivePlatform.create(healthy=0)
        groups = {colour: platform.environment[f"{colour.upper()}_TG_ARN"] for colour in COLOURS}
        _create_session_table(aws)
        ledger = _ledger(aws, platform)
        deployed = _deploy(directory, aws, groups, ledger[MOVER])
        write_stack(directory, "local", _document(platform, *deployed, ledger))
        patch.chdir(directory)
        result = run("local", "up")
    assert result.exit_code == 0, result.output
    return groups


def _ledger(aws: embedded_aws.LocalAws, platform: LivePlatform) -> dict[str, str]:
    """Its functions and accounts; the stack's outputs of it."""
    arns = {colour: platform.environment[f"{colour.upper()}_SECRET_ARN"] for colour in COLOURS}
    local.start(aws, {})
    for arn in arns.values():
        embedded_aws.seed_credentials(aws, arn)
    role = role_of_anything(aws.client("iam"), "ledger", "lambda.amazonaws.com")
    outputs = standing_ledger.deploy(aws, role, platform.environment["CONTROL_TABLE"])
    standing_ledger.create_applications(aws, arns)
    return outputs


def _create_session_table(aws: embedded_aws.LocalAws) -> None:
    aws.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _deploy(
    directory: Path, aws: embedded_aws.LocalAws, groups: dict[str, str], mover: str
) -> tuple[str, str]:
    """The stand-in of the function, and the state machine that drives it; their ARNs."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.write(STAND_IN, "function.py")
    role = role_of_anything(aws.client("iam"), FUNCTION, "lambda.amazonaws.com", "states.amazonaws.com")
    variables = {f"{colour.upper()}_TG_ARN": arn for colour, arn in groups.items()}
    functions = aws.client("lambda")
    arns = [
        functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler="function.handler",
            Code={"ZipFile": package.getvalue()},
            Timeout=60,
            Environment={"Variables": variables | {"STATE": str(directory / "state.json")}},
        )["FunctionArn"]
        for name in (FUNCTION, FUNCTION + READ_SUFFIX)
    ]
    for alias in Alias:
        functions.create_alias(FunctionName=FUNCTION, Name=alias, FunctionVersion="$LATEST")
    function = arns[0]
    states = definition(
        function_arn=f"{function}:{Alias.WORKFLOW}",
        function_timeout_seconds=60,
        mover=Mover(arn=mover, timeout_seconds=60),
    )
    created = aws.client("stepfunctions").create_state_machine(
        name=MACHINE, definition=json.dumps(states.to_json()), roleArn=role
    )
    return function, created["stateMachineArn"]


def _document(
    platform: LivePlatform, function_arn: str, machine_arn: str, ledger: dict[str, str]
) -> dict[str, Any]:
    outputs = {
        **ledger,
        "control_table_name": platform.environment["CONTROL_TABLE"],
        "switch_lambda_name": FUNCTION,
        "switch_lambda_arn": function_arn,
        "switch_operate_arn": f"{function_arn}:{Alias.OPERATE}",
        "switch_read_arn": function_arn + READ_SUFFIX,
        "shift_state_machine_arn": machine_arn,
        "application_subnet_cidrs": SUBNETS,
        "region": embedded_aws.REGION,
        "dynamodb_table_name": TABLE,
        "listener_arn": platform.environment["LISTENER_ARN"],
        "test_listener_arn": platform.environment["TEST_LISTENER_ARN"],
        **{
            f"{colour}_target_group_arn": platform.environment[f"{colour.upper()}_TG_ARN"]
            for colour in COLOURS
        },
        "connection_info": {
            colour: {"secret_arn": platform.environment[f"{colour.upper()}_SECRET_ARN"]} for colour in COLOURS
        },
    }
    return {
        "resource": {"terraform_data": {"something": {"input": "1"}}},
        "output": {name: {"value": value} for name, value in outputs.items()},
    }
