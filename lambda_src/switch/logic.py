"""Moving traffic: `switch`, `shift` and `rollback`. (`status` reads only, see status.py.)

The live production listener is the truth; the SSM parameters are the record of it. The *active* environment
is the side that last had all the traffic: while weights are shared, it is still the side that the traffic
comes from.

The order of a change, and why:

 1. Read both listeners and both records; decide the new weights. A rollback without target goes to the
    active side while weights are shared, else to the side that the migration record names as its source.
 2. Gates. Weights sum to 100, so a change makes exactly one side gain: that side needs
    `MIN_HEALTHY_TARGETS` healthy targets, whether it is the request's target or not. A side that keeps or
    loses weight is not asked: its bad health must not block the escape from it. A request that moves
    nothing needs no gate.
 3. Catch up. If an earlier request died before recording what it did, its record is completed first. So the
    records tell, at the moment of the move, where the traffic came from, which afterwards nothing else
    could.
 4. Move: only the weights of the live action (P5: a later plan must see no change). Read back, compare.
 5. Turn the test listener to the side that is not active, so that it can be tried before it has traffic.
 6. Record: the migration first, the active environment last. While the active environment lags, the next
    request can tell that a side got all the traffic without being recorded; the other way round that would
    be lost.

Each write is skipped when it would change nothing, and each decision is made from what is live, never from
what this request remembers. So a request that died at any point can be sent again, and ends as if it had
not died; and a request that is sent twice changes nothing the second time.

A failure before step 4 leaves the weights as they were. After it, the error carries the weights as read
anew; what is left to do (test listener, records) is done when the same request is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from .errors import SwitchError, VerificationError
from .gateway import Gateway
from .listener import Listener
from .models import FULL, Action, Colour, Request, Weights
from .outcome import Outcome, Report
from .plan import Plan, make_plan
from .records import Records, implied_by
from .status import report

Clock = Callable[[], datetime]


def perform(request: Request, gateway: Gateway, clock: Clock = lambda: datetime.now(UTC)) -> Outcome | Report:
    """Carry out a request; raises SwitchError."""
    if request.action is Action.STATUS:
        return report(gateway)
    return _change(request, gateway, clock)


def _change(request: Request, gateway: Gateway, clock: Clock) -> Outcome:
    listeners = gateway.listeners()
    with _standing(lambda: listeners.production.weights):
        plan = make_plan(request, gateway, listeners)
    with _standing(lambda: _weights_now(gateway)):
        return _carry_out(request, plan, gateway, clock)


def _carry_out(request: Request, plan: Plan, gateway: Gateway, clock: Clock) -> Outcome:
    writer = _Writer(request, gateway, clock, plan.records)
    if plan.after != plan.before:
        writer.record(plan.before, rolling_back=False)
        writer.move(plan.listeners.production, plan.after)
    test_weights = writer.turn(plan.listeners.test, plan.active)
    writer.record(plan.after, rolling_back=request.action is Action.ROLLBACK)
    return Outcome(
        action=request.action,
        before=plan.before,
        after=plan.after,
        active=plan.active,
        test_weights=test_weights,
        migration=writer.records.migration,
        health=plan.health,
        writes=tuple(writer.writes),
    )


class _Writer:
    """Steps 3 to 6; remembers what it wrote, and the records as they now stand."""

    def __init__(self, request: Request, gateway: Gateway, clock: Clock, records: Records) -> None:
        self._request = request
        self._gateway = gateway
        self._clock = clock
        self.records = records
        self.writes: list[str] = []

    def move(self, listener: Listener, weights: Weights) -> None:
        self._gateway.set_weights(listener, weights)
        self.writes.append("listener")
        _verify(self._gateway.listeners().production, weights)

    def turn(self, listener: Listener, active: Colour) -> Weights:
        weights = Weights.giving(active.other, FULL)
        if listener.usable_weights() != weights:
            _verify(self._gateway.set_weights(listener, weights), weights)
            self.writes.append("test_listener")
        return weights

    def record(self, weights: Weights, *, rolling_back: bool) -> None:
        implied = implied_by(weights, self.records, rolling_back=rolling_back)
        active, migration = implied.active, implied.migration
        if migration and migration != self.records.migration:
            stamp = self._clock().isoformat(timespec="seconds")
            migration = replace(migration, reason=self._request.reason, updated_at=stamp)
            self._gateway.record_migration(migration)
            self.writes.append("migration_status")
        if active and active is not self.records.active:
            self._gateway.record_active(active)
            self.writes.append("active_environment")
        self.records = Records(active, migration)


def _verify(listener: Listener, weights: Weights) -> None:
    if listener.weights != weights:
        raise VerificationError(
            what=f"the {listener.role} has {listener.weights or listener.problem}, not {weights} as written",
            where=f"listener {listener.arn}",
            why="somebody else changes it at the same time, or the write had no effect",
            mend="look at `status` and for another operator or pipeline, then run the same request again",
        )


@contextmanager
def _standing(weights: Callable[[], Weights | None]) -> Iterator[None]:
    """Have errors say where the traffic stands."""
    try:
        yield
    except SwitchError as error:
        error.weights = weights()
        raise


def _weights_now(gateway: Gateway) -> Weights | None:
    try:
        return gateway.listeners(last_call=True).production.weights
    except SwitchError:
        return None  # the error that is being reported says null: not known
