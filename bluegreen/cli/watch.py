"""Reading something again and again: `--watch`. A reading that fails is shown, and the next one is tried."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import safe_io as out
from rich.console import Group, RenderableType
from rich.live import Live

from bluegreen.cli.options import Output

Result = Mapping[str, Any]


class Screen(Protocol):
    """Where readings go."""

    def shown(self, result: Result) -> None:
        """A reading."""

    def failed(self, error: Exception) -> None:
        """A reading that failed."""


@dataclass(frozen=True)
class Rhythm:
    """`seconds` between two readings, `times` readings at most."""

    seconds: float
    times: int


def watch(
    read: Callable[[], Result],
    screen: Screen,
    rhythm: Rhythm,
    *,
    passing: type[Exception],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Reads and shows until `rhythm` is over or the user interrupts; either is a good end.

    `passing`: the failures that may be over at the next reading. Raises the last of them if no reading at all
    succeeded: there was nothing to watch.
    """
    last: Exception | None = None
    succeeded = False
    try:
        for index in range(rhythm.times):
            if index:
                sleep(rhythm.seconds)
            try:
                screen.shown(read())
            except passing as error:
                last = error
                screen.failed(error)
            else:
                succeeded = True
    except KeyboardInterrupt:
        return
    if last is not None and not succeeded:
        raise last


class Lines:
    """One JSON object a line: each result as it is, and `{"error": "..."}` for a reading that failed."""

    def shown(self, result: Result) -> None:
        self._write(result)

    def failed(self, error: Exception) -> None:
        self._write({"error": str(error)})

    def _write(self, value: Result) -> None:
        out.show_document(value, indent=None)


class Picture:
    """The last reading, when it was made, and what has gone wrong since."""

    def __init__(
        self, view: Callable[[Result], RenderableType], put: Callable[[RenderableType], None]
    ) -> None:
        self._view, self._put = view, put
        self._last: RenderableType = out.Text("no reading so far")
        self._read_at = ""

    def shown(self, result: Result) -> None:
        self._last, self._read_at = self._view(out.data(result)), _now()
        self._put(Group(self._last, out.Text(f"Read at {self._read_at}; Ctrl-C ends.", style="dim")))

    def failed(self, error: Exception) -> None:
        since = f"Above: as of {self._read_at}." if self._read_at else "Nothing could be read so far."
        trouble = out.Text(f"{_now()} not read: {error}", style="red")
        self._put(Group(self._last, trouble, out.Text(f"{since} Trying again; Ctrl-C ends.", style="dim")))


def screen(output: Output, view: Callable[[Result], RenderableType]) -> AbstractContextManager[Screen]:
    """JSON lines; a picture that changes in its place on a terminal; one beneath the other elsewhere."""
    return _lines() if output is Output.json else _pictures(view)


@contextmanager
def _lines() -> Iterator[Screen]:
    yield Lines()


@contextmanager
def _pictures(view: Callable[[Result], RenderableType]) -> Iterator[Screen]:
    console = out.console(out.standard_output())
    if not out.on_terminal(console):
        yield Picture(view, console.print)
        return
    with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
        yield Picture(view, lambda picture: live.update(picture, refresh=True))


def _now() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S")
