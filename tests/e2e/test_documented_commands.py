"""The commands of the documents, word for word and in their order, on the embedded AWS.

Those that need a real account are marked as such, and only exist (tests/documents); so are those that
another test runs.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from tests.documents.blocks import Line, lines
from tests.e2e.platform import Platform
from tests.workspaces import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: documented")]

# What is run elsewhere: by what.
DOWN = "the fixture `platform`"
ELSEWHERE = {
    "make test": ".ci/run",
    "make lint": ".ci/run",
    "make setup": ".ci/run",
    "make down": DOWN,
    "bluegreen local down": DOWN,
}
# What a checkout has and a workspace has of its own.
OWN = {"config", "cdktf.out", ".local", ".git", ".cache", "reports"}
TIMEOUT_SECONDS = 900
RUNNABLE = [line for line in lines() if not line.real_account and not line.run_by]
DOCUMENTS = {name: list(found) for name, found in groupby(RUNNABLE, key=lambda line: line.document)}


@pytest.fixture(scope="module")
def checkout(platform: Platform) -> Iterator[Path]:
    """The platform's workspace, with everything else that a checkout has."""
    make = shutil.which("make") or "make"
    ready = subprocess.run([make, "--question", ".venv/.ready"], cwd=ROOT, check=False)
    assert ready.returncode == 0, "the environment is older than its lock: make setup"
    links = [platform.workspace / path.name for path in ROOT.iterdir() if path.name not in OWN]
    for link in links:
        link.symlink_to(ROOT / link.name)
    yield platform.workspace
    for link in links:
        link.unlink()


@pytest.fixture(scope="module")
def path() -> str:
    """PATH with the `bluegreen` that set-up installs, as the documents say."""
    make = shutil.which("make") or "make"
    command = ".venv/bin/bluegreen"
    subprocess.run([make, "--no-print-directory", command], cwd=ROOT, env=_no_make(), check=True)
    return f"{(ROOT / command).parent}:{os.environ['PATH']}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_of(document: str, checkout: Path, path: str, on_blue: Platform) -> None:
    assert on_blue.workspace == checkout
    script = "\n".join(_checked(line) for line in DOCUMENTS[document])
    environment = {name: value for name, value in os.environ.items() if name != "DEPLOYMENT"} | {"PATH": path}
    shell = shutil.which("sh") or "sh"
    with subprocess.Popen(
        [shell, "-c", script],
        cwd=checkout,
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


def test_what_is_run_elsewhere_is_run_there() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    targets = {word for line in ci if line.startswith("make ") for word in line.split()[1:]}
    assert {"lint", "setup", "test"} <= targets
    make = shutil.which("make") or "make"
    recipe = subprocess.run(
        [make, "--no-print-directory", "-n", "down"],
        cwd=ROOT,
        env=_no_make(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert recipe.splitlines() == [".venv/bin/python -m bluegreen local down"]


def _no_make() -> dict[str, str]:
    """The environment without what a `make` around this one has set."""
    return {name: value for name, value in os.environ.items() if name not in ("MAKELEVEL", "MAKEFLAGS")}


def _checked(line: Line) -> str:
    """The line, and after it: the end of the script, unless it ended as the document says."""
    if line.text.partition("#")[0].strip() in ELSEWHERE:
        return ":"
    told = f'echo "{line}: exit code $status, not {line.exit_code}" >&2'
    return f"{line.text}\nstatus=$?; [ $status -eq {line.exit_code} ] || {{ {told}; exit 99; }}"
