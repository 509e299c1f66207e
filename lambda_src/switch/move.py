"""What a request is to do to the weights, decided from what is live and what is recorded. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ActiveUnknownError, RollbackTargetUnknownError
from .gateway import Listeners
from .models import Action, Colour, MigrationStatus, Weights
from .records import Records
from .request import Request


@dataclass(frozen=True)
class Move:
    """`before` and `after` are production's weights; `active` is the active side once they are `after`."""

    listeners: Listeners
    records: Records
    before: Weights
    after: Weights
    active: Colour
    rolling_back: bool = False

    @property
    def gaining(self) -> Colour | None:
        """The side that gets more than it has. Weights sum to 100, so there is at most one."""
        return next((side for side in Colour if self.after.of(side) > self.before.of(side)), None)


def decide(request: Request, target: Colour | None, listeners: Listeners, records: Records) -> Move:
    """`target` None: a rollback leaves it to the records. Raises ListenerStateError,
    RollbackTargetUnknownError, ActiveUnknownError.
    """
    before = listeners.production.usable_weights()
    rolling_back = request.action is Action.ROLLBACK
    if not rolling_back:  # the emergency exit doesn't wait for the test listener
        listeners.test.usable_weights()
    after = Weights.giving(target or _rollback_target(before, records), request.percent)
    return _move(before, after, listeners, records, rolling_back=rolling_back)


def stay(listeners: Listeners, records: Records) -> Move:
    """No move: only the records, and the test listener, are to follow what production has."""
    before = listeners.production.usable_weights()
    return _move(before, before, listeners, records, rolling_back=False)


def _move(
    before: Weights, after: Weights, listeners: Listeners, records: Records, *, rolling_back: bool
) -> Move:
    active = after.holder or before.holder or records.last_active
    if active is None:
        raise ActiveUnknownError(
            what=f"production has {before}, and no parameter tells which side was active before",
            where="; ".join(records.problems),
            why="the record and the test listener of a shared listener depend on it",
            mend="`switch` all traffic to one side, or write the active one into its parameter",
        )
    return Move(listeners, records, before, after, active, rolling_back)


def _rollback_target(before: Weights, records: Records) -> Colour:
    side, migration = before.holder, records.migration
    if side is None:
        target = records.last_active
    elif migration and migration.status is MigrationStatus.NOT_STARTED:
        target = records.active or side
    else:
        target = migration.source if migration else None
    if target is None:
        raise RollbackTargetUnknownError(
            what=f"production has {before}, and no record tells where the traffic came from",
            where="; ".join(records.problems),
            why="guessing could send payments to the side that is to be left",
            mend='name the side that shall have the traffic, e.g. {"action": "rollback", "target": "blue"}',
        )
    return target
