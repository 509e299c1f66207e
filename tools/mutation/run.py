"""Tries all mutants, some at a time, each in up to three rounds of tests: the longer ones for survivors."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from tools.mutation import reach
from tools.mutation.grounds import Grounds
from tools.mutation.mutants import Mutant
from tools.mutation.reach import Reach
from tools.mutation.trial import ROOT, TIMED_OUT, Trial, try_out

CACHE = ROOT / ".cache/mutants"
# Seconds of tests, as measured, in the first round and in the second one. The third has all others, and tests
# that take longer than `_LONG_SECONDS` each come last.
_ROUND_SECONDS = (3.0, 30.0)
_LONG_SECONDS = 5.0
# How much longer a trial may take than its tests have taken.
_PATIENCE, _START_SECONDS = 8, 60
_MEASURING_SECONDS = 1800
_POLL_SECONDS = 0.02
_NO_TEST = 5  # pytest's exit code


@dataclass(frozen=True)
class Verdict:
    """`how`: "killed", "timeout" (killed, too) or "survived"."""

    mutant: Mutant
    how: str
    seconds: float


class _Job(Protocol):
    """What a worker is at, one child process after the other."""

    def begin(self, ground: Grounds) -> Trial | None:
        """The next child; None when the job is done."""

    def finish(self, code: int) -> None:
        """The child has ended with this exit code."""


class TestsFailError(Exception):
    """Tests fail without any mutant: nothing can be told of one."""


@dataclass
class _Measuring:
    file: str
    result: Path
    failed: list[str]

    def begin(self, ground: Grounds) -> Trial | None:
        if self.result.exists() or self.failed:
            return None
        work = partial(reach.measure, self.file, ground, self.result)
        return Trial.begin(ground, self._log, _MEASURING_SECONDS, work)

    def finish(self, code: int) -> None:
        if code != 0:
            self.failed.append(f"{self.file}: exit code {code}, see {self._log}")

    @property
    def _log(self) -> Path:
        return CACHE / f"{Path(self.file).stem}.log"


@dataclass
class _Trying:
    mutant: Mutant
    rounds: list[list[str]]
    measured: Reach
    told: Callable[[Verdict], None]
    begun: float = 0

    def begin(self, ground: Grounds) -> Trial | None:
        self.begun = self.begun or time.monotonic()
        if not self.rounds:
            return None
        tests = self.rounds[0]
        seconds = _START_SECONDS + _PATIENCE * sum(self.measured.seconds[test] for test in tests)
        work = partial(try_out, self.mutant, ground, tests)
        return Trial.begin(ground, ground.directory / "log", seconds, work)

    def finish(self, code: int) -> None:
        del self.rounds[0]
        if code not in (0, _NO_TEST):
            self.rounds.clear()
            self._say("timeout" if code == TIMED_OUT else "killed")
        elif not self.rounds:
            self._say("survived")

    def _say(self, how: str) -> None:
        self.told(Verdict(self.mutant, how, time.monotonic() - self.begun))


def measured_reach(grounds: Sequence[Grounds]) -> Reach:
    """From the cache, where neither code nor tests have changed. Raises TestsFailError."""
    results = {
        file: CACHE / f"{Path(file).stem}-{reach.digest(file)[:16]}.json" for file in reach.test_files()
    }
    failed: list[str] = []
    CACHE.mkdir(parents=True, exist_ok=True)
    work([_Measuring(file, result, failed) for file, result in results.items()], grounds)
    if failed:
        raise TestsFailError("tests fail without any mutant:\n" + "\n".join(failed))
    return reach.read(list(results.values()))


def try_all(
    mutants: Sequence[Mutant],
    measured: Reach,
    grounds: Sequence[Grounds],
    told: Callable[[Verdict], None],
    *,
    rounds: int,
) -> None:
    """`told` hears of each verdict at once."""
    work([_Trying(mutant, _rounds(mutant, measured, rounds), measured, told) for mutant in mutants], grounds)


def _rounds(mutant: Mutant, measured: Reach, rounds: int) -> list[list[str]]:
    tests = measured.tests_of(mutant)
    long = [test for test in tests if measured.seconds[test] > _LONG_SECONDS]
    quick = iter([test for test in tests if test not in set(long)])
    found = [_worth(seconds, quick, measured) for seconds in _ROUND_SECONDS]
    found.append([*quick, *sorted(long, key=measured.seconds.__getitem__)])
    return [tests for tests in found[:rounds] if tests] or [tests]


def _worth(seconds: float, tests: Iterator[str], measured: Reach) -> list[str]:
    """The next ones that take so long together."""
    found: list[str] = []
    for test in tests:
        found.append(test)
        if sum(measured.seconds[each] for each in found) > seconds:
            break
    return found


def work(jobs: Sequence[_Job], grounds: Sequence[Grounds]) -> None:
    """All jobs, on as many grounds as there are at a time; each from its first child to its last."""
    waiting: Iterator[_Job] = iter(jobs)
    at_work: dict[int, tuple[_Job, Trial]] = {}
    try:
        while True:
            for number, ground in enumerate(grounds):
                if number in at_work:
                    continue
                for job in waiting:
                    if trial := job.begin(ground):
                        at_work[number] = job, trial
                        break
            if not at_work:
                return
            time.sleep(_POLL_SECONDS)
            for number, (job, trial) in list(at_work.items()):
                code = trial.ended()
                if code is None:
                    continue
                del at_work[number]
                job.finish(code)
                if following := job.begin(grounds[number]):
                    at_work[number] = job, following
    finally:
        for _, trial in at_work.values():
            trial.kill()
