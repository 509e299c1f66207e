"""The switch's lock, while a migration runs: no shift and no move begins, and none is in progress.

It is held as a workflow holds it (lambda_src/switch/control.py): by a name and a lease that ends after the
function. So a rollback of the traffic does not wait for a migration, and one that dies holds nothing up for
long. The history gets one entry, as of a move.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..contract.errors import NoWorkflowError, SwitchError
from ..ledger.errors import MigrationIncompleteError, MigrationRefusedError
from ..switch.aws import Caller
from ..switch.died import interrupted, unrecorded
from ..switch.history import Entry, Result, stamp
from ..switch.table import Claim, ControlTable, Taking

ACTION = "migrate"
MARGIN_SECONDS = 5
_log = logging.getLogger("migrate")


@dataclass(frozen=True)
class Lock:
    """Of the switch whose control table it is. `clock` gives UTC."""

    name: str
    caller: Caller
    clock: Callable[[], datetime]

    @property
    def table(self) -> ControlTable:
        return ControlTable(self.name, self.caller)

    def begin(self, id_: str, *, by: str, reason: str, schema: tuple[str, ...]) -> Entry:
        """Take it. Raises LockedError, MigrationRefusedError where the platform is frozen."""
        now = self.clock()
        entry = Entry(id_, ACTION, stamp(now), by=by, reason=reason, schema=schema)
        until = now.timestamp() + self.caller.seconds_left() + MARGIN_SECONDS
        taking = Taking(
            claim=Claim.ORDINARY,
            attempt=uuid.uuid4().hex,
            now=now.timestamp(),
            until=until,
            current=entry,
        )
        control = self.table.take(taking)
        left = interrupted(control.died, id_, control.token, now)
        kept = unrecorded(control.died)
        if control.frozen:
            refused = replace(entry.ended(Result.REFUSED, self.clock()), error=_told("it is frozen"))
            self.table.let_go(control.token, [(refused, {}), *left], {}, kept)
            raise MigrationRefusedError(
                "the schema was not changed: the platform is frozen",
                cause=f"since {control.frozen['at']}: {control.frozen['reason']}",
                state="nothing was changed",
                fix="`bluegreen unfreeze`, then run the same migration again",
            )
        self.table.let_go(control.token, left, {"holder": holder(id_), "lease_until": until}, kept)
        return entry

    def end(self, entry: Entry, error: Exception | None) -> None:
        """Let it go, and record how it ended. Where another has it by now, only the latter."""
        result = Result.DONE
        if error is not None:
            refused = isinstance(error, MigrationRefusedError)
            result = Result.REFUSED if refused else Result.FAILED
        ended = entry.ended(result, self.clock())
        if error is not None:
            what = getattr(error, "what", type(error).__name__)
            ended = replace(ended, error={"type": type(error).__name__, "what": what})
        gone: Mapping[str, Any] = {"holder": None, "lease_until": None}
        try:
            self.table.record(gone, ended, {}, workflow=holder(entry.id))
        except NoWorkflowError:
            self.table.note(ended, {})
        except SwitchError as failure:
            _log.error("the end was not recorded", extra={"fields": failure.to_json()})
            if error is None:
                raise MigrationIncompleteError(
                    "the migration was carried out, and not recorded",
                    cause=failure.what,
                    state="both databases have the new schema; the lock ends by itself",
                    fix="run the same migration again, which records it",
                ) from failure


def holder(id_: str) -> str:
    """As whom the lock is held."""
    return f"{ACTION}-{id_}"


def _told(what: str) -> Mapping[str, str]:
    return {"type": MigrationRefusedError.__name__, "what": what}
