"""Tries all mutants, some at a time, each in up to three rounds of tests: the longer ones for survivors."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mutation import reach
from mutation.grounds import Grounds
from mutation.mutants import Mutant
from mutation.reach import Reach
from mutation.trial import ROOT, TIMED_OUT, Trial, try_out

CACHE = ROOT / ".cache/mutants"
# Seconds of tests, as measured, in the first round; a test that takes longer than `_LONG_SECONDS` is for the
# last.
_FIRST_SECONDS = 3.0
_LONG_SECONDS = 5.0
# How much longer a trial may take than its tests have taken.
_PATIENCE, _START_SECONDS = 8, 60
_POLL_SECONDS = 0.02
_NO_TEST = 5  # pytest's exit code


@dataclass(frozen=True)
class Verdict:
    """`how`: "killed", "timeout" (killed, too) or "survived"; `rounds`: how many it took."""

    mutant: Mutant
    how: str
    rounds: int
    seconds: float


@dataclass
class _Job:
    """What a worker is at. `next_work` gives the next child to begin; None when the job is done."""

    begin: Callable[[Grounds], Trial | None]
    finish: Callable[[int], None]


class TestsFailError(Exception):
    """Tests fail without any mutant: nothing can be told of one."""


def measured_reach(grounds: Sequence[Grounds]) -> Reach:
    """From the cache, where neither code nor tests have changed. Raises TestsFailError."""
    results = {
        file: CACHE / f"{Path(file).stem}-{reach.digest(file)[:16]}.json" for file in reach.test_files()
    }
    failed: list[str] = []

    def job(file: str, result: Path) -> _Job:
        log = CACHE / f"{Path(file).stem}.log"

        def begin(ground: Grounds) -> Trial | None:
            if result.exists() or failed:
                return None
            return Trial.begin(ground, log, 1800, lambda: reach.measure(file, ground, result))

        def finish(code: int) -> None:
            if code != 0:
                failed.append(f"{file}: exit code {code}, see {log}")

        return _Job(begin, finish)

    CACHE.mkdir(parents=True, exist_ok=True)
    wanted = [(file, result) for file, result in results.items() if not result.exists()]
    work([job(*each) for each in wanted], grounds)
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
    jobs = [_trial_job(mutant, _rounds(mutant, measured)[:rounds], measured, told) for mutant in mutants]
    work(jobs, grounds)


def _trial_job(
    mutant: Mutant, rounds: list[list[str]], measured: Reach, told: Callable[[Verdict], None]
) -> _Job:
    begun, done = time.monotonic(), 0

    def begin(ground: Grounds) -> Trial | None:
        nonlocal begun
        if done == len(rounds):
            told(Verdict(mutant, "survived", done, time.monotonic() - begun))
            return None
        begun = begun if done else time.monotonic()
        tests = rounds[done]
        if not tests:
            done += 1
            return begin(ground)
        seconds = _START_SECONDS + _PATIENCE * sum(measured.seconds[test] for test in tests)
        return Trial.begin(ground, ground.directory / "log", seconds, lambda: try_out(mutant, ground, tests))

    def finish(code: int) -> None:
        nonlocal done
        done += 1
        if code not in (0, _NO_TEST):
            how = "timeout" if code == TIMED_OUT else "killed"
            told(Verdict(mutant, how, done, time.monotonic() - begun))
            rounds.clear()

    return _Job(lambda ground: begin(ground) if rounds else None, finish)


def _rounds(mutant: Mutant, measured: Reach) -> list[list[str]]:
    tests = measured.tests_of(mutant)
    quick = [test for test in tests if measured.seconds[test] <= _LONG_SECONDS]
    first: list[str] = []
    for test in quick:
        if sum(measured.seconds[each] for each in first) > _FIRST_SECONDS:
            break
        first.append(test)
    rest = quick[len(first) :]
    long = sorted(set(tests) - set(quick), key=measured.seconds.__getitem__)
    return [first, rest, long]


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
