"""Reads Terraform's machine-readable UI: https://developer.hashicorp.com/terraform/internals/machine-readable-ui"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bluegreen.terraform.errors import Begun, ending, plain, texts


@dataclass(frozen=True, order=True)
class Change:
    """One resource that a plan would touch. `action`: create, update, replace, delete."""

    address: str
    action: str


@dataclass(frozen=True)
class Plan:
    """What an apply would do. `changes`: in order of address; `changes_outputs`: only values of outputs."""

    changes: tuple[Change, ...]
    changes_outputs: bool


@dataclass(frozen=True)
class Applied:
    """How many resources an apply added, changed and removed."""

    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class Progress:
    """How far an apply is.

    `total`: 0 until Terraform has planned; `address`: the resource that it has been at for longest, with the
    `seconds` that this takes already, by Terraform's own ten-second clock.
    """

    done: int
    total: int
    address: str = ""
    seconds: int = 0


OnProgress = Callable[[Progress], None]


class Run:
    """What the UI stream of one command has told so far."""

    def __init__(self) -> None:
        self.exit_code = 0
        self.changes: tuple[Change, ...] = ()
        self.applied = Applied(0, 0, 0)
        self.done = 0
        self._planned = 0
        self._running: dict[str, int] = {}  # address → seconds; the oldest first
        self._unfinished: dict[str, None] = {}  # addresses, the oldest first
        self.state: str | None = None  # Terraform's, where it could write that to no file
        self._errors: list[Mapping[str, Any]] = []
        self._text: list[str] = []

    @property
    def progress(self) -> Progress:
        return Progress(self.done, self._planned, *next(iter(self._running.items()), ()))

    @property
    def begun(self) -> Begun:
        return Begun(self.done, tuple(self._unfinished))

    def read(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:  # Terraform prints a few lines of plain text between the JSON ones
            self._text.append(line)
            return
        match event.get("type"):
            case "planned_change":
                self._plan(event["change"])
            case "apply_start" | "apply_progress" | "refresh_start":
                hook = event["hook"]
                self._running[hook["resource"]["addr"]] = hook.get("elapsed_seconds", 0)
                if event["type"] == "apply_start" and hook["action"] != "read":
                    self._unfinished[hook["resource"]["addr"]] = None
            case "apply_complete" | "apply_errored" | "refresh_complete" as kind:
                self._running.pop(event["hook"]["resource"]["addr"], None)
                if kind == "apply_complete" and event["hook"]["action"] != "read":
                    self._unfinished.pop(event["hook"]["resource"]["addr"], None)
                    self.done += 1
            case "change_summary" if event["changes"]["operation"] == "apply":
                counts = event["changes"]
                self.applied = Applied(counts["add"], counts["change"], counts["remove"])
            case "diagnostic" if event["diagnostic"]["severity"] == "error":
                self._errors.append(event["diagnostic"])
            case "log" if (
                "state" in event
            ):  # what Terraform does when it can't write `errored.tfstate` either
                self.state = json.dumps(event["state"])

    def failures(self) -> tuple[str, ...]:
        """Terraform's errors; where it gave none, what ended it."""
        said = texts(self._errors)
        killed = ending(self.exit_code)
        return (*said, killed) if killed else said or (plain("".join(self._text)),)

    def _plan(self, change: Mapping[str, Any]) -> None:
        action = change["action"]
        if action in {"noop", "read"}:
            return
        self.changes += (Change(change["resource"]["addr"], action),)
        self._planned += 2 if action == "replace" else 1  # a replacement is a deletion and a creation
