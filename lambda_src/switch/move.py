"""What a request is to do to the weights, decided from what is live and what is recorded. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..contract.actions import Action
from ..contract.errors import (
    ActiveUnknownError,
    RollbackRefusedError,
    RollbackTargetUnknownError,
)
from ..contract.request import Request
from ..contract.values import FULL, Colour, Weights
from .history import Entry
from .models import MigrationStatus
from .records import Records
from .routing import Routing

# Of a listener that forwards to neither colour.
NEITHER = Weights(0, 0)


@dataclass(frozen=True)
class Move:
    """`before` and `after`: the percentages that production's clients get from blue and green; before a
    repair or a rollback both may be 0. `active`: the active colour once they are `after`. `reshapes`:
    listeners that lack the declared shape get it.
    """

    listeners: Routing
    records: Records
    before: Weights
    after: Weights
    active: Colour
    rolling_back: bool = False
    reshapes: bool = False

    @property
    def gaining(self) -> Colour | None:
        """The colour that gets more than it has. Percentages sum to 100, so there is at most one."""
        return next((colour for colour in Colour if self.after.of(colour) > self.before.of(colour)), None)

    @property
    def writes_production(self) -> bool:
        return self.before != self.after or (self.reshapes and self.listeners.production.problem is not None)


def decide(
    request: Request,
    target: Colour | None,
    listeners: Routing,
    records: Records,
    died: Sequence[Entry] = (),
) -> Move:
    """`target` None: a rollback leaves it to the records. `died`: what requests were at that may not have
    recorded what they did. Raises ListenerStateError, RollbackRefusedError, RollbackTargetUnknownError,
    ActiveUnknownError.
    """
    if request.action is Action.ROLLBACK:
        origin = _origin(_share(listeners), records, died)
        return _back(request, target, origin, listeners, records)
    before = listeners.production.usable_weights()
    listeners.test.usable_weights()
    assert target is not None  # noqa: S101 - the event's table asks for it
    return _move(before, Weights.giving(target, request.percent), listeners, records)


def stay(listeners: Routing, records: Records, died: Sequence[Entry] = ()) -> Move:
    """No move: only the records, and the test listener, are to follow what production has. Raises what kept
    something from being read: a request that moves nothing can wait.
    """
    listeners.require_read()
    before = listeners.production.usable_weights()
    rolled_back = _unrecorded(before, died) is Action.ROLLBACK
    return _move(before, before, listeners, records, rolling_back=rolled_back)


def repair(listeners: Routing, records: Records, died: Sequence[Entry] = ()) -> Move:
    """The declared shape for both listeners, with what clients get now; if neither colour gets anything, with
    all of it on the active one. Raises ListenerStateError where there is no production listener, and what
    kept something from being read.
    """
    listeners.require_read()
    before = _share(listeners)
    after = before if before.valid else _all_on(records.last_active) or before
    rolled_back = _unrecorded(before, died) is Action.ROLLBACK
    return _move(before, after, listeners, records, rolling_back=rolled_back, reshapes=True)


def _back(
    request: Request, target: Colour | None, origin: Colour | None, listeners: Routing, records: Records
) -> Move:
    """All to `origin`, whatever shape the listeners have. Of a workflow's rollback `target` says it: its plan
    does.
    """
    before = _share(listeners)
    if target and origin and target is not origin and not request.workflow:
        raise RollbackRefusedError(
            what=f"{target} is not where the traffic came from: the records say {origin}",
            where="target of the rollback",
            cause="a rollback passes freeze, window, alarms and capacity, so it only leads back",
            fix=f"`bluegreen switch --to {target}` or `bluegreen shift --to {target}`, which ask all gates",
        )
    goal = target or origin
    if goal is None:
        raise RollbackTargetUnknownError(
            what=f"production has {before}, and the records don't say where the traffic came from",
            where="; ".join(records.problems) or "records",
            cause="a wrong guess would route payments to the failing colour",
            fix='name the colour that gets the traffic, e.g. {"action": "rollback", "target": "blue"}',
        )
    after = Weights.giving(goal, FULL)
    return _move(before, after, listeners, records, rolling_back=True, reshapes=True)


def _share(listeners: Routing) -> Weights:
    """What clients get, by whatever shape. Raises ListenerStateError where the listener is gone."""
    production = listeners.production
    if not production.there:
        production.usable_weights()
    return production.share or NEITHER


def _all_on(colour: Colour | None) -> Weights | None:
    return Weights.giving(colour, FULL) if colour else None


def _move(
    before: Weights,
    after: Weights,
    listeners: Routing,
    records: Records,
    *,
    rolling_back: bool = False,
    reshapes: bool = False,
) -> Move:
    active = after.holder or before.holder or records.last_active
    if active is None:
        raise ActiveUnknownError(
            what=f"production has {before}, and no parameter says which colour was active before",
            where="; ".join(records.problems) or "records",
            cause="the record and the test listener of a shared listener depend on it",
            fix="move all traffic to one colour: `bluegreen switch --to …`, or `bluegreen rollback --to …`",
        )
    return Move(listeners, records, before, after, active, rolling_back, reshapes)


def _origin(before: Weights, records: Records, died: Sequence[Entry]) -> Colour | None:
    """Where the migration came from; None where the records don't say so.

    When all the traffic is back where the record's migration began, and the other colour is still recorded as
    active, it was moved without being recorded: by a rollback, which is at its goal, or by a new migration.
    Which of them, only the request tells that died or failed.
    """
    if before.valid and before.holder is None:
        return records.last_active
    recorded = _source(records)
    if before.holder is None or recorded is not before.holder or records.active in (before.holder, None):
        return recorded
    action = _unrecorded(before, died)
    if action is None:
        return None
    return recorded if action is Action.ROLLBACK else recorded.other


def _unrecorded(before: Weights, died: Sequence[Entry]) -> Action | None:
    """What brought production these weights, of the requests that may not have recorded it."""
    reached = [entry.action for entry in died if entry.after == before != entry.before]
    return Action(reached[-1]) if reached else None


def _source(records: Records) -> Colour | None:
    migration = records.migration
    if migration is None or migration.status is MigrationStatus.NOT_STARTED:
        return records.active if migration else None
    return migration.source
