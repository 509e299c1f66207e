"""Which tests execute which lines of `lambda_src/`, and how long each takes. Measured once, then kept."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import coverage
import pytest

from tools.mutation.grounds import Grounds
from tools.mutation.mutants import Mutant
from tools.mutation.trial import ROOT, run_tests

# What takes longer asks the embedded AWS or the database.
_PURE_SECONDS = 0.1
TESTS, CODE = ROOT / "tests/lambda_src", ROOT / "lambda_src"
# They try the packages as they are deployed, which a mutant in this process doesn't change, or compare roles,
# which takes a synthesis.
_ELSEWHERE = frozenset(
    {
        "test_rotation_deployed.py",
        "test_rotation_package.py",
        "test_rotation_role.py",
        "test_switch_role.py",
    }
)


@dataclass(frozen=True)
class Reach:
    """`seconds` by test; `lines`: path → line → tests. Line 0: what the module's import executes."""

    seconds: Mapping[str, float]
    lines: Mapping[str, Mapping[int, frozenset[str]]]

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Those that execute it; of a constant, those that execute anything of its file.

        First come those of pure logic, then one case of each other test function, the quick ones first.
        """
        of_file = self.lines.get(mutant.path, {})
        first, last = mutant.lines
        found = frozenset[str]().union(*(of_file.get(line, frozenset()) for line in range(first, last + 1)))
        found = found or frozenset[str]().union(*of_file.values())
        return self._in_turns(found)

    def only(self, files: Sequence[str]) -> "Reach":
        """With the tests of files of these names alone."""
        tests = {test for test in self.seconds if Path(test.partition("::")[0]).name in files}
        lines = {
            path: {line: found & tests for line, found in of_file.items()}
            for path, of_file in self.lines.items()
        }
        return Reach(self.seconds, lines)

    def _in_turns(self, tests: frozenset[str]) -> list[str]:
        cases: dict[str, int] = defaultdict(int)
        turns: dict[str, int] = {}
        quick_first = sorted(tests, key=lambda test: (self.seconds[test], test))
        for test in quick_first:
            function = test.partition("[")[0]
            turns[test] = cases[function]
            if self.seconds[test] > _PURE_SECONDS:
                cases[function] += 1
        return sorted(quick_first, key=turns.__getitem__)


def test_files() -> list[str]:
    found = sorted(TESTS.rglob("test_*.py"))
    return [str(path.relative_to(ROOT)) for path in found if path.name not in _ELSEWHERE]


def digest(file: str) -> str:
    """Of all that the measurement of a file of tests depends on."""
    helpers = [path for path in TESTS.rglob("*.py") if not path.name.startswith("test_")]
    content = hashlib.sha256()
    for path in sorted([*helpers, *CODE.rglob("*.py"), ROOT / file]):
        content.update(path.read_bytes())
    return content.hexdigest()


def measure(file: str, grounds: Grounds, result: Path) -> int:
    """Run one file of tests; writes what `read` reads. In a child process: see trial.py."""
    measured = coverage.Coverage(data_file=None, source=[str(CODE)], config_file=False)
    measured.start()
    stopwatch = _Stopwatch(measured)
    code = run_tests(grounds, [file], stopwatch, "--tb=short")
    measured.stop()
    if code == 0:
        result.write_text(json.dumps({"seconds": stopwatch.seconds, "lines": _lines(measured)}))
    return code


def read(results: list[Path]) -> Reach:
    seconds: dict[str, float] = {}
    lines: dict[str, dict[int, frozenset[str]]] = defaultdict(lambda: defaultdict(frozenset))
    for result in results:
        document = json.loads(result.read_text())
        seconds |= document["seconds"]
        for path, line, tests in document["lines"]:
            lines[path][line] |= frozenset(tests)
    return Reach(seconds, lines)


class _Stopwatch:
    def __init__(self, measured: coverage.Coverage) -> None:
        self._measured = measured
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._measured.switch_context(item.nodeid)
        answer = yield
        self._measured.switch_context("")
        return answer

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Without its setup, which may have been that of the session."""
        if call.when == "call":
            self.seconds[item.nodeid] = call.duration


def _lines(measured: coverage.Coverage) -> list[tuple[str, int, list[str]]]:
    data = measured.get_data()
    return [
        (str(Path(path).relative_to(ROOT)), line, sorted(filter(None, contexts)))
        for path in sorted(data.measured_files())
        for line, contexts in sorted(data.contexts_by_lineno(path).items())
        if any(contexts)
    ]
