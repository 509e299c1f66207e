"""A run of tests in a process of its own, forked from this one, with a mutant in the place of a module."""

import importlib.util
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from tools.mutation.grounds import Grounds
from tools.mutation.mutants import Mutant

ROOT = Path(__file__).resolve().parents[2]
TIMED_OUT = -1
# As everywhere where tests run: one process, nothing cached. What fails is counted, not shown.
_ARGUMENTS = ("-n", "0", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT))


@dataclass
class Trial:
    """A child process at work."""

    pid: int
    deadline: float

    @classmethod
    def begin(cls, grounds: Grounds, log: Path, seconds: float, work: Callable[[], int]) -> "Trial":
        """`work` in a child; what it returns is its exit code."""
        pid = os.fork()
        if pid == 0:
            _become(grounds, log, work)
        return cls(pid, time.monotonic() + seconds)

    def ended(self) -> int | None:
        """Its exit code, negative for a signal; TIMED_OUT where it took too long. None: it goes on."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() < self.deadline:
            return None
        self.kill()
        return TIMED_OUT

    def kill(self) -> None:
        """With all that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def run_tests(grounds: Grounds, files: Sequence[str], plugin: object, *options: str) -> int:
    """pytest's exit code."""
    arguments = [*_ARGUMENTS, f"--basetemp={grounds.directory / 'tmp'}", *options, *files]
    return int(pytest.main(arguments, plugins=[plugin]))


def try_out(mutant: Mutant, grounds: Grounds, tests: Sequence[str]) -> int:
    """Run the tests in this order until the first failure: 0 if there is none, the mutant survives."""
    sys.meta_path.insert(0, _Instead(mutant))
    files = sorted({test.partition("::")[0] for test in tests})
    return run_tests(grounds, files, _Chosen(tests), "-x", "--tb=line")


class _Chosen:
    def __init__(self, tests: Sequence[str]) -> None:
        self._place = {test: number for number, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = (item for item in items if item.nodeid in self._place)
        items[:] = sorted(chosen, key=lambda item: self._place[item.nodeid])


class _Instead(SourceFileLoader):
    """Finds, and loads, the mutant's module."""

    def __init__(self, mutant: Mutant) -> None:
        self._source = mutant.source
        super().__init__(mutant.path.removesuffix(".py").replace("/", "."), str(ROOT / mutant.path))

    def find_spec(self, name: str, _path: Any, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def get_code(self, _name: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)


def _become(grounds: Grounds, log: Path, work: Callable[[], int]) -> None:
    """Never returns: nothing of the parent's may be run in the child."""
    code = 70
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(output, stream)
        os.chdir(ROOT)
        os.environ["CI"] = "true"  # hypothesis tries the same examples each time then
        grounds.clean()
        with grounds.lent():
            code = work()
    except BaseException:  # noqa: BLE001 - whatever it is, it ends here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
