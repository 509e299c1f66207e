"""What became of the applies of a local deployment, in a file that outlives whatever ends them."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from safe_io import private

from bluegreen.cli.deployment import Deployment
from bluegreen.cli.terminal import notice

FILE = "applies.json"


@dataclass(frozen=True)
class Journal:
    """`open`: the last apply was interrupted or killed while it changed something; `failed`: it ended with an
    error; `came_up`: one has ended well since the embedded AWS was started.
    """

    open: bool = False
    failed: bool = False
    came_up: bool = False

    def write(self, directory: Path) -> None:
        """In one step."""
        private.folder(directory)
        partial = directory / f"{FILE}.partial"
        with private.writer(partial) as file:
            json.dump(asdict(self), file)
        partial.replace(directory / FILE)


def read(directory: Path) -> Journal:
    """What is recorded in a state directory; a fresh journal where nothing is, or nothing readable."""
    try:
        return Journal(**json.loads((directory / FILE).read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):
        return Journal()


@contextmanager
def alone(place: Deployment) -> Iterator[None]:
    """Hold the deployment against any other `bluegreen local up`: that one waits, and says so.

    The lock is on the stack's directory, so that it leaves no file and outlives the state directory.
    """
    descriptor = os.open(place.stack, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            notice(f"another `bluegreen local up` of {place.name} is running: waiting until it ends")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
