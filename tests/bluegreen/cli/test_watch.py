"""`bluegreen status --watch`: as a process, and its rhythm without the clock."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bluegreen.cli.watch import Lines, Rhythm, watch
from bluegreen.operate.client import FunctionFailedError, SwitchError
from tests.bluegreen.cli.conftest import Place, run

MANY = "1000"
COMMAND = [sys.executable, "-m", "bluegreen", "status", "--watch", "--interval", "1", "--times", MANY]


@contextmanager
def started(place: Place, *arguments: str, **streams: Any) -> Iterator[subprocess.Popen[str]]:
    """The watch as a process of its own, ended in any case."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "120"}
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=place.directory, env=environment, text=True, **streams
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def broken(place: Place) -> Iterator[None]:
    """The function finds something that it can't work with."""
    place.put(frozen="not what it should be")
    try:
        yield
    finally:
        place.put(frozen=None)


def test_json_is_an_object_a_line_and_a_failure_does_not_end_it(place: Place) -> None:
    with started(place, "--output", "json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout

        def until(wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
            """The next reading that is as wanted; one that was under way may still be the other way."""
            lines = iter(process.stdout or ())
            return next(reading for _ in range(10) if wanted(reading := json.loads(next(lines))))

        assert until(lambda reading: "weights" in reading)["weights"] == {"blue": 100, "green": 0}
        with broken(place):
            failure = until(lambda reading: "error" in reading)
            assert set(failure) == {"error"}
        assert until(lambda reading: "weights" in reading)["consistent"] is True

        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=60)

    assert (process.returncode, complaints) == (0, "")


def test_on_a_terminal_it_changes_in_its_place_and_ctrl_c_ends_it(place: Place) -> None:
    ours, theirs = pty.openpty()
    with started(place, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE) as process:
        os.close(theirs)
        shown = read_until(ours, "Ctrl-C ends.", "Ctrl-C ends.")
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=60)
        rest = read_until(ours, "\x1b[?25h")
    os.close(ours)

    assert (process.returncode, complaints) == (0, "")
    assert "3 of 3 healthy" in shown
    assert "\x1b[1A" in shown  # back up, over the reading before
    assert "\x1b[?25h" in rest  # the cursor is there again


def read_until(terminal: int, *texts: str) -> str:
    """What the terminal shows until it has shown the texts, one after the other."""
    shown, place = "", 0
    for text in texts:
        while (found := shown.find(text, place)) < 0:
            try:
                shown += os.read(terminal, 65536).decode(errors="replace")
            except OSError:  # closed at the other end
                return shown
        place = found + len(text)
    return shown


@pytest.mark.usefixtures("place")
def test_it_ends_by_itself() -> None:
    result = run("status", "--watch", "--interval", "1", "--times", "2")

    assert result.exit_code == 0
    assert result.stdout.count("Listeners and records agree.") == 2
    assert result.stdout.count("Read at ") == 2


def test_what_could_not_be_read_once_is_an_error(place: Place) -> None:
    with broken(place):
        result = run("status", "--watch", "--times", "1")

    assert result.exit_code == 2
    assert "not read: " in result.stdout
    assert "Nothing could be read so far." in result.stdout
    assert "the status could not be read" in result.stderr


@pytest.mark.parametrize("arguments", [("--interval", "0"), ("--times", "0"), ("--interval", "soon")])
def test_a_rhythm_that_is_none_is_refused(arguments: tuple[str, str]) -> None:
    assert run("status", "--watch", *arguments).exit_code == 2


class Readings:
    """Gives or raises one of `outcomes` at each reading."""

    def __init__(self, *outcomes: object) -> None:
        self.outcomes = list(outcomes)

    def __call__(self) -> dict[str, Any]:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return {"reading": outcome}


def lines(
    readings: Readings, times: int, capsys: pytest.CaptureFixture[str]
) -> tuple[list[Any], list[float]]:
    """What was written, and the pauses."""
    pauses: list[float] = []
    try:
        watch(readings, Lines(), Rhythm(7, times), passing=SwitchError, sleep=pauses.append)
    finally:
        written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return written, pauses


def test_it_pauses_between_readings_and_not_after_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    written, pauses = lines(Readings(1, 2, 3), 3, capsys)

    assert written == [{"reading": 1}, {"reading": 2}, {"reading": 3}]
    assert pauses == [7, 7]


def test_the_last_reading_may_fail_if_one_did_not(capsys: pytest.CaptureFixture[str]) -> None:
    failure = FunctionFailedError("ListenerStateError", "gone", None)

    assert lines(Readings(1, failure), 2, capsys)[0] == [{"reading": 1}, {"error": "gone"}]
    with pytest.raises(FunctionFailedError):
        lines(Readings(failure, failure), 2, capsys)


def test_an_interrupt_is_a_good_end_at_any_time(capsys: pytest.CaptureFixture[str]) -> None:
    failure = FunctionFailedError("ListenerStateError", "gone", None)

    assert lines(Readings(KeyboardInterrupt()), 5, capsys)[0] == []
    assert lines(Readings(failure, KeyboardInterrupt()), 5, capsys)[0] == [{"error": "gone"}]


def test_a_defect_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        lines(Readings(1, ZeroDivisionError()), 5, capsys)
