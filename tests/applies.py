"""`bluegreen` commands that run Terraform, watched through Terraform's own event stream, to be ended at an
event.

A moment is chosen by what Terraform says it is doing, never by time: a `terraform` first on PATH copies the
stream to a file before it becomes the real one.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.workspaces import ROOT

PATIENCE_SECONDS = 900.0  # bounds a wait, also on a machine that does much else
POLL_SECONDS = 0.02
# A shell that starts tests in the background has them ignore interrupts, and so what they start.
MODULE = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "runpy.run_module('bluegreen', run_name='__main__', alter_sys=True)"
)
WRAPPER = """#!/bin/bash
case " $* " in
*" -json "*) echo $$ > '{place}/pid'; exec '{terraform}' "$@" > >(exec tee -a '{place}/stream') ;;
esac
exec '{terraform}' "$@"
"""

Event = Mapping[str, Any]
When = Callable[[Event], bool]


def started(part: str) -> When:
    """Terraform has begun to change a resource whose address has `part` in it."""
    return lambda event: event["type"] == "apply_start" and part in _address(event)


def completed(part: str) -> When:
    """It has finished to."""
    return lambda event: event["type"] == "apply_complete" and part in _address(event)


def interrupted(event: Event) -> bool:
    """Terraform has got an interrupt: it cancels what runs and saves its state."""
    return "Interrupt received" in str(event.get("@message"))


def _address(event: Event) -> str:
    return str(event["hook"]["resource"]["addr"])


@dataclass
class Watched:
    """A `bluegreen` command in a directory of its own, with what it needs of the environment."""

    directory: Path
    place: Path  # where the stream and the process id of Terraform are written
    environment: Mapping[str, str] = field(default_factory=dict)
    before: str = ""  # Python, run before the command in its process
    children: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def __post_init__(self) -> None:
        tools = self.place / "bin"
        tools.mkdir(parents=True, exist_ok=True)
        wrapper = tools / "terraform"
        wrapper.write_text(WRAPPER.format(place=self.place, terraform=shutil.which("terraform")))
        wrapper.chmod(0o755)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """`bluegreen <arguments>`, in a session of its own, as a terminal starts it."""
        for name in ("pid", "stream"):
            (self.place / name).unlink(missing_ok=True)
        child = subprocess.Popen(
            [sys.executable, "-c", self.before + MODULE, *arguments],
            cwd=self.directory,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.children.append(child)
        return child

    def close(self) -> None:
        """End what a test that failed has left."""
        for child in self.children:
            if child.poll() is None:
                interrupt(child)
                finished(child)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """The same, to its end."""
        with self.start(*arguments) as child:
            return finished(child)

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment of what it runs."""
        tools = f"{self.place / 'bin'}:{os.environ['PATH']}"
        return {**os.environ, **self.environment, "PYTHONPATH": str(ROOT), "PATH": tools}

    def wait_for(self, when: When, child: "subprocess.Popen[str]") -> None:
        """Until the stream has such an event. It fails where the command ends before."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not any(when(event) for event in self.events()):
            assert child.poll() is None, child.communicate()
            assert time.monotonic() < deadline
            time.sleep(POLL_SECONDS)

    def events(self) -> Iterator[Event]:
        """What Terraform has said since the last start."""
        stream = self.place / "stream"
        for line in stream.read_text().splitlines() if stream.exists() else ():
            try:
                event = json.loads(line)
            except ValueError:  # plain text, or the line is being written
                continue
            if isinstance(event, dict) and "type" in event:
                yield event

    @property
    def terraform(self) -> int:
        """Its process id, which is the id of its process group, too."""
        return int((self.place / "pid").read_text())

    def providers(self) -> list[int]:
        """Process ids of the providers that Terraform has started."""
        return [pid for pid, group, name in processes() if group == self.terraform and "provider" in name]


def interrupt(child: "subprocess.Popen[str]") -> None:
    """As a terminal does at Ctrl-C."""
    os.killpg(child.pid, signal.SIGINT)


def finished(child: "subprocess.Popen[str]") -> "subprocess.CompletedProcess[str]":
    """What it said, once it has ended."""
    try:
        stdout, stderr = child.communicate(timeout=PATIENCE_SECONDS)
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        raise
    return subprocess.CompletedProcess(child.args, child.returncode, stdout, stderr)


def processes() -> list[tuple[int, int, str]]:
    """(id, process group, command) of every process that has not ended."""
    command = ["ps", "-ww", "-eo", "pid=,pgid=,stat=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
    return [(int(row[0]), int(row[1]), row[3]) for row in rows if len(row) > 3 and not row[2].startswith("Z")]
