"""Tiers of tests: unit, integration, end to end (`-m unit`, …). What a test may start follows from its tier.

- `e2e`: says so by its mark.
- `integration`: says so by its mark, or uses a fixture that asks for the fixture `_integration`.
- `long`: besides its tier. `make test` leaves it out.
- `sampled(n)`: an enumeration, of whose cases `make test` takes one in n, and `make test-long` the others.
- `unit`: all others. They start no process; the synthesis that they look at is made once for all.
  One that does fails, so that none is in the wrong tier.
"""

import gc
import sys
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from zlib import crc32

import pytest

UNIT, INTEGRATION, END_TO_END = ("unit", "integration", "e2e")
LONG, SAMPLED = ("long", "sampled")
STARTS = frozenset(
    {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "pty.spawn", "subprocess.Popen"}
)
_MEND = "mark it: pytest.mark.integration, or let the fixture that starts it ask for `_integration`"


class _Watch:
    """`starts`: what was started while it was `on`, and where."""

    def __init__(self) -> None:
        self.on = False
        self.starts: list[str] = []
        sys.addaudithook(self._see)

    def _see(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on and event in STARTS and not _by_an_import(arguments):
            where = "".join(traceback.format_stack(limit=6)[:-1])
            self.starts.append(f"{event}{arguments[:2]}\n{where}")


def _by_an_import(arguments: tuple[object, ...]) -> bool:
    """What importing CDKTF (its kernel) and Checkov (`git version`) starts, once in a test process."""
    words = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], list) else [""]
    return words == ["git", "version"] or str(words[-1]).endswith("/bin/jsii-runtime.js")


_watch = _Watch()
gc.disable()  # until all is collected


def tier_of(item: pytest.Item) -> str:
    """By the narrowest that it says of itself."""
    for tier in (END_TO_END, INTEGRATION):
        if item.get_closest_marker(tier):
            return tier
    return INTEGRATION if "_integration" in getattr(item, "fixturenames", ()) else UNIT


@pytest.fixture(scope="session")
def _integration() -> None:
    """What asks for it starts processes: tests that use it are no unit tests."""


@pytest.fixture(scope="session", autouse=True)
def _scans_in_one_process() -> Iterator[None]:
    """A scan in the process of a test starts no second one: unit tests start none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stack_gate.second_process._is_possible", lambda: False)
        yield


@pytest.fixture(scope="session")
def allowed() -> Callable[[], AbstractContextManager[None]]:
    """`with allowed():` what is started in here, a unit test may start."""
    return _allowed


@contextmanager
def _allowed() -> Iterator[None]:
    before, _watch.on = _watch.on, False
    try:
        yield
    finally:
        _watch.on = before


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """`-n auto` of the whole suite: two more, as those with the tests end to end wait much of the time. Each
    worker keeps platforms: with five, two cores' 24 GB did not suffice.
    """
    workers = yield
    return workers if config.getoption("markexpr") else workers + 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each test gets the mark of its tier, before `-m` looks for it. Those marked `long` run only by that
    mark.
    """
    for item in items:
        if (mark := item.get_closest_marker(SAMPLED)) and not taken(item.name, mark.args[0]):
            item.add_marker(LONG)
    if LONG not in config.getoption("markexpr"):
        _leave_out([item for item in items if item.get_closest_marker(LONG)], config, items)
    for item in items:
        if not item.get_closest_marker(tier := tier_of(item)):
            item.add_marker(tier)


def taken(name: str, one_in: int) -> bool:
    """Whether `make test` runs the case of that name, of one in so many."""
    return crc32(name.encode()) % one_in == 0


def _leave_out(unwanted: list[pytest.Item], config: pytest.Config, items: list[pytest.Item]) -> None:
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        left_out = set(unwanted)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """What is there now stays to the end. To look for garbage in it takes a quarter of the time; to look for
    it after each 700 new objects, a twentieth.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Fixtures are watched, too; not their ends: a fixture's end may come long after the last who used it."""
    with _watched(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with _watched(item):
        return (yield)


@contextmanager
def _watched(item: pytest.Item) -> Iterator[None]:
    _watch.on = item.get_closest_marker(UNIT) is not None
    try:
        yield
    finally:
        _watch.on = False
        starts, _watch.starts = _watch.starts, []
    if starts:
        pytest.fail(f"a unit test started a process; {_MEND}\n" + "\n".join(starts), pytrace=False)
