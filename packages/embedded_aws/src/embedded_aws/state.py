"""What the embedded AWS keeps in its state directory, and who may touch it when.

- `aws.json`: endpoint, pid, token and credentials. The server holds a lock on it for as long as it lives, so
  that a stale one is told from a live one without asking anybody.
- `aws.log`: all output of the server.
- `load-balancer.pem`: certificates of its listeners, for clients to trust.
- `services/`: files of the services behind the load balancer.
- `functions/`: unpacked packages and scratch directories of the functions that it runs.

All of it is closed to other users of the machine: it holds keys, passwords and payments.
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO

from safe_io import private

from embedded_aws.clients import Credentials
from embedded_aws.handle import LocalAws, LocalAwsError

LOCK_ATTEMPTS = 10


def log_file(state_dir: Path) -> Path:
    """Where the server of `state_dir` logs."""
    return state_dir / "aws.log"


def certificates_file(state_dir: Path) -> Path:
    """Where clients of the load balancer find what to trust."""
    return state_dir / "load-balancer.pem"


def services_dir(state_dir: Path) -> Path:
    """Where the services behind the load balancer keep their files."""
    return state_dir / "services"


def functions_dir(state_dir: Path) -> Path:
    """Where the server of `state_dir` unpacks and runs functions."""
    return state_dir / "functions"


def record(aws: LocalAws) -> IO[str]:
    """Write `aws.json`, in one step and locked until the returned file is closed. The server calls this."""
    partial = aws.state_dir / "aws.json.partial"
    file = private.writer(partial)
    fcntl.flock(file, fcntl.LOCK_EX)
    json.dump({name: value for name, value in asdict(aws).items() if name != "state_dir"}, file)
    file.flush()
    partial.replace(aws.state_dir / "aws.json")
    return file


def recorded(state_dir: Path) -> LocalAws | None:
    """Return what `aws.json` says while the process that wrote it lives, else None."""
    try:
        with (state_dir / "aws.json").open() as file:
            if _is_locked(file):
                content = json.load(file)
                credentials = Credentials(**content.pop("credentials"))
                return LocalAws(state_dir, credentials=credentials, **content)
            return None
    except (FileNotFoundError, NotADirectoryError):
        return None


def remove(state_dir: Path) -> None:
    """Remove everything the server wrote, and the directory if nothing else is in it."""
    certificates = certificates_file(state_dir).name
    for name in ("aws.json", "aws.json.partial", "aws.log", certificates):
        (state_dir / name).unlink(missing_ok=True)
    for directory in (functions_dir(state_dir), services_dir(state_dir)):
        shutil.rmtree(directory, ignore_errors=True)
    with contextlib.suppress(OSError):  # others keep files of theirs there
        state_dir.rmdir()


@contextlib.contextmanager
def exclusively(state_dir: Path) -> Iterator[None]:
    """Hold the lock of `state_dir`, creating it where it is missing.

    The lock is on the directory itself: a lock file could never be removed, and nothing must be left behind.
    """
    descriptor = _lock_directory(state_dir)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock_directory(state_dir: Path) -> int:
    for _ in range(LOCK_ATTEMPTS):
        private.folder(state_dir)
        with contextlib.suppress(FileNotFoundError):  # a `stop` removed it while we were waiting
            descriptor = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_still(state_dir, descriptor):
                return descriptor
            os.close(descriptor)
    raise LocalAwsError(
        f"{state_dir} was removed {LOCK_ATTEMPTS} times while it was being locked: is it stopped in a loop?"
    )


def _is_still(state_dir: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), state_dir.stat())
    except FileNotFoundError:
        return False


def _is_locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False  # left behind by a server that was killed
