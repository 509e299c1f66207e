"""`shift` as a process: Ctrl-C, and a terminal to ask and to draw on."""

import fcntl
import json
import os
import pty
import signal
import subprocess
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

import pytest

from tests.bluegreen.cli.conftest import Place, run

WAITING = ("--to", "green", "--steps", "5,100", "--bake", "0", "--approve-at", "100", "--interval", "0.1")
WAITS = "waits for approval until"
SECONDS = 20.0


def read_until(stream: IO[str], words: str) -> str:
    """What comes until a line with these words."""
    seen = ""
    for line in stream:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"{words!r} never came:\n{seen}")


class Terminal:
    """The other end of a pseudo terminal; what is written there is read at once, as terminals do."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._news = threading.Condition()
        self.seen = ""
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def read_until(self, words: str) -> None:
        """Fails when they don't come within SECONDS."""
        with self._news:
            assert self._news.wait_for(lambda: words in self.seen, SECONDS), f"no {words!r}:\n{self.seen}"

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def _read(self) -> None:
        with suppress(OSError):  # the process has ended
            while read := os.read(self._master, 65536):
                with self._news:
                    self.seen += read.decode(errors="replace")
                    self._news.notify_all()


@contextmanager
def on_terminal(place: Place, *arguments: str) -> Iterator[tuple[Terminal, "subprocess.Popen[str]"]]:
    """`bluegreen <arguments>` that asks and draws on a terminal; its result goes to a pipe."""
    master, slave = pty.openpty()
    process = place.bluegreen(*arguments, stdin=slave, stderr=slave, preexec_fn=_take_terminal)
    os.close(slave)
    terminal = Terminal(master)
    try:
        yield terminal, process
        process.wait(timeout=SECONDS)
    finally:
        process.kill()
        process.communicate()
        terminal.reader.join()
        os.close(master)


def _take_terminal() -> None:
    """Make standard input the terminal whose Ctrl-C this new session gets."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of a hundred columns, on which everything has room."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "50")
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_detaches_and_the_shift_goes_on(place: Place, number: signal.Signals) -> None:
    with place.bluegreen("shift", *WAITING, "--yes", "--output", "json") as process:
        assert process.stderr is not None
        read_until(process.stderr, WAITS)
        os.killpg(process.pid, number)
        said, told = process.communicate(timeout=SECONDS)

    found = json.loads(said)
    assert (process.returncode, found["outcome"], found["exit_code"]) == (130, "detached", 130)
    assert f"`bluegreen follow {found['workflow_id']}`" in told
    assert place.executions()[0]["status"] == "RUNNING"
    assert place.state["workflow"]["abort"] is None

    assert run("approve").exit_code == 0
    followed = run("follow", found["workflow_id"], "--interval", "0.1")
    assert (followed.exit_code, place.weights) == (0, (0, 100))


def test_ctrl_c_tells_a_person_how_to_look_again(place: Place) -> None:
    with on_terminal(place, "shift", *WAITING, "--yes") as (terminal, process):
        terminal.read_until(WAITS)
        terminal.type("\x03")
        terminal.read_until("`bluegreen abort shift-")
        assert process.stdout is not None
        said = process.stdout.read()
    assert process.returncode == 130
    assert "continues; this command stopped following it" in said
    assert "Traceback" not in terminal.seen


def test_it_asks_and_then_draws(place: Place) -> None:
    with on_terminal(place, "shift", *WAITING) as (terminal, process):
        terminal.read_until("Shift all traffic to green like this? [y/N]: ")
        assert place.state["workflow"] is None
        terminal.type("y\n")
        terminal.read_until(WAITS)
        terminal.read_until("Ctrl-C stops following; the shift continues")
        assert run("approve").exit_code == 0
        assert process.stdout is not None
        said = process.stdout.read()
    assert process.returncode == 0
    assert said.splitlines()[0].endswith(" completed")
    assert place.weights == (0, 100)
    assert "blue " in terminal.seen
    assert "▁" in terminal.seen  # the timeline


@pytest.mark.parametrize(
    ("answer", "code"),
    [("n\n", 1), ("\n", 1), ("\x04", 1), ("\x03", 130)],
    ids=["no", "default", "end", "ctrl-c"],
)
def test_no_is_no(place: Place, answer: str, code: int) -> None:
    before = len(place.executions())
    with on_terminal(place, "shift", *WAITING) as (terminal, process):
        terminal.read_until("[y/N]: ")
        terminal.type(answer)
    assert process.returncode == code
    assert (len(place.executions()), place.weights) == (before, (100, 0))
