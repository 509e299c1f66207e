"""Starts, finds and stops the embedded AWS of one state directory.

A process is only used, or killed, after it has proved that it is the one of `aws.json`: it takes the token
that is in there, and answers with the access key that is in there, which it was not sent. No recycled process
id, no recycled port and no state directory shared with another machine makes a stranger look like ours.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Any

from safe_io import private

from embedded_aws import state
from embedded_aws.clients import REGION
from embedded_aws.handle import LocalAws, LocalAwsError, WrongTokenError, led_to_loopback

PACKAGE_ROOT = Path(__file__).resolve().parents[1]
SERVER = "embedded_aws.server"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.02
LOG_LINES_SHOWN = 15

# Started by this process, which therefore has to reap them.
_children: dict[int, subprocess.Popen[bytes]] = {}


def start(state_dir: Path, region: str = REGION) -> LocalAws:
    """Return the embedded AWS of `state_dir`, started (detached, in a session of its own) if none runs there.

    Concurrent calls yield one server. Raises LocalAwsError if it doesn't answer within START_SECONDS, or if
    the one that runs was started for another region: what it holds is there.
    """
    state_dir = state_dir.absolute()
    with state.exclusively(state_dir):
        aws = find(state_dir) or _launch(state_dir, region)
    if aws.region != region:
        raise LocalAwsError(
            f"the embedded AWS of {state_dir} was started for {aws.region}, and {region} is asked for. "
            "What it holds stays there: stop it, which forgets that, and start it again."
        )
    return aws


def find(state_dir: Path) -> LocalAws | None:
    """Return the embedded AWS that runs for `state_dir`, or None.

    Raises LocalAwsError if there is one that doesn't answer, or not with its token.
    """
    aws = state.recorded(state_dir.absolute())
    if aws is None:
        return None
    identity: dict[str, Any] = {}
    try:
        identity = aws.control("GET", "identity")
    except WrongTokenError:
        pass  # reported below
    except LocalAwsError:
        if _ends(aws):  # we came upon it in the middle of that
            return None
        raise
    if identity != {"access_key_id": aws.credentials.access_key_id, "pid": aws.pid}:
        raise LocalAwsError(
            f"{aws.endpoint} is not the embedded AWS that {state_dir / 'aws.json'} names: that one runs in "
            "another container or on another machine. Stop it there, or use another directory."
        )
    return aws


def stop(state_dir: Path) -> bool:
    """Stop the embedded AWS of `state_dir` with every function that it runs, and remove what it wrote.

    Returns whether there was one. Raises LocalAwsError as `find` does, or if it outlives SIGTERM and then
    SIGKILL by STOP_SECONDS each.
    """
    state_dir = state_dir.absolute()
    if not state_dir.is_dir():
        return False
    with state.exclusively(state_dir):
        aws = find(state_dir)
        if aws:
            _end(aws)
        state.remove(state_dir)
    return aws is not None


@contextlib.contextmanager
def running(state_dir: Path) -> Iterator[LocalAws]:
    """The embedded AWS of `state_dir`, for as long as the block lasts."""
    aws = start(state_dir)
    try:
        yield aws
    finally:
        stop(state_dir)


def _launch(state_dir: Path, region: str) -> LocalAws:
    ready, ready_of_child = os.pipe()
    with os.fdopen(ready, "rb", buffering=0) as readiness, private.writer(state.log_file(state_dir)) as log:
        try:
            child = subprocess.Popen(
                [sys.executable, "-m", SERVER, str(state_dir), str(ready_of_child), region],
                cwd=PACKAGE_ROOT,
                env=led_to_loopback(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(ready_of_child,),
                start_new_session=True,
            )
        finally:
            os.close(ready_of_child)
        try:
            _await(readiness)
            aws = _found(state_dir, child)
        except BaseException:  # an interrupted start leaves no orphan either
            child.kill()
            child.wait()
            state.remove(state_dir)
            raise
    _children[child.pid] = child
    return aws


def _await(readiness: FileIO) -> None:
    """It becomes readable as soon as the server is ready, or has died."""
    waiting = select.poll()  # unlike select(2) it takes any file, however many are open
    waiting.register(readiness, select.POLLIN)
    waiting.poll(START_SECONDS * 1000)


def _found(state_dir: Path, child: subprocess.Popen[bytes]) -> LocalAws:
    aws = find(state_dir)
    if aws:
        return aws
    try:
        what = f"ended with status {child.wait(timeout=1)}"
    except subprocess.TimeoutExpired:
        what = f"was not ready within {START_SECONDS:.0f} s"
    log = state.log_file(state_dir).read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
    raise LocalAwsError("\n".join((f"the embedded AWS for {state_dir} {what}. The end of its log:", *log)))


def _end(aws: LocalAws) -> None:
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(aws.pid, signal_number)
        if _ends(aws):
            return
    raise LocalAwsError(f"the embedded AWS (process {aws.pid}) outlives SIGKILL: see what holds it")


def _ends(aws: LocalAws) -> bool:
    """Wait for it to end, STOP_SECONDS at most."""
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if state.recorded(aws.state_dir) is None:
            if child := _children.pop(aws.pid, None):
                child.wait()
            return True
        time.sleep(POLL_SECONDS)
    return False
