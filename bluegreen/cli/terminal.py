"""Where output goes: results to stdout, everything about the way there to stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import safe_io as out
from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column
from safe_io import notice

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import Output
from bluegreen.terraform import OnProgress
from bluegreen.terraform import Progress as TerraformProgress

LINE_SECONDS = 60.0

__all__ = [
    "confirmed",
    "minutely",
    "needs_a_terminal",
    "notice",
    "show",
    "show_aside",
    "terraform_progress",
    "waiting",
]


def show(result: Any, output: Output, view: Callable[[Any], RenderableType]) -> None:
    """Print `result` as JSON, or the view of it, which gets every text of it in one line."""
    if output is Output.json:
        out.show_document(result)
    else:
        out.show_data(result, view)


def show_aside(result: Any, view: Callable[[Any], RenderableType]) -> None:
    """A view that belongs to the way, not to the result."""
    out.show_view(view(out.data(result)), aside=True)


def interrupted(count: int) -> None:
    """What becomes of an interrupt while Terraform runs."""
    if count == 1:
        notice("interrupted: Terraform cancels the calls in progress and saves its state. Wait until it ends")
    else:
        notice("Terraform is still saving its state: this interrupt changes nothing. Wait until it ends")


def needs_a_terminal(verb: str, option: str = "--yes") -> None:
    """Of a verb that asks before it begins. Raises CommandError where there is none to ask on; `option` says
    what to add.
    """
    if not sys.stdin.isatty():
        raise CommandError(
            ExitCode.INVALID,
            f"{verb} asks before it begins, and here is no terminal to ask on",
            f"add {option}",
        )


def confirmed(question: str) -> bool:
    """Ask on stderr: standard output is for results. Anything but yes is no."""
    out.console().print(out.Text(f"{question} [y/N]:"), end=" ")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


@contextmanager
def waiting(text: str) -> Iterator[Callable[[str], None]]:
    """A spinner on a terminal, one line elsewhere. What it yields tells something meanwhile."""
    console = out.console(wrap=False)
    if not out.on_terminal(console):
        notice(text)
        yield notice
        return
    with console.status(out.Text(text)):
        yield lambda said: console.print(out.Text(said))


@contextmanager
def terraform_progress(text: str) -> Iterator[OnProgress]:
    """What Terraform has done so far: a bar on a terminal, a line a minute elsewhere."""
    console = out.console(wrap=False)
    if not out.on_terminal(console):
        notice(text)
        yield minutely(text)
        return
    place = Column(no_wrap=True, ratio=1)
    address = TextColumn("{task.fields[address]}", style="dim", markup=False, table_column=place)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        address,
    )
    with Progress(*columns, console=console, expand=True) as bar:
        task = bar.add_task(out.line(text), total=None, address="")
        yield lambda seen: bar.update(
            task, completed=seen.done, total=seen.total or None, address=out.line(_waiting_for(seen))
        )


def minutely(text: str, clock: Callable[[], float] = time.monotonic) -> OnProgress:
    """Says how far it is once a minute, for logs. Terraform itself is heard of every ten seconds."""
    due = clock() + LINE_SECONDS

    def tell(seen: TerraformProgress) -> None:
        nonlocal due
        if clock() < due:
            return
        due = clock() + LINE_SECONDS
        far = f"{seen.done} of {seen.total}" if seen.total else "planning"
        slowest = _waiting_for(seen)
        notice(f"{text}: {far}" + (f", slowest now {slowest}" if slowest else ""))

    return tell


def _waiting_for(seen: TerraformProgress) -> str:
    return f"{seen.address} ({seen.seconds} s)" if seen.seconds else seen.address
