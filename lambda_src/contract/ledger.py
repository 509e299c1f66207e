"""What state machine, switch and mover say to each other about a move of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from .values import Colour

# Of the switch function's LEDGER_PARAM_NAME, where the colours don't replicate to each other.
NO_LEDGER = "none"
# Of the row, as the mover reads it: the writer takes payments.
OPEN = "open"
STATES = (OPEN, "moving", "handed")
# Errors of the mover (lambda_src/ledger/errors.py) that say that the writer is the one that it was.
REFUSALS = frozenset({"MoveRefusedError", "NotReadyError", "NotSetUpError"})
# An attempt to reach a database that did not answer.
UNREACHABLE = "DatabaseUnreachableError"
# Those after which the same move finishes it, and a database that did not answer.
UNFINISHED = (UNREACHABLE, "MoveIncompleteError")
# From the beginning of a move until its end is recorded, all that is tried again included.
MOVE_SECONDS = 600


class After(StrEnum):
    """What follows a move of the ledger, as the switch function answers."""

    MOVED = "moved"
    REFUSED = "refused"
    UNFINISHED = "unfinished"
    # In a shift: it goes on, it is over, or its traffic is rolled back.
    NEXT_STEP = "next_step"
    SHIFTED = "shifted"
    ROLL_BACK = "roll_back"


@dataclass(frozen=True)
class Standing:
    """The ledger's row when a move begins. All None: there is no ledger yet."""

    writer: Colour | None
    epoch: int | None
    state: str | None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Standing:
        """Of an event without problems."""
        writer = document["writer"]
        return cls(Colour(writer) if writer else None, document["epoch"], document["state"])

    def must_pass(self, target: Colour) -> bool:
        """Whether a move to `target` takes the ledger from an open writer: then gates have to pass. One that
        is past its fence is finished whatever they say: no database takes payments until then.
        """
        return self.state in (OPEN, None) and self.writer is not target


@dataclass(frozen=True)
class Moved:
    """What the mover answers. `pause_ms` None: the ledger was there already."""

    writer: Colour
    epoch: int
    pause_ms: int | None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Moved:
        """Of an event without problems."""
        return cls(Colour(document["writer"]), document["epoch"], document["pause_ms"])

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def standing_problem(value: object) -> str | None:
    """What is wrong with a Standing as it came."""
    if not isinstance(value, dict) or value.keys() != {"writer", "epoch", "state"}:
        return "is not a row of the ledger"
    right = (
        value["writer"] in (*Colour, None)
        and (value["epoch"] is None or type(value["epoch"]) is int)
        and value["state"] in (*STATES, None)
    )
    return None if right else "is not a row of the ledger"


def moved_problem(value: object) -> str | None:
    """What is wrong with a Moved as it came."""
    if not isinstance(value, dict) or value.keys() != {"writer", "epoch", "pause_ms"}:
        return "is not what a move answers"
    right = (
        value["writer"] in tuple(Colour)
        and type(value["epoch"]) is int
        and (value["pause_ms"] is None or type(value["pause_ms"]) is int)
    )
    return None if right else "is not what a move answers"
