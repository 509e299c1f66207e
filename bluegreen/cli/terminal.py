"""Where output goes: results to stdout, everything about the way there to stderr."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from bluegreen.cli.options import Output
from bluegreen.terraform import OnProgress
from bluegreen.terraform import Progress as TerraformProgress


def show(result: Any, output: Output, view: Callable[[], RenderableType]) -> None:
    """Print `result` as JSON, or the view of it."""
    if output is Output.json:
        typer.echo(json.dumps(result, indent=2))
    else:
        Console(highlight=False).print(view(), crop=False)  # a line that isn't to be broken goes on


def show_aside(view: RenderableType) -> None:
    """A view that belongs to the way, not to the result."""
    Console(stderr=True, highlight=False).print(view)


def notice(text: str) -> None:
    """A line about what is being done."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)


def confirmed(question: str) -> bool:
    """Ask on stderr: standard output is for results. Anything but yes is no."""
    Console(stderr=True, highlight=False).print(question, "[y/N]:", end=" ", markup=False)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


@contextmanager
def waiting(text: str) -> Iterator[Callable[[str], None]]:
    """A spinner on a terminal, one line elsewhere. What it yields tells something meanwhile."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        notice(text)
        yield notice
        return
    with console.status(text):
        yield lambda said: console.print(said, markup=False)


@contextmanager
def terraform_progress(text: str) -> Iterator[OnProgress]:
    """What Terraform has done so far: a bar on a terminal, a line now and then elsewhere."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        notice(text)
        yield _lines(text)
        return
    address = TextColumn("[dim]{task.fields[address]}", table_column=Column(no_wrap=True, ratio=1))
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        address,
    )
    with Progress(*columns, console=console, expand=True) as bar:
        task = bar.add_task(text, total=None, address="")
        yield lambda seen: bar.update(
            task, completed=seen.done, total=seen.total or None, address=_waiting_for(seen)
        )


def _lines(text: str) -> OnProgress:
    """Tells every quarter, and every minute that one resource takes."""
    told: set[tuple[object, ...]] = set()

    def tell(seen: TerraformProgress) -> None:
        quarter = ("quarter", 4 * seen.done // seen.total if seen.total else 0)
        minute = (seen.address, seen.seconds // 60)
        if news := {mark for mark in (quarter, minute) if mark[1]} - told:
            told.update(news)
            notice(f"{text}: {seen.done} of {seen.total} done  {_waiting_for(seen)}".rstrip())

    return tell


def _waiting_for(seen: TerraformProgress) -> str:
    return f"{seen.address} ({seen.seconds} s)" if seen.seconds else seen.address
