"""What can go wrong with Terraform, and how its own words are quoted."""

import re
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIGNALLED = 128
CANCELLED = re.compile(r"cancell?ed|execution halted|it said nothing")
KILLED = "Error: Terraform was killed by"
# Terraform names the command in what it says of a state that it could not save, or could not lock.
RECOVERY = re.compile(r"terraform (state push|force-unlock)")


class TerraformError(Exception):
    """Terraform could not do what was asked. The message says what failed, where, and how to fix it."""


class TerraformMissingError(TerraformError):
    """There is no usable `terraform` on PATH: none at all, or one older than MINIMUM_VERSION."""


@dataclass(frozen=True)
class Begun:
    """What an apply had begun when it ended.

    `done`: how many changes were complete; `unfinished`: addresses whose change was not. AWS may have made it
    all the same.
    """

    done: int = 0
    unfinished: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.done or self.unfinished)


class TerraformFailedError(TerraformError):
    """A Terraform command failed. `killed`: a signal ended Terraform, which then saves nothing.

    `diagnostics`: Terraform's own errors, one text each with address, place and detail; `begun`: what the
    command had changed before, or may have; `unsaved`: the file with the state that Terraform could not save.
    """

    ENDED = "failed"

    def __init__(
        self,
        command: str,
        stack: Path,
        diagnostics: tuple[str, ...],
        begun: Begun | None = None,
        unsaved: Path | None = None,
    ) -> None:
        self.command = command
        self.stack = stack
        self.diagnostics = diagnostics
        self.begun = begun or Begun()
        self.unsaved = unsaved
        self.killed = any(text.startswith(KILLED) for text in diagnostics)
        super().__init__("\n".join((f"terraform {command} {self.ENDED} in {stack}", *diagnostics)))

    @property
    def settled(self) -> bool:
        """Whether the state has all that was made, as far as Terraform can know."""
        return not self.killed


class TerraformInterruptedError(TerraformFailedError):
    """The operator, or a signal, ended a Terraform command; it may have been complete all the same.

    What Terraform says of each call that it cancelled is left out: `begun` has their addresses.
    """

    ENDED = "was interrupted"

    def __init__(
        self, command: str, stack: Path, diagnostics: tuple[str, ...], *begun: Any, **more: Any
    ) -> None:
        kept = tuple(text for text in diagnostics if not CANCELLED.search(text))
        super().__init__(command, stack, kept, *begun, **more)

    @property
    def settled(self) -> bool:
        """A call that an interrupt cancels may have reached AWS."""
        return not self.killed and not self.begun.unfinished


def texts(diagnostics: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Diagnostics as Terraform words them: first those that say how to recover, equal ones once with a
    count.
    """
    places: dict[tuple[str, str], list[str]] = {}
    for diagnostic in diagnostics:
        kind = diagnostic["summary"], diagnostic.get("detail", "")
        places.setdefault(kind, []).append(_place(diagnostic))
    ordered = sorted(places, key=lambda kind: RECOVERY.search(kind[1]) is None)
    return tuple(_text(*kind, places[kind]) for kind in ordered)


def describe(diagnostic: Mapping[str, Any]) -> str:
    """A diagnostic as Terraform words it, without its snippet: that one quotes values."""
    return texts([diagnostic])[0]


def ending(exit_code: int) -> str | None:
    """What a signal that ended Terraform means; None where none did. `exit_code`: 128 + the signal's
    number.
    """
    if exit_code <= SIGNALLED:
        return None
    name = signal.Signals(exit_code - SIGNALLED).name
    return f"{KILLED} {name}\n  It did not save its state, and its lock on the state may be left."


def _place(diagnostic: Mapping[str, Any]) -> str:
    place = diagnostic.get("range")
    where = [diagnostic["address"]] if diagnostic.get("address") else []
    where += [f"{place['filename']}:{place['start']['line']}"] if place else []
    return ", ".join(where)


def _text(summary: str, detail: str, places: list[str]) -> str:
    count = f" ({len(places)} times)" if len(places) > 1 else ""
    lines = [f"Error: {summary}{count}"]
    lines += [f"  with {place}" for place in dict.fromkeys(places) if place]
    lines += [f"  {line}".rstrip() for line in detail.splitlines()]
    return "\n".join(lines)


def plain(text: str) -> str:
    """Terraform's text for people without colours and frame."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = (line.strip().lstrip("╷│╵").strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line) or "it said nothing"
