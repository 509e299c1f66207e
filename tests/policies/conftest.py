"""The real stack, the pack alone, and what it says about the stack without a defect put in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.policies import harness
from tests.policies.harness import Document
from tests.workspaces import stack_directory, stack_of


@pytest.fixture(scope="session")
def original(workspace: Path) -> Document:
    """The synthesized stack of the local deployment, without what it waives of the pack. Don't change it."""
    return harness.without_the_boundary_of_the_account(stack_of(workspace, harness.STACK))


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
def clean(pack: None, original: Document, place: Path) -> None:  # noqa: ARG001
    """In the stack without a defect nothing is found, in any form."""
    for form in harness.FORMS:
        report = harness.evaluate(form.write(original, original), place)
        assert (harness.pairs(report), report.errors) == (set(), ())
