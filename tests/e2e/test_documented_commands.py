"""The commands of the documents, word for word and in their order, on the embedded AWS.

Those that need a real account are marked as such, and only exist (tests/documents); so are those that
another test runs.
"""

import subprocess
from collections.abc import Iterator
from itertools import groupby, takewhile
from pathlib import Path

import pytest

from tests.documents.blocks import lines
from tests.e2e.documented import MAKE, as_checkout, command_of, no_make, run
from tests.e2e.platform import Platform
from tests.workspaces import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]

# What is run elsewhere: by what.
DOWN = "the fixture `platform`"
UP = "that fixture, and test_tutorial.py"
ELSEWHERE = {
    "make test": ".ci/run",
    "make lint": ".ci/run",
    "make setup": ".ci/run",
    "make up": UP,
    "make down": DOWN,
    "bluegreen local down": DOWN,
}
# What does the same again in another document, so that only the first document runs the same line: verbs that
# read what was synthesized and planned.
SAME_AGAIN = ("bluegreen scan ", "bluegreen permissions")
# Those whose verbs other tests run, too: `make test-long` runs them.
LONG = (
    *("docs/cli.md", "docs/pipeline.md", "docs/plan-guard.md", "docs/rehearsal.md"),
    *("docs/shifting.md", "docs/tutorial.md"),
)
RUNNABLE = [line for line in lines() if not line.real_account and not line.run_by]
BY_NAME = {name: list(found) for name, found in groupby(RUNNABLE, key=lambda line: line.document)}
DOCUMENTS = {name: BY_NAME[name] for name in sorted(BY_NAME, key=lambda name: name in LONG)}


@pytest.fixture(scope="module")
def checkout(platform: Platform) -> Iterator[Path]:
    """The platform's workspace, with everything else that a checkout has."""
    with as_checkout(platform.workspace) as workspace:
        yield workspace


@pytest.mark.parametrize(
    "document",
    [pytest.param(name, marks=pytest.mark.long if name in LONG else ()) for name in DOCUMENTS],
)
def test_the_commands_of(document: str, checkout: Path, on_blue: Platform) -> None:
    assert on_blue.workspace == checkout
    run(DOCUMENTS[document], checkout, {*ELSEWHERE, *run_before(document)})


def run_before(document: str) -> set[str]:
    """Lines that an earlier document has, too, and that do the same again."""
    earlier = takewhile(lambda name: name != document, DOCUMENTS)
    commands = {command_of(line) for name in earlier for line in DOCUMENTS[name]}
    return {command for command in commands if command.startswith(SAME_AGAIN)}


def test_each_line_is_run_by_the_first_document_that_has_it() -> None:
    left_out = {
        command: name
        for name, found in DOCUMENTS.items()
        for command in run_before(name) & {command_of(line) for line in found}
    }
    assert left_out
    for command in left_out:
        first = next(name for name, found in DOCUMENTS.items() if command in map(command_of, found))
        assert command not in run_before(first)


def test_what_is_run_elsewhere_is_run_there() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    targets = {word for line in ci if line.startswith("make ") for word in line.split()[1:]}
    assert {"lint", "setup", "test"} <= targets
    assert recipe("down") == [".venv/bin/python -m bluegreen local down"]
    assert recipe("up") == [
        "DEPLOYMENT=local .venv/bin/python main.py",
        ".venv/bin/python -m bluegreen scan cdktf.out/stacks/local",
        ".venv/bin/python -m bluegreen local up",
    ]


def recipe(target: str) -> list[str]:
    """What `make` runs for a target of a checkout that is set up."""
    printed = subprocess.run(
        [MAKE, "--no-print-directory", "-n", target],
        cwd=ROOT,
        env=no_make(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return printed.splitlines()
