"""Measuring a command with all of its processes, and synthesis as ratios."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.bench.measure import Measurement, measure, median
from tools.bench.row import Row, show
from tools.bench.synthesis import NAMES, rows

pytestmark = pytest.mark.integration

MB = 2**20

# A parent without much memory or work, whose child has both, and says how long it worked.
FAMILY = f"""
import subprocess, sys
child = '''
import os, sys
held = b"1" * (64 * {MB})
sum(range(10**7))
open(sys.argv[1], "w").write(str(os.times().user))
'''
subprocess.run([sys.executable, "-c", child, sys.argv[1]], check=True)
"""

# Stands for a program that synthesizes, and holds 64 MB in one of the two ways to do so.
PROGRAM = f"""
import os

held = b"1" * (64 * {MB}) if os.environ["STOCK_BINDINGS"] == "%s" else b""
sum(range(10**7))
"""


def test_descendants_count(tmp_path: Path) -> None:
    report = tmp_path / "user_s"
    measured = measure([sys.executable, "-c", FAMILY, str(report)], os.environ)
    assert measured.user_s >= float(report.read_text())
    assert measured.peak_rss_mb is not None
    assert 64 < measured.peak_rss_mb < 2 * 64


def test_the_environment_is_what_is_given() -> None:
    code = "import os, sys; sys.exit(os.environ['WHAT'] != 'this')"
    assert isinstance(measure([sys.executable, "-c", code], {"WHAT": "this"}), Measurement)


def test_a_failing_command_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError, match="exit status 3"):
        measure([sys.executable, "-c", "raise SystemExit(3)"], os.environ)


def test_a_command_that_does_not_end_is_killed() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        measure([sys.executable, "-c", "input()"], os.environ, timeout_s=0)


@pytest.mark.parametrize(("heavy", "missed"), [("1", False), ("0", True)])
def test_peak_memory_is_compared_with_its_target(heavy: str, missed: bool) -> None:
    *_, memory = rows([sys.executable, "-c", PROGRAM % heavy])
    assert memory.ratio is not None
    assert (memory.ratio > 1) == memory.missed == missed


@pytest.mark.parametrize(("target", "exit_code"), [(0.1, 1), (0.2, 0), (None, 0)])
def test_a_missed_target_is_an_exit_code(
    target: float | None, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [Row("met", "s", NAMES, 1, 2, 1), Row("time", "s", NAMES, 1, 7, target)]
    assert show(rows) == exit_code
    met, other = capsys.readouterr().out.splitlines()
    assert "MISSED" not in met
    assert ("MISSED" in other) == bool(exit_code)


@pytest.mark.parametrize(
    ("row", "missed", "text"),
    [
        (
            Row("time", "s", NAMES, 1.0, 10.0, 1 / 6),
            False,
            "trimmed 1.00 s, stock 10.00 s, ratio 0.100 (target at most 0.167: met)",
        ),
        (
            Row("time", "s", NAMES, 2.0, 10.0, 1 / 6),
            True,
            "trimmed 2.00 s, stock 10.00 s, ratio 0.200 (target at most 0.167: MISSED)",
        ),
        (Row("time", "", NAMES, 18, 1185, None), False, "trimmed 18, stock 1,185, ratio 0.015"),
        (Row("time", "MB", NAMES, None, None, 1 / 6), False, "can't be measured on this platform"),
    ],
)
def test_a_row_reads_as_a_sentence(row: Row, missed: bool, text: str) -> None:
    assert row.missed == missed
    assert str(row) == f"time: {text}"


def test_a_median_is_of_the_runs_after_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    runs = iter([Measurement(9, 9, 9), Measurement(1, 5, None), Measurement(3, 1, 40), Measurement(2, 3, 20)])
    assert median("work", lambda: next(runs), runs=3) == Measurement(2, 3, 30)
    assert capsys.readouterr().err == "bench: work, 3 runs\n"
