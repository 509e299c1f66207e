"""The only way to standard output, for results, and standard error, for all that is said on the way there.

What is written passes `escapes`. A test forbids other ways (`tests/bluegreen/test_only_way.py`).
"""

import sys
from collections.abc import Callable
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.style import Style
from rich.text import Text as RichText

from safe_io import escapes

# Where no terminal is, lines are as long as they are: whatever reads them can search and cut them.
UNLIMITED = 100_000


class Text(RichText):
    """Rich's Text, of any content: what it is made of is escaped before it is measured and styled."""

    def __init__(self, text: str = "", style: str | Style = "", **options: Any) -> None:
        super().__init__(escapes.lines(text), style, **options)

    def append(self, text: RichText | str, style: str | Style | None = None) -> "Text":
        """Here, too."""
        super().append(escapes.lines(text) if isinstance(text, str) else text, style)
        return self


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Called while that is handled. The caller decides what becomes of it; Rich's ends the process."""
        raise  # noqa: PLE0704


def console(out: TextIO | None = None, *, wrap: bool = True) -> Console:
    """Of `out`, by default standard error. Nothing in a text is markup. `wrap` False: the terminal wraps."""
    out = sys.stderr if out is None else out
    return _Console(
        file=out,
        width=None if out.isatty() else UNLIMITED,
        soft_wrap=not wrap,
        markup=False,
        emoji=False,
        highlight=False,
    )


def standard_output() -> TextIO:
    """For a writer of reports that takes a stream; what it writes was escaped when it was made."""
    return sys.stdout


def on_terminal(of: Console) -> bool:
    """Whether a person looks at it while it is written: colours alone (FORCE_COLOR) don't say so."""
    return of.file.isatty()


def show_view(view: RenderableType, *, aside: bool = False) -> None:
    """A view on standard output; `aside`: on standard error, as it is not the result."""
    console(sys.stderr if aside else sys.stdout).print(view, crop=False)  # lines to be copied stay whole


def show_data(value: Any, view: Callable[[Any], RenderableType]) -> None:
    """The view of a JSON value, on standard output. It gets every text as one line."""
    show_view(view(escapes.data(value)))


def show_document(value: Any, *, indent: int | None = 2) -> None:
    """A JSON document on standard output; `indent` None: in one line, at once, for whoever reads a pipe."""
    sys.stdout.write(escapes.document(value, indent) + "\n")
    sys.stdout.flush()


def say(message: str) -> None:
    """A sentence on standard output: the result of a verb that has no other."""
    console(sys.stdout, wrap=False).print(Text(message))


def notice(message: str) -> None:
    """A line on standard error about what is being done."""
    console(wrap=False).print(Text(message))


def report_error(message: str) -> None:
    """What failed, on standard error."""
    console(wrap=False).print(Text.assemble(("error: ", "bold red"), Text(message)))


def exact(content: str) -> None:
    """On standard output, as it is: for a program that reads it. Its parts were escaped when it was made."""
    sys.stdout.write(content)
