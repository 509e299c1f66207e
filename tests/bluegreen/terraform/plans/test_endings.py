"""`bluegreen apply` on a remote state, ended in the middle; then the printed commands, as they stand."""

import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bluegreen.terraform import Terraform
from bluegreen.terraform.mirror import find_mirror
from bluegreen.terraform.plans import PLAN_FILE
from tests.applies import Event, Watched, completed, finished, interrupt, started
from tests.bluegreen.cli.conftest import run
from tests.bluegreen.terraform.bootstrap.conftest import Remote, document
from tests.bluegreen.terraform.plans.faulty import Way, way_to
from tests.endings import EXPIRED, NETWORK_GONE
from tests.terraform_commands import NO_CHANGE

STAGING = ("--deployment", "staging")
COMMAND = re.compile(r"^\s+(terraform -chdir=.*)$", re.MULTILINE)
CLUSTER, ROLE, HOLD = "aws_rds_cluster.cluster", "aws_iam_role.role", "terraform_data.hold"
HELD = "until test -e ../../../go; do sleep 0.1; done"
ROUNDS = 5
# Its stack is no platform: the scan before an apply, which test_plan_and_apply.py tests, would refuse it.
UNSCANNED = (
    "import bluegreen.cli.apply, stack_gate;bluegreen.cli.apply._scanned = lambda *_: stack_gate.Report();"
)


def stack(remote: Remote) -> dict[str, Any]:
    """A role and a protected cluster, and something that waits until the file `go` is there."""
    cluster = {
        "cluster_identifier": f"cluster-{remote.bucket}",
        "engine": "aurora-mysql",
        "master_username": "admin",
        "manage_master_user_password": True,
        "skip_final_snapshot": True,
        "lifecycle": {"prevent_destroy": True},
        "depends_on": [ROLE],
    }
    role = {"name": f"role-{remote.bucket}", "assume_role_policy": "{}"}
    held = {"provisioner": [{"local-exec": {"command": HELD}}], "depends_on": [ROLE]}
    found = document(remote.bucket, remote.alias, max_retries="1")
    found["provider"]["aws"][0]["max_retries"] = 1  # or it retries for many minutes
    found["terraform"]["required_providers"] = {"aws": {"source": "aws", "version": "5.100.0"}}
    return found | {
        "resource": {
            "aws_iam_role": {"role": role},
            "aws_rds_cluster": {"cluster": cluster},
            "terraform_data": {"hold": held},
        }
    }


@dataclass
class Staging:
    """The deployment, and the way to its AWS."""

    remote: Remote
    watched: Watched
    way: Way

    def plan(self) -> "subprocess.CompletedProcess[str]":
        return self.watched.run("plan", *STAGING)

    def begin(self) -> "subprocess.Popen[str]":
        """The apply of a new plan, with the cluster begun and the held one, too."""
        planned = self.watched.run("plan", *STAGING, "--output", "json")
        assert planned.returncode == 0, planned.stderr
        child = self.watched.start("apply", json.loads(planned.stdout)["plan"], *STAGING)
        self.watched.wait_for(started(HOLD), child)
        return child

    def follow(self, said: str) -> list[str]:
        """Type each command that `said` has, as it stands, and `yes` where Terraform asks; those commands."""
        commands = COMMAND.findall(said)
        for command in commands:
            done = subprocess.run(
                shlex.split(command),
                cwd=self.watched.directory,
                env=self.watched.variables,
                input="yes\n",
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, command + done.stdout + done.stderr
            if command.endswith("errored.tfstate"):
                (self.remote.stack / "errored.tfstate").unlink()  # as the advice says
        return [shlex.split(command)[2] for command in commands]

    def complete(self) -> list[str]:
        """Plan and follow until nothing is left to type, then apply; the verbs that were typed."""
        verbs: list[str] = []
        (self.watched.directory / "go").touch()
        for _ in range(ROUNDS):
            planned = self.plan()
            typed = self.follow(planned.stdout + planned.stderr)
            verbs += typed
            if not typed:
                break
        assert planned.returncode == 0, planned.stderr
        # By Terraform itself: the guard judges deployments with two colours, and this one has none.
        terraform = Terraform(self.remote.stack, self.watched.variables)
        terraform.apply(plan=self.remote.stack / PLAN_FILE)
        assert terraform.plan() == NO_CHANGE
        return verbs


@pytest.fixture
def staging(remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Staging]:
    (remote.stack / "cdk.tf.json").write_text(json.dumps(stack(remote)))
    assert run("bootstrap", *STAGING, "--yes").exit_code == 0
    with way_to(remote.aws.endpoint) as way:
        monkeypatch.setenv("AWS_ENDPOINT_URL", way.endpoint)
        if mirror := find_mirror(remote.stack, "linux_amd64", dict(os.environ)):
            monkeypatch.setenv("TF_CLI_ARGS_init", f"-plugin-dir={mirror}")
        watched = Watched(tmp_path, tmp_path / "watch", before=UNSCANNED)
        yield Staging(remote, watched, way)
        watched.close()


def in_progress(event: Event) -> bool:
    """Terraform waits for the cluster, which AWS has by then."""
    return event["type"] == "apply_progress" and CLUSTER in event["hook"]["resource"]["addr"]


@pytest.mark.long
def test_an_interrupted_cluster_is_kept(staging: Staging) -> None:
    child = staging.begin()
    staging.watched.wait_for(in_progress, child)
    interrupt(child)
    ended = finished(child)

    assert ended.returncode == 4
    need = f"  {CLUSTER}: exists, complete: keep it (status: available)\n"
    command = f"    terraform -chdir=cdktf.out/stacks/staging untaint {CLUSTER}\n"
    assert need + command in ended.stderr
    refused = staging.plan()
    assert refused.returncode == 4
    assert "error: an apply of staging did not finish: 1 protected resources are tainted\n" in refused.stderr
    assert need + command in refused.stderr
    assert "untaint" in staging.complete()


@pytest.mark.long
def test_a_killed_terraform_leaves_a_lock_and_resources_without_state(staging: Staging) -> None:
    child = staging.begin()
    staging.watched.wait_for(in_progress, child)
    os.kill(staging.watched.terraform, signal.SIGKILL)
    ended = finished(child)

    assert ended.returncode == 4
    assert "Error: Terraform was killed by SIGKILL" in ended.stderr
    assert "  the lock of the state: is left by " in ended.stderr
    verbs = staging.follow(ended.stderr)
    assert verbs[0] == "force-unlock"
    assert {"import"} <= set(verbs) | set(staging.complete())


@pytest.mark.long
@pytest.mark.parametrize("fault", [NETWORK_GONE, EXPIRED])
def test_a_state_that_could_not_be_saved_is_kept_and_pushed(staging: Staging, fault: str) -> None:
    child = staging.begin()
    staging.watched.wait_for(completed(ROLE), child)
    staging.way.fault = fault
    (staging.watched.directory / "go").touch()
    ended = finished(child)

    assert ended.returncode == 4
    assert (staging.remote.stack / "errored.tfstate").stat().st_mode & 0o077 == 0
    said = ended.stderr.partition("error: ")[2]
    assert said.splitlines()[1].startswith("Error: Failed to persist state to backend")
    staging.way.fault = None
    refused = staging.plan()
    assert "error: the state of staging is not saved" in refused.stderr
    assert staging.follow(refused.stderr) == ["force-unlock", "state"]
    staging.complete()
