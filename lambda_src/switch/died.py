"""What requests have left that died with the lock, or failed: for the history, and for who comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from .history import Entry, Result

# In a row; DynamoDB takes a hundred writes in one transaction.
MOST_DEATHS = 90
# An entry, and what else its item in the table has.
History = tuple[Entry, Mapping[str, object]]


def interrupted(died: Sequence[Entry], own: str, token: int, now: datetime) -> list[History]:
    """For the history, what is not in it yet, but for what the request of the id `own` repeats."""
    left = [entry for entry in died if entry.id != own and not entry.outcome][-MOST_DEATHS:]
    return [
        (replace(entry.ended(Result.INTERRUPTED, now), id=f"{entry.id}#{token}-interrupted-{number}"), {})
        for number, entry in enumerate(left, 1)
    ]


def unrecorded(died: Sequence[Entry], *failed: Entry) -> tuple[Entry, ...]:
    """The moves that may have been made and not recorded, `failed` among them. Nothing else tells a
    repetition, or a rollback, how the traffic came to where it is.
    """
    ids = {entry.id for entry in failed}
    earlier = [entry for entry in died if entry.id not in ids]
    # Their outcome says that they are in the history.
    return tuple(
        replace(entry, outcome=entry.outcome or Result.INTERRUPTED, gates=(), error=None)
        for entry in [*earlier, *failed]
        if entry.after and entry.before != entry.after
    )[-MOST_DEATHS:]
