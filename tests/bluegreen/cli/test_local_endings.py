"""`bluegreen local up` after each ending of an apply, on a small stack of real resources.

`make test` has the interrupts, `make test-long` all of them. The whole platform, at more moments:
tests/e2e/test_endings.py (`make test-long`).
"""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedded_aws
import pytest

from tests.applies import Watched, completed, finished, interrupt, interrupted, processes, started
from tests.bluegreen.cli.conftest import write_stack
from tests.endings import AWS_GONE, DISK_FULL, ENDINGS, Ending

pytestmark = pytest.mark.integration

TABLE, ROLE, HOLD = "aws_dynamodb_table.table", "aws_iam_role.role", "terraform_data.hold"
HELD = "until test -e ../../../go; do sleep 0.1; done"
NOT_DEPLOYED = (
    "local is not deployed: its state has no output"  # all that this stack lacks comes after the apply
)


def document(hold: str = HELD) -> dict[str, Any]:
    """A protected table and a role, and after both of them what waits until the file `go` is there."""
    table = {
        "name": "table",
        "billing_mode": "PAY_PER_REQUEST",
        "hash_key": "id",
        "attribute": [{"name": "id", "type": "S"}],
        "lifecycle": {"prevent_destroy": True},
        "depends_on": ["terraform_data.first"],
    }
    role = {"name": "role", "assume_role_policy": "{}", "depends_on": ["terraform_data.first"]}
    held = {"provisioner": [{"local-exec": {"command": hold}}], "depends_on": [TABLE, ROLE]}
    return {
        "terraform": {
            "backend": {"local": {"path": "../../../.local/local/terraform.tfstate"}},
            "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}},
        },
        "provider": {"aws": [{"region": "us-east-1"}]},
        "resource": {
            "terraform_data": {"first": {}, "hold": held},
            "aws_dynamodb_table": {"table": table},
            "aws_iam_role": {"role": role},
            "aws_sns_topic": {"last": {"name": "last", "depends_on": [HOLD]}},  # the provider stays for it
        },
    }


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Watched]:
    """A checkout with that stack. Afterwards nothing of it runs."""
    write_stack(tmp_path, "local", document())
    watched = Watched(tmp_path, tmp_path / "watch")
    yield watched
    watched.close()
    down = watched.run("local", "down")
    assert down.returncode == 0, down.stderr
    assert not (tmp_path / ".local").exists()
    assert [row for row in processes() if str(tmp_path) in row[2]] == []


def begun(up: Watched) -> "subprocess.Popen[str]":
    """`local up`, with the table and the role complete and the next one in progress."""
    child = up.start("local", "up")
    up.wait_for(started(HOLD), child)
    return child


def addresses(up: Watched, status: str | None = None) -> set[str]:
    state = json.loads((up.directory / ".local" / "local" / "terraform.tfstate").read_text())
    return {
        f"{resource['type']}.{resource['name']}"
        for resource in state["resources"]
        for instance in resource["instances"]
        if instance.get("status") == status
    }


def assert_complete(up: Watched, result: "subprocess.CompletedProcess[str]") -> None:
    assert NOT_DEPLOYED in result.stderr, result.stderr
    assert addresses(up) == {"terraform_data.first", TABLE, ROLE, HOLD, "aws_sns_topic.last"}
    aws = embedded_aws.find(up.directory / ".local" / "local")
    assert aws is not None
    assert aws.client("dynamodb").list_tables()["TableNames"] == ["table"]


def ends_by_itself(up: Watched) -> "subprocess.CompletedProcess[str]":
    """The next `local up`, which nothing holds up."""
    (up.directory / "go").touch()
    return up.run("local", "up")


@pytest.mark.long
@pytest.mark.parametrize("ending", ENDINGS, ids=str)
def test_the_next_up_completes_it(up: Watched, ending: Ending) -> None:
    child = begun(up)
    group = up.terraform
    ending.end(up, child)
    if ending.name == "SIGKILL of the provider":
        (up.directory / "go").touch()
    ended = finished(child)

    assert ending.code is None or ended.returncode in {ending.code, 3}, ended.stderr
    assert_complete(up, ends_by_itself(up))
    assert [row for row in processes() if row[1] == group] == []


def test_what_the_first_and_the_second_interrupt_say(up: Watched) -> None:
    child = begun(up)
    interrupt(child)
    up.wait_for(interrupted, child)
    interrupt(child)
    ended = finished(child)

    assert (
        "interrupted: Terraform cancels the calls in progress and saves its state. Wait until it ends\n"
        in (ended.stderr)
    )
    said = ended.stderr.partition("error: ")[2]
    assert said.startswith("terraform apply was interrupted in cdktf.out/stacks/local\n")
    assert "  state: 3 changes were made, 1 were begun and not finished:\n    terraform_data.hold\n" in said
    again = "`bluegreen local up --deployment local`, which continues, or begins anew by itself"
    assert said.endswith(f"  fix: correct what fails, then {again}\n")
    assert addresses(up, "tainted") == {HOLD}
    third = ends_by_itself(up)
    assert "Beginning anew with local: the first apply was ended while it created resources" in third.stderr
    assert_complete(up, third)


@pytest.mark.long
def test_an_interrupt_before_anything_was_changed(up: Watched) -> None:
    write_stack(up.directory, "local", document(hold="exit 0"))
    child = up.start("local", "up")
    up.wait_for(lambda event: event["type"] == "version", child)
    interrupt(child)
    ended = finished(child)
    assert ended.returncode == (4 if any(map(started(""), _changes(up))) else 130), ended.stderr
    assert_complete(up, up.run("local", "up"))


def _changes(up: Watched) -> list[Any]:
    return [event for event in up.events() if event["type"] == "apply_start"]


@pytest.mark.long
@pytest.mark.parametrize("moment", [started(TABLE), completed(TABLE)], ids=["during", "after"])
def test_what_came_up_once_continues_and_keeps_what_exists(up: Watched, moment: Any) -> None:
    """A protected table is created by a later apply, which is interrupted."""
    first = document()
    del first["resource"]["aws_dynamodb_table"]
    first["resource"]["terraform_data"]["hold"]["depends_on"] = [ROLE]
    (up.directory / "go").touch()
    write_stack(up.directory, "local", first)
    assert NOT_DEPLOYED in up.run("local", "up").stderr
    write_stack(up.directory, "local", document())
    child = up.start("local", "up")
    up.wait_for(moment, child)
    interrupt(child)
    finished(child)

    again = up.run("local", "up")

    assert "Beginning anew" not in again.stderr or "its state doesn't know" in again.stderr
    assert_complete(up, again)


@pytest.mark.long
def test_a_disk_that_is_full(up: Watched) -> None:
    """From a moment on Terraform can write neither its state nor `errored.tfstate`: it prints the state."""
    assert DISK_FULL
    state = up.directory / ".local" / "local" / "terraform.tfstate"
    child = begun(up)
    _limit_files(up.terraform, state.stat().st_size)
    (up.directory / "go").touch()
    ended = finished(child)

    assert ended.returncode == 4
    said = ended.stderr.partition("error: ")[2]
    assert said.splitlines()[1] == "Error: Failed to persist state to backend"
    assert "terraform state push errored.tfstate" in said
    assert len(re.findall("Error: Failed to persist state", said)) == 1
    assert "lineage" not in ended.stderr  # nor is it shown: secrets are in it
    assert (up.directory / "cdktf.out/stacks/local/errored.tfstate").stat().st_mode & 0o077 == 0
    again = up.run("local", "up")
    assert (
        "Continuing: the state that Terraform could not save is taken over (terraform state push)"
        in again.stderr
    )
    assert "Beginning anew" not in again.stderr
    assert_complete(up, again)
    assert not (up.directory / "cdktf.out/stacks/local/errored.tfstate").exists()


def _limit_files(pid: int, size: int) -> None:
    """Writes beyond that size fail for the process, as on a full disk: with EFBIG instead of ENOSPC."""
    import resource  # noqa: PLC0415 - not on every system

    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.long
def test_an_embedded_aws_that_is_gone(up: Watched) -> None:
    assert AWS_GONE
    child = begun(up)
    aws = embedded_aws.find(up.directory / ".local" / "local")
    assert aws is not None
    os.kill(aws.pid, signal.SIGKILL)
    (up.directory / "go").touch()
    finished(child)
    again = up.run("local", "up")
    assert "Beginning anew with local: its embedded AWS is gone, and all that was in it\n" in again.stderr
    assert_complete(up, again)


@pytest.mark.long
def test_two_at_once_do_not_disturb_each_other(up: Watched) -> None:
    child = begun(up)
    other = Watched(up.directory, up.directory / "other")
    with other.start("local", "up") as second:
        assert second.stderr is not None
        line = "another `bluegreen local up` of local is running: waiting until it ends\n"
        assert line in iter(second.stderr.readline, "")
        (up.directory / "go").touch()
        first = finished(child)
        assert_complete(up, first)
        assert NOT_DEPLOYED in second.communicate()[1]
