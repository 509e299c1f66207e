"""What an unfinished apply has left of a local deployment, and how the next one continues from it."""

import fcntl
import time
from pathlib import Path

from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.terminal import notice
from bluegreen.terraform import State, Terraform
from bluegreen.terraform.process import INTERRUPT_GRACE_SECONDS
from bluegreen.terraform.runner import ERRORED
from bluegreen.terraform.state import parse

POLL_SECONDS = 0.1


def await_terraform(place: Deployment, seconds: float = INTERRUPT_GRACE_SECONDS) -> None:
    """Wait while a Terraform whose caller was killed still saves its state. Raises CommandError."""
    deadline = time.monotonic() + seconds
    file = place.state_file
    told = False
    while _held(file):
        if not told:
            notice(f"Terraform of an earlier command still saves its state in {file}: waiting until it ends")
            told = True
        if time.monotonic() > deadline:
            raise CommandError(
                ExitCode.UNREACHABLE,
                f"a Terraform that is still running holds {file}",
                "wait until it ends: `ps -ef | grep terraform` shows it",
            )
        time.sleep(POLL_SECONDS)


def unreadable_state(place: Deployment) -> str | None:
    """Why the state can't be continued from; None where it can, or where there is none.

    A full disk can damage it; what Terraform wrote elsewhere then takes its place.
    """
    if (place.stack / ERRORED).exists():
        return None
    why = unreadable(place.state_file)
    return f"its state is damaged ({why})" if why else None


def drop_damaged(place: Deployment) -> None:
    """Remove a state that is none, where Terraform has written another: not even its `init` passes it."""
    if (place.stack / ERRORED).exists() and unreadable(place.state_file):
        place.state_file.unlink()


def unreadable(file: Path) -> str | None:
    """Why `file` is no state; None where it is one, or isn't there."""
    try:
        _read(file)
    except ValueError as error:
        return str(error)
    return None


def continue_from(place: Deployment, terraform: Terraform) -> None:
    """Take over the state that could not be saved, and keep what exists. Raises TerraformError.

    The embedded AWS creates at once: what is marked as tainted exists, or the plan finds that it doesn't,
    and it sets what the creation had still to set.
    """
    _push_errored(place, terraform)
    tainted = _read(place.state_file).tainted
    kept = [found for found in tainted if found.type.startswith("aws_")]
    if not kept:
        return
    notice(f"Continuing: {len(kept)} resources whose creation did not finish are kept (terraform untaint)")
    for instance in kept:
        notice(f"  {instance.address}")
        terraform.untaint(instance.address)


def _push_errored(place: Deployment, terraform: Terraform) -> None:
    file = place.stack / ERRORED
    if not file.exists():
        return
    errored, current = _read(file), _read(place.state_file)
    if current.lineage in {"", errored.lineage} and errored.serial >= current.serial:
        notice("Continuing: the state that Terraform could not save is taken over (terraform state push)")
        terraform.push_state(file)
    else:
        notice(f"{file} is of an earlier state and is removed")
    file.unlink()


def _read(file: Path) -> State:
    try:
        return parse(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return State()


def _held(file: Path) -> bool:
    """Whether a process holds Terraform's lock, which is a record lock on the state file itself: it ends
    with the process. Source: internal/states/statemgr/filesystem_lock_unix.go.
    """
    try:
        with file.open("r+b") as opened:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
