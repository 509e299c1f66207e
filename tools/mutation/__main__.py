"""`python -m tools.mutation [MODULE …] [--every N [--from K]] [--rest | --survivors] [--rounds 3]
[--tests FILE …] [--workers 2]`

MODULE: such as `switch/lock.py`; all of them, else. `--every N`: every Nth mutant, beginning with number K
(0 to N - 1), of all modules alike. `--rest`: only those that were not tried yet; `--survivors`: only those
that survived before, after tests were added. `--rounds 3`: with all tests that execute the mutant, however
long they take: every fault at every call, random operations. `--tests`: only those of files of these names.

What was found is kept in reports/mutants.json, so parts add up. Exit code 1 below the threshold, or when
equivalent.toml names what is no mutant any more.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tools.mutation import grounds, score
from tools.mutation.mutants import Mutant, mutants_of
from tools.mutation.run import Verdict, measured_reach, try_all
from tools.mutation.trial import ROOT

REPORT = ROOT / "reports/mutants.json"


def main() -> int:
    options = _options()
    everything = [mutant for path in _paths(options.modules) for mutant in mutants_of(path, ROOT)]
    found = score.saved(REPORT)
    mutants = _chosen(everything, found, options)
    started = time.monotonic()
    done = 0

    def told(verdict: Verdict) -> None:
        nonlocal done, found
        done += 1
        found = score.with_verdict(found, verdict)
        score.save(found, REPORT)
        shown = f" {verdict.mutant}" if verdict.how == "survived" else ""
        print(f"{done}/{len(mutants)} {verdict.how} in {verdict.seconds:.1f} s{shown}", flush=True)  # noqa: T201

    grounds.load_libraries()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # nothing is left running, then
    with (
        tempfile.TemporaryDirectory() as directory,
        grounds.prepared(Path(directory), options.workers) as ready,
    ):
        measured = measured_reach(ready)
        measured = measured.only(options.tests) if options.tests else measured
        try_all(mutants, measured, ready, told, rounds=options.rounds)
    print(f"{done} mutants in {(time.monotonic() - started) / 60:.0f} minutes\n")  # noqa: T201
    return _judged(everything, found)


def _judged(mutants: list[Mutant], found: score.Found) -> int:
    rows = score.rows(mutants, found)
    outdated = [key for key in score.outdated(mutants) if key[0] in {mutant.path for mutant in mutants}]
    print(score.table(rows))  # noqa: T201
    for path, within, before, _ in outdated:
        print(f"tools/mutation/equivalent.toml: no mutant any more: {path} {within}: {before}")  # noqa: T201
    return int(rows[-1].score < score.THRESHOLD or bool(outdated))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.mutation")
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--from", dest="first", type=int, default=0, metavar="K")
    parser.add_argument("--tests", nargs="+", metavar="FILE")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rest", action="store_true")
    parser.add_argument("--survivors", action="store_true")
    return parser.parse_args()


def _paths(modules: list[str]) -> list[Path]:
    folder = ROOT / "lambda_src"
    return [folder / name for name in modules] or sorted(folder.glob("*/*.py"))


def _chosen(mutants: list[Mutant], found: score.Found, options: argparse.Namespace) -> list[Mutant]:
    mutants = mutants[options.first :: options.every]
    if options.rest:
        mutants = [each for each in mutants if each.key not in found]
    if options.survivors:
        known = score.equivalents()
        mutants = [each for each in mutants if found.get(each.key) == "survived" and each.key not in known]
    # A run that is ended early has tried some of every module, then.
    return random.Random(1).sample(mutants, len(mutants))  # noqa: S311 - the same order each time


if __name__ == "__main__":
    sys.exit(main())
