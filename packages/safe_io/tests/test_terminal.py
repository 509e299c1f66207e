"""The ways to a terminal and to a pipe: nothing of a text is obeyed, on the way there either."""

import io
from collections.abc import Callable

import pytest
import safe_io as output
from rich.console import Group
from safe_io import Text

from bluegreen.cli import terminal
from bluegreen.cli.scan import _status
from bluegreen.terraform import Progress
from packages.safe_io.tests.hostile import harm

# A hyperlink of a terminal, Rich's markup, a command of GitHub Actions.
HOSTILE = "\x1b]8;;https://evil.example\x07[red]x[/] ##[error]"
SHOWN = r"\x1b]8;;https://evil.example\x07[red]x[/] \x23#[error]"


class Terminal(io.StringIO):
    """A stream that says that somebody looks at it."""

    def isatty(self) -> bool:
        return True


def on_terminal(act: Callable[[], None], columns: int = 200) -> dict[str, str]:
    """What it writes to a terminal, by stream. Not by a fixture: pytest puts its own streams in between."""
    streams = {"stdout": Terminal(), "stderr": Terminal()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        patch.setenv("TERM", "xterm")
        patch.setattr("sys.stdin", io.StringIO("no\n"))
        for name, stream in streams.items():
            patch.setattr(f"sys.{name}", stream)
        act()
    return {name: stream.getvalue() for name, stream in streams.items()}


def _waits() -> None:
    with terminal.waiting(HOSTILE) as tell:
        tell(HOSTILE)


def _applies() -> None:
    with terminal.terraform_progress(HOSTILE) as on_progress:
        on_progress(Progress(1, 2, HOSTILE, 3))


def _asks() -> None:
    assert not terminal.confirmed(HOSTILE)


def _scans() -> None:
    with _status() as tell:
        tell(HOSTILE)
        output.notice(HOSTILE)


@pytest.mark.parametrize("act", [_waits, _applies, _asks, _scans], ids=lambda act: act.__name__)
def test_what_is_said_on_the_way(act: Callable[[], None]) -> None:
    written = on_terminal(act)["stderr"]

    assert SHOWN in written
    assert "\x1b]8" not in written
    assert "##[" not in written


@pytest.mark.parametrize("act", [_waits, _applies], ids=lambda act: act.__name__)
def test_what_is_said_to_a_pipe(act: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", stream := io.StringIO())
    act()
    assert SHOWN in stream.getvalue()
    assert harm(stream.getvalue()) == []


def test_a_view_gets_texts_of_one_line() -> None:
    def act() -> None:
        reason = "release\nListeners and records agree."
        output.show_data({"reason": reason}, lambda found: Text(found["reason"]))
        terminal.show_aside({"reason": "a\nb"}, lambda found: Text(found["reason"]))

    written = on_terminal(act)
    assert written == {"stdout": "release\\nListeners and records agree.\n", "stderr": "a\\nb\n"}


def test_a_line_to_be_copied_stays_whole() -> None:
    def act() -> None:
        output.show_view(Group(Text("curl https://localhost:40001", no_wrap=True, overflow="ignore")))

    assert on_terminal(act, columns=20)["stdout"] == "curl https://localhost:40001\n"


def test_nothing_is_markup() -> None:
    """Rich reads markup in plain strings, and crashes on some."""
    output.console(out := io.StringIO()).print("[red]x[/red] [/] :warning:")
    assert out.getvalue() == "[red]x[/red] [/] :warning:\n"
