"""From a verb's function to its help: the docstring is text, contract and examples in one place.

    \"\"\"Show both colours. <- the line of the list of commands

    More text. As JSON: what `--output json` prints.

    Examples:
        bluegreen status

    On a real account:
        bluegreen status --deployment staging
    \"\"\"

Examples are run by tests (docs/cli.md), in the order of the verbs. Those on a real account only exist.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import typer

EXAMPLES, REAL_ACCOUNT = "Examples:", "On a real account:"
_CONTRACT = re.compile(r"\s+(?=As JSON: )")


@dataclass(frozen=True)
class Described:
    """A verb's docstring. `text`: a paragraph a line."""

    text: tuple[str, ...]
    examples: tuple[str, ...]
    real_account: tuple[str, ...]

    @property
    def epilog(self) -> str | None:
        """The examples, for `--help`."""
        parts = ((EXAMPLES, self.examples), (REAL_ACCOUNT, self.real_account))
        shown = ["\n".join((title, *(f"  {line}" for line in lines))) for title, lines in parts if lines]
        return "\n\n".join(shown) or None


def described(verb: Callable[..., Any]) -> Described:
    """What its docstring says."""
    text: list[str] = []
    found: dict[str, tuple[str, ...]] = {EXAMPLES: (), REAL_ACCOUNT: ()}
    for paragraph in inspect.cleandoc(verb.__doc__ or "").split("\n\n"):
        first, *lines = paragraph.splitlines()
        if first in found:
            found[first] = tuple(line.strip() for line in lines)
        else:
            text += _CONTRACT.split(" ".join(paragraph.split()))
    return Described(tuple(text), found[EXAMPLES], found[REAL_ACCOUNT])


def add(app: typer.Typer, *verbs: Callable[..., Any], group: str | None = None) -> None:
    """Make functions commands of `app`, under the heading `group` of its help."""
    for verb in verbs:
        found = described(verb)
        app.command(help="\n\n".join(found.text), epilog=found.epilog, rich_help_panel=group)(verb)
