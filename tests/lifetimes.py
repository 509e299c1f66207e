"""How long a fixture of the session lives that starts processes: to the last test of its directory.

Its scope alone would keep each platform, embedded AWS and database server to the end of the run, on each
worker: tens of processes and gigabytes that no test uses any more. A fixture says that it starts processes
by asking for `_integration` (tests/tiers.py). It ends when the worker's next test is in another directory or
in another group (`xdist_group`), with all fixtures that use it. A test that comes back gets a new one.
"""

import os
from collections import Counter
from collections.abc import Generator

import pytest

from tests.tiers import END_TO_END, INTEGRATION, tier_of

STARTS = "_integration"
# Directory → the fixture of its conftest that takes long to start. The tests that use it are a group: it is
# started on one worker, once.
DEAR = {
    "tests/bluegreen/cli": "deployed",
    "tests/bluegreen/operate/doctor": "doctor_aws",
    "tests/bluegreen/permissions": "account",
    "tests/examples/service": "opened",
    "tests/lambda_src": "embedded_aws",
    "tests/lambda_src/ledger": "servers",
    "tests/lambda_src/rotation": "aws",
    "tests/modules/state_machine": "aws",
    "packages/embedded_aws/tests/load_balancer": "balanced",
    "packages/embedded_aws/tests": "aws",
}

_alive: list[tuple["pytest.FixtureDef[object]", pytest.FixtureRequest]] = []


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Group the tests that use what is dear, before xdist reads the groups. All other integration tests of a
    file are a group, too: what its fixtures make (a stack, an AWS) is made once, not on each worker. Then
    workers begin with the longest groups: the platforms, those that use what is dear, of these the largest,
    the others. xdist would begin with those of the most tests.
    """
    for directory, fixture in DEAR.items():
        below = (item for item in items if item.nodeid.startswith(f"{directory}/"))
        for item in below:
            if fixture in getattr(item, "fixturenames", ()) and not item.get_closest_marker("xdist_group"):
                item.add_marker(pytest.mark.xdist_group(directory))
    worker = "PYTEST_XDIST_WORKER" in os.environ
    for item in items if worker else ():
        if tier_of(item) == INTEGRATION and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    yield
    if worker:
        sizes = Counter(map(_group, items))
        items.sort(key=lambda item: _turn(item, sizes[_group(item)]))


def _turn(item: pytest.Item, size: int) -> tuple[int, int]:
    mark = item.get_closest_marker("xdist_group")
    if mark is None:
        return 3, 0
    if item.get_closest_marker(END_TO_END):
        return 0, 0
    return (2, 0) if mark.args[0].endswith(".py") else (1, -size)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: "pytest.FixtureDef[object]", request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Keep in mind what starts processes."""
    if fixturedef.scope == "session" and STARTS in fixturedef.argnames:
        _alive.append((fixturedef, request))
    return (yield)


def pytest_fixture_post_finalizer(fixturedef: "pytest.FixtureDef[object]") -> None:
    """It has ended."""
    _alive[:] = [(one, request) for one, request in _alive if one is not fixturedef]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """End what the worker's next test is too far away to use, the youngest first."""
    yield
    for fixturedef, request in reversed(_alive.copy()):
        if nextitem is None or not _goes_on(fixturedef.baseid, item, nextitem):
            fixturedef.finish(request)  # type: ignore[arg-type]


def _goes_on(directory: str, item: pytest.Item, nextitem: pytest.Item) -> bool:
    return f"{nextitem.nodeid}/".startswith(f"{directory}/" if directory else "") and (
        _group(item) == _group(nextitem)
    )


def _group(item: pytest.Item) -> object:
    """Its name."""
    mark = item.get_closest_marker("xdist_group")
    return mark and mark.args
