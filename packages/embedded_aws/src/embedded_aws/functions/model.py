"""What is run, for which event, and what becomes of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Deployed:
    """A function as it is deployed now: equal ones can share a process.

    `code`: its unpacked package; `timeout`: seconds; `variables`: the function's own, `runtime`: those that
    Lambda adds.
    """

    arn: str
    code: Path
    memory_mb: int
    timeout: float
    variables: tuple[tuple[str, str], ...]
    runtime: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """One event for a function. `event` is JSON."""

    id: str
    event: Any
    function_arn: str


@dataclass(frozen=True)
class Outcome:
    """What became of an event.

    `payload`: JSON, the result, or the error where `failed`; `output`: what the function printed; durations
    in seconds, `init_duration` only where the process was new.
    """

    payload: str
    failed: bool
    output: str
    duration: float
    init_duration: float | None
    max_memory_mb: int
