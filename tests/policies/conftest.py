"""The real stack, the pack alone, and what it says about the stack without a defect put in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.policies import harness, incremental
from tests.policies.harness import Document
from tests.workspaces import stack_directory, stack_of


@pytest.fixture(scope="session")
def original(workspace: Path) -> Document:
    """The synthesized stack of the local deployment. Don't change it."""
    return stack_of(workspace, harness.STACK)


@pytest.fixture(scope="session")
def place(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where mutated documents are written: beside the functions' packages, as the original is."""
    directory = tmp_path_factory.mktemp("mutants")
    (directory / "assets").symlink_to(stack_directory(workspace, harness.STACK) / "assets")
    return directory


@pytest.fixture(scope="module")
def pack(original: Document) -> Iterator[None]:  # noqa: ARG001 - synthesized with the user's environment, not the gate's
    """Only the pack's checks are registered."""
    with harness.only_the_pack():
        yield


@pytest.fixture(scope="module")
def builders(pack: None, original: Document, place: Path) -> dict[str, harness.Build]:  # noqa: ARG001
    """Form → what builds the graphs of stacks in it. In the stack without a defect nothing is found."""
    found: dict[str, harness.Build] = {}
    for form in harness.FORMS:
        found[form.name] = incremental.Builder().build
        report = harness.evaluate(form.write(original, original), place, found[form.name])
        assert (harness.pairs(report), report.errors) == (set(), ())
    return found
