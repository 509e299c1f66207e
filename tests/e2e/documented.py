"""Runs the commands of a document as they stand, in a workspace that has all that a checkout has."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.documents.blocks import Line
from tests.terraform_commands import OF_PLAN, UNREFRESHED
from tests.workspaces import ROOT

# What a checkout has and a workspace has of its own.
OWN = {"config", "cdktf.out", ".local", ".git", ".cache", "reports"}
COMMAND = ".venv/bin/bluegreen"
MAKE = shutil.which("make") or "make"
TIMEOUT_SECONDS = 900


@contextmanager
def as_checkout(workspace: Path) -> Iterator[Path]:
    """The workspace with links to everything else of this checkout, which has to be set up."""
    ready = subprocess.run([MAKE, "--question", ".venv/.ready"], cwd=ROOT, env=no_make(), check=False)
    assert ready.returncode == 0, "the environment is older than its lock: make setup"
    subprocess.run([MAKE, "--no-print-directory", COMMAND], cwd=ROOT, env=no_make(), check=True)
    links = [workspace / path.name for path in ROOT.iterdir() if path.name not in OWN]
    for link in links:
        link.symlink_to(ROOT / link.name)
    yield workspace
    for link in links:
        link.unlink()


def run(lines: Iterable[Line], workspace: Path, elsewhere: Iterable[str] = ()) -> None:
    """Run them in order, as one script of `sh`; fails at the first that doesn't end as it says. Those of
    `elsewhere` are left out.
    """
    script = "\n".join(_checked(line, elsewhere) for line in lines)
    environment = {name: value for name, value in no_make().items() if name != "DEPLOYMENT"}
    environment["PATH"] = f"{(ROOT / COMMAND).parent}:{environment['PATH']}"
    environment[OF_PLAN] = UNREFRESHED
    shell = shutil.which("sh") or "sh"
    with subprocess.Popen(
        [shell, "-c", script],
        cwd=workspace,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as child:
        try:
            said, _ = child.communicate(timeout=TIMEOUT_SECONDS)
        except BaseException:
            os.killpg(child.pid, signal.SIGKILL)
            raise
    assert child.returncode == 0, said


def no_make() -> dict[str, str]:
    """The environment without what a `make` around this one has set."""
    return {name: value for name, value in os.environ.items() if name not in ("MAKELEVEL", "MAKEFLAGS")}


def command_of(line: Line) -> str:
    """The line without its comment."""
    return line.text.partition("#")[0].strip()


def _checked(line: Line, elsewhere: Iterable[str]) -> str:
    """The line, and after it: the end of the script, unless it ended as the document says."""
    if command_of(line) in elsewhere:
        return ":"
    told = f'echo "{line}: exit code $status, not {line.exit_code}" >&2'
    return f"{line.text}\nstatus=$?; [ $status -eq {line.exit_code} ] || {{ {told}; exit 99; }}"
