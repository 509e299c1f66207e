"""A deployment brought up in a directory of its own, and operated there as its user does."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import embedded_aws

from bluegreen.operate.client import SwitchFunction
from bluegreen.permissions import Scope, scope_of
from bluegreen.terraform import Terraform
from tests.workspaces import ROOT, stack_directory

HEALTH_SECONDS = 120  # unhealthy after two checks, healthy after three, each ten seconds apart


class Platform:
    """The deployment `local` in a directory of its own, operated as its user does."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.said = ""  # what the first `bluegreen local up` printed

    def bluegreen(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the command in the workspace, whatever its exit code."""
        return subprocess.run(
            [sys.executable, "-m", "bluegreen", *arguments],
            cwd=self.workspace,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    def json(self, *arguments: str) -> dict[str, Any]:
        """What the command answers with `--output json`; fails if it fails."""
        result = self.bluegreen(*arguments, "--output", "json")
        assert result.returncode == 0, result.stderr
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    def json_of(self, *arguments: str) -> dict[str, Any]:
        """What a command answers that has no `--output`."""
        result = self.bluegreen(*arguments)
        assert result.returncode == 0, result.stderr
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    def status(self) -> dict[str, Any]:
        """What `bluegreen status` reads, without a process of its own."""
        answer: dict[str, Any] = self.function.invoke({"action": "status"})
        return answer

    def log(self) -> str:
        """What the embedded AWS wrote, without the requests that went well."""
        lines = (self.workspace / ".local" / "local" / "aws.log").read_text().splitlines(keepends=True)
        return "".join(line for line in lines if ' HTTP/1.1" 2' not in line)

    def processes(self) -> set[int]:
        """Ids of the processes of the embedded AWS: the server and the functions that it keeps."""
        server = self.aws.pid
        return {server} | {pid for pid, parent in _running() if parent == server}

    def weights(self) -> dict[str, int]:
        """The production listener's weights, as the listener has them."""
        (listener,) = self.elbv2.describe_listeners(ListenerArns=[self.listener])["Listeners"]
        groups = listener["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
        weights = {group["TargetGroupArn"]: group["Weight"] for group in groups}
        return {colour: weights[arn] for colour, arn in self.groups.items()}

    @contextmanager
    def ringing(self, name: str) -> Iterator[None]:
        """The alarm whose name ends like this rings for the time of the block."""
        client = self.aws.client("cloudwatch")
        alarms = client.get_paginator("describe_alarms").paginate().build_full_result()["MetricAlarms"]
        (alarm,) = [a["AlarmName"] for a in alarms if a["AlarmName"].endswith(f"-{name}")]
        client.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="end-to-end test")
        try:
            yield
        finally:
            client.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="end-to-end test")

    def await_healthy(self, colour: str, count: int) -> None:
        """Wait until that many targets of a colour are healthy: health checks take their time."""
        group, elbv2 = self.groups[colour], self.elbv2
        deadline = time.monotonic() + HEALTH_SECONDS
        while count != sum(
            target["TargetHealth"]["State"] == "healthy"
            for target in elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        ):
            assert time.monotonic() < deadline
            time.sleep(0.2)

    @cached_property
    def listener(self) -> str:
        """ARN of the production listener."""
        return str(self.outputs["listener_arn"])

    @cached_property
    def groups(self) -> dict[str, str]:
        """ARNs of the colours' target groups."""
        return {colour: self.outputs[f"{colour}_target_group_arn"] for colour in ("blue", "green")}

    @cached_property
    def function(self) -> SwitchFunction:
        """The deployed switch function: looking again and again is quicker this way."""
        name, aws = self.outputs["switch_lambda_name"], self.aws
        return SwitchFunction(name, embedded_aws.REGION, aws.endpoint, aws.environment())

    @property
    def aws(self) -> embedded_aws.LocalAws:
        """The embedded AWS."""
        running = embedded_aws.find(self.workspace / ".local" / "local")
        assert running is not None
        return running

    @property
    def stack(self) -> Path:
        """What was synthesized."""
        return stack_directory(self.workspace, "local") / "cdk.tf.json"

    def acting(self, role: str, session: str) -> embedded_aws.LocalAws:
        """The embedded AWS, called by one of the roles that deploy."""
        return embedded_aws.as_role(self.aws, self.scope.role_arn(role), session)

    @cached_property
    def scope(self) -> Scope:
        """The names that the roles are limited to."""
        return scope_of(json.loads(self.stack.read_text(encoding="utf-8")))

    @property
    def terraform(self) -> Terraform:
        """Terraform in the stack's directory, as a user runs it there."""
        return Terraform(self.stack.parent, self.aws.environment())

    @cached_property
    def elbv2(self) -> Any:
        """A client, to do what others do past the switch."""
        return self.aws.client("elbv2")

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """Outputs as they were at first: for those that stay, names and ARNs."""
        return self.terraform.output()


def still_running(pids: set[int]) -> set[int]:
    """Those of `pids` that haven't ended."""
    return pids & {pid for pid, _ in _running()}


def _running() -> list[tuple[int, int]]:
    """(id, parent's id) of every process; those that ended and only wait to be reaped are none."""
    command = ["ps", "-eo", "pid=,ppid=,stat="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [(int(pid), int(parent)) for pid, parent, state in rows if not state.startswith("Z")]
