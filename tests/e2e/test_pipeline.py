"""The pipeline with plain Terraform of docs/pipeline.md, run as it stands by the role that applies: nothing
unjudged is applied.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bluegreen.terraform.mirror import find_mirror
from tests.e2e.platform import Platform
from tests.workspaces import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]

Edit = Callable[[dict[str, Any]], object]


def snippet() -> str:
    """The commands under the heading "With plain Terraform"."""
    document = (ROOT / "docs" / "pipeline.md").read_text()
    (section,) = re.findall(r"^### With plain Terraform\n(.*?)^### ", document, re.M | re.S)
    (commands,) = re.findall(r"^```sh\n(.*?)^```$", section, re.M | re.S)
    return str(commands)


def _plugins(stack: Path, environment: dict[str, str]) -> str:
    """Where `terraform init` finds the provider on machines without a registry."""
    asked = ["terraform", "version", "-json"]
    version = json.loads(subprocess.run(asked, env=environment, capture_output=True, check=True).stdout)
    mirror = find_mirror(stack, version["platform"], environment)
    return f"-plugin-dir={mirror}" if mirror else ""


class Pipeline:
    """Runs it in the platform's directory, with the project's command on the PATH."""

    def __init__(self, platform: Platform, tools: Path) -> None:
        self.platform = platform
        self._synthesized = platform.stack.read_text()
        command = tools / "bluegreen"
        command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m bluegreen "$@"\n')
        command.chmod(0o755)
        self._environment = platform.acting("apply", "pipeline").environment()
        self._environment |= {
            "PATH": f"{tools}:{self._environment['PATH']}",
            "DEPLOYMENT": "local",
            "TF_CLI_ARGS": "-no-color",
            "TF_CLI_ARGS_init": _plugins(platform.stack.parent, dict(self._environment)),
        }

    def run(self, edit: Edit = lambda _: None) -> subprocess.CompletedProcess[str]:
        """After `edit` has changed what was synthesized."""
        stack = json.loads(self._synthesized)
        edit(stack)
        self.platform.stack.write_text(json.dumps(stack, indent=2))
        return subprocess.run(
            ["sh", "-c", snippet()],  # noqa: S607 - as a pipeline does
            cwd=self.platform.workspace,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def restore(self) -> None:
        """The stack as it was synthesized."""
        self.platform.stack.write_text(self._synthesized)

    def left(self) -> list[str]:
        """Plans that are still there: secrets are in them."""
        found = [*self.platform.workspace.rglob("plan.json"), *self.platform.workspace.rglob("tfplan")]
        return [path.name for path in found]


@pytest.fixture
def pipeline(on_blue: Platform, tmp_path: Path) -> Iterator[Pipeline]:
    """Afterwards the synthesized stack is as it was."""
    for path in on_blue.workspace.rglob("plan.json"):
        path.unlink()
    for path in on_blue.workspace.rglob("tfplan"):
        path.unlink()
    pipeline = Pipeline(on_blue, tmp_path)
    yield pipeline
    pipeline.restore()


def resource(stack: dict[str, Any], type_: str, part: str) -> dict[str, Any]:
    """The only resource of a type whose name has `part` in it."""
    (found,) = (body for name, body in stack["resource"][type_].items() if part in name)
    body: dict[str, Any] = found
    return body


@pytest.mark.long
def test_a_stack_without_defects_is_applied(pipeline: Pipeline) -> None:
    """What somebody has changed by hand is as it was synthesized again."""
    logs = pipeline.platform.aws.client("logs")
    (group,) = (found for found in logs.describe_log_groups()["logGroups"] if "flow-logs" in found["arn"])
    logs.put_retention_policy(logGroupName=group["logGroupName"], retentionInDays=30)

    done = pipeline.run()

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 added, 1 changed, 0 destroyed" in done.stdout
    assert pipeline.left() == []
    reports = pipeline.platform.workspace / "reports"
    for name in ("scan", "plan", "guard"):
        (run,) = json.loads((reports / f"{name}.sarif").read_text())["runs"]
        assert run["invocations"][0]["exitCode"] == 0
    (fixed,) = logs.describe_log_groups(logGroupNamePrefix=group["logGroupName"])["logGroups"]
    assert fixed["retentionInDays"] == group["retentionInDays"]


def test_a_defect_ends_it_before_anything_is_planned(pipeline: Pipeline) -> None:
    def edit(stack: dict[str, Any]) -> None:
        resource(stack, "aws_rds_cluster", "green")["storage_encrypted"] = False

    done = pipeline.run(edit)
    assert done.returncode == 1
    assert "(R18)" in done.stdout
    assert "Terraform will perform" not in done.stdout
    assert pipeline.left() == []


@pytest.mark.long
def test_a_plan_that_hurts_the_live_colour_is_not_applied(pipeline: Pipeline) -> None:
    def edit(stack: dict[str, Any]) -> None:
        resource(stack, "aws_rds_cluster", "blue")["preferred_maintenance_window"] = "mon:05:00-mon:06:00"

    done = pipeline.run(edit)
    assert done.returncode == 1
    assert "BG_GUARD_ACTIVE_COLOUR" in done.stdout
    assert "Apply complete" not in done.stdout
    assert pipeline.left() == []
