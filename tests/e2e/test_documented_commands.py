"""The commands of the documents, word for word and in their order, on the embedded AWS.

Those that need a real account are marked as such, and only exist (tests/documents); so are those that
another test runs.
"""

import subprocess
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from tests.documents.blocks import lines
from tests.e2e.documented import MAKE, as_checkout, no_make, run
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
RUNNABLE = [line for line in lines() if not line.real_account and not line.run_by]
DOCUMENTS = {name: list(found) for name, found in groupby(RUNNABLE, key=lambda line: line.document)}


@pytest.fixture(scope="module")
def checkout(platform: Platform) -> Iterator[Path]:
    """The platform's workspace, with everything else that a checkout has."""
    with as_checkout(platform.workspace) as workspace:
        yield workspace


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_of(document: str, checkout: Path, on_blue: Platform) -> None:
    assert on_blue.workspace == checkout
    run(DOCUMENTS[document], checkout, ELSEWHERE)


def test_what_is_run_elsewhere_is_run_there() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    targets = {word for line in ci if line.startswith("make ") for word in line.split()[1:]}
    assert {"lint", "setup", "test"} <= targets
    recipe = subprocess.run(
        [MAKE, "--no-print-directory", "-n", "down"],
        cwd=ROOT,
        env=no_make(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert recipe.splitlines() == [".venv/bin/python -m bluegreen local down"]
