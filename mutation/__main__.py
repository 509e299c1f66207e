"""`python -m mutation [MODULE …] [--every N [--from K]] [--survivors] [--workers 2]`: exit code 1 below the
threshold.

MODULE: such as `switch/lock.py`; all of them, else. `--every N`: every Nth mutant, beginning with number K
(0 to N - 1), of all modules alike. `--survivors`: only those that survived the last time, after tests were
added.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from mutation import grounds, score
from mutation.mutants import Mutant, mutants_of
from mutation.run import Verdict, measured_reach, try_all
from mutation.trial import ROOT

REPORT = ROOT / "reports/mutants.json"


def main() -> int:
    options = _options()
    everything = [mutant for path in _paths(options.modules) for mutant in mutants_of(path, ROOT)]
    mutants = _chosen(everything, options)
    started = time.monotonic()
    verdicts: list[Verdict] = []

    def told(verdict: Verdict) -> None:
        verdicts.append(verdict)
        shown = f" {verdict.mutant}" if verdict.how == "survived" else ""
        counted = f"{len(verdicts)}/{len(mutants)} {verdict.how} in {verdict.seconds:.1f} s"
        print(counted + shown, flush=True)  # noqa: T201
        score.save(verdicts, REPORT.with_name("mutants.partial.json"))

    grounds.load_libraries()
    with (
        tempfile.TemporaryDirectory() as directory,
        grounds.prepared(Path(directory), options.workers) as ready,
    ):
        measured = measured_reach(ready)
        try_all(mutants, measured, ready, told, rounds=options.rounds)
    score.save(verdicts, REPORT)
    rows = score.rows(verdicts)
    minutes = (time.monotonic() - started) / 60
    print(f"{score.table(rows)}\n\n{len(mutants)} of {len(everything)} mutants in {minutes:.0f} minutes")  # noqa: T201
    return int(rows[-1].score < score.THRESHOLD)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mutation")
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--from", dest="first", type=int, default=0, metavar="K")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--survivors", action="store_true")
    return parser.parse_args()


def _paths(modules: list[str]) -> list[Path]:
    folder = ROOT / "lambda_src"
    return [folder / name for name in modules] or sorted(folder.glob("*/*.py"))


def _chosen(mutants: list[Mutant], options: argparse.Namespace) -> list[Mutant]:
    if options.survivors:
        wanted = score.survivors(REPORT)
        mutants = [mutant for mutant in mutants if mutant.key in wanted]
    return mutants[options.first :: options.every]


if __name__ == "__main__":
    sys.exit(main())
