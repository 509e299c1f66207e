"""What every test may use: trimmed bindings, and the platform as `main.py` synthesizes it."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import botocore.session
import pytest
import trimmed_bindings
from botocore.loaders import Loader

from tests.stack_reader import Stack
from tests.workspaces import DEPLOYMENTS, ROOT, made_once, stack_of, synthesize, with_shipped_configuration

# The property of a test that says how many cases it has run.
CASES = "cases"

# Terraform and its providers end before their garbage is worth the time that its collection takes: a plan of
# the whole stack takes a tenth less CPU time. Where a heap grows to the limit, they collect it.
os.environ.setdefault("GOGC", "off")
os.environ.setdefault("GOMEMLIMIT", "1GiB")

# Before anything imports the provider's bindings: tests use the ones that users do.
trimmed_bindings.activate(ROOT / "modules", cache=ROOT / ".cache")


@pytest.fixture(scope="session", autouse=True)
def _models_are_read_once() -> Iterator[None]:
    """Sessions of boto3 have one reader of the services' models, not one each that parses megabytes anew."""
    create = botocore.session.create_loader
    readers: dict[str | None, Loader] = {}

    def reader(path: str | None = None) -> Loader:
        found = readers.setdefault(path, create(path))
        found.search_paths[:] = dict.fromkeys(found.search_paths)  # each session of boto3 adds its own
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", reader)
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that all workers have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def workspace(shared: Path, allowed: Callable[[], AbstractContextManager[None]]) -> Path:
    """A directory with the shipped configuration, synthesized. Don't write into it."""

    def make(directory: Path) -> None:
        result = synthesize(with_shipped_configuration(directory))
        assert result.returncode == 0, result.stderr

    with allowed():  # the only process that unit tests start
        return made_once(shared / "workspace", make)


@pytest.fixture(scope="session")
def stacks(workspace: Path) -> Mapping[str, Stack]:
    """The shipped deployments by name."""
    return {name: Stack(stack_of(workspace, name)) for name in DEPLOYMENTS}


@pytest.fixture(params=DEPLOYMENTS)
def stack(request: pytest.FixtureRequest, stacks: Mapping[str, Stack]) -> Stack:
    """Each shipped deployment in turn."""
    return stacks[request.param]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many cases the tests have run that count them, on whichever worker."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    counts = [
        count
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, count in report.user_properties
        if name == CASES
    ]
    if counts:
        terminalreporter.write_line(f"{sum(counts)} cases in {len(counts)} tests that count them")
