"""What a decided move writes of the platform, in the order that traffic.py explains."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ..contract.errors import SwitchError, VerificationError
from ..contract.values import FULL, Weights
from .effects import Effects
from .history import stamp
from .invocation import Invocation
from .listener import Listener
from .lock import Work
from .move import Move
from .records import Migration, Records, implied_by
from .routing import Finding

# Between looks at a listener that does not show yet what was written.
PAUSES_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.6)
# As answers name what was written, in the order in which they do.
_ORDER = ("listener", "migration_status", "active_environment", "test_listener")
_LISTENER, _MIGRATION, _ACTIVE, _TEST = _ORDER


class Writer:
    """Steps 4 to 8. `writes` names what was written; `records` is what they now say."""

    def __init__(self, invocation: Invocation, work: Work, move: Move) -> None:
        self._invocation, self._work, self._move = invocation, work, move
        self._gateway, self._effects = invocation.gateway, Effects.of(invocation)
        self._wanted = Weights.giving(move.active.other, FULL)
        self.records = move.records
        self.writes: list[str] = []
        self._begun = self._moved = False

    def begin(self) -> None:
        """Before the first write; not of a request that writes nothing."""
        if not self._begun:
            self._begun = True
            self._work.fence()

    def catch_up(self) -> None:
        """The records of what production has before the move, where that is a share of blue and green."""
        if self._move.before.valid:
            implied = implied_by(self._move.before, self.records, rolling_back=False)
            self._record_migration(implied)
            self._record_active(implied)

    def move(self) -> None:
        production, weights = self._move.listeners.production, self._move.after
        written = self._effects.write_weights(production, weights, sticky=self._move.listeners.sticky)
        self._moved = True
        self.writes.append(_LISTENER)
        self._verify(written, weights)

    def settle(self) -> None:
        """All that is left. Raises the first error, after everything was tried."""
        implied = implied_by(self._move.after, self.records, rolling_back=self._move.rolling_back)
        calls: list[Callable[[], Any]] = []
        if self._moved:
            production = self._gateway.load_balancer.production
            calls.append(lambda: self._read_back(production, self._move.after))
        if _differs(implied.migration, self.records.migration):
            calls.append(lambda: self._record_migration(implied))
        if self._turns:
            calls.append(self._turn)
        active = implied.active is not self.records.active
        if len(calls) > self._moved or active:
            self.begin()
        before = len(self.writes)
        self._invocation.caller.together(calls)
        # Beside the record, so that it takes no time of its own: the next request must not see the old one.
        turned = [self._read_test_back] if _TEST in self.writes else []
        self._invocation.caller.together([lambda: self._record_active(implied), *turned])
        self.writes[before:] = sorted(self.writes[before:], key=_ORDER.index)

    @property
    def test_weights(self) -> Weights | None:
        """The test listener's; None where it is not as it should be, and was not set."""
        test = self._move.listeners.test
        right = test.weights == self._wanted and not test.problem
        return self._wanted if right or self._turns else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those that what was written leaves."""
        listeners = self._move.listeners
        written = [listeners.production.arn] if self._moved else []
        written += [listeners.test.arn] if self._turns else []
        return tuple(f for f in listeners.findings if f.lasting or f.resource not in written)

    @property
    def _turns(self) -> bool:
        """Whether the test listener is written: it is there, and its shape is right or may be made so."""
        test = self._move.listeners.test
        if not test.there or not (test.shaped or self._move.reshapes):
            return False
        return test.weights != self._wanted or test.problem is not None

    def _turn(self) -> None:
        listeners = self._move.listeners
        with self._test_told():
            written = self._effects.write_weights(listeners.test, self._wanted, sticky=listeners.sticky)
            self._verify(written, self._wanted)
        self.writes.append(_TEST)

    def _read_test_back(self) -> None:
        with self._test_told():
            self._read_back(self._gateway.load_balancer.test, self._wanted)

    @contextmanager
    def _test_told(self) -> Iterator[None]:
        """What a rollback that fails here has done all the same."""
        try:
            yield
        except SwitchError as error:
            if self._move.rolling_back:
                after = f"production has {self._move.after}, as asked for"
                error.what = f"{after}; the test listener was not set: {error.what}"
            raise

    def _record_migration(self, implied: Records) -> None:
        migration = implied.migration
        if migration and _differs(migration, self.records.migration):
            self.begin()
            at = stamp(self._invocation.clock())
            migration = replace(migration, reason=self._invocation.request.reason, updated_at=at)
            self._effects.record_migration(migration)
            self.writes.append(_MIGRATION)
            self.records = replace(self.records, migration=migration)

    def _record_active(self, implied: Records) -> None:
        if implied.active and implied.active is not self.records.active:
            self.begin()
            self._effects.record_active(implied.active)
            self.writes.append(_ACTIVE)
            self.records = replace(self.records, active=implied.active)

    def _read_back(self, read: Callable[[], Listener], weights: Weights) -> None:
        """AWS may show a change after a moment only: then the listener is read again, for some seconds."""
        listener = read()
        for pause in PAUSES_SECONDS:
            if self._has(listener, weights) or not self._gateway.has_time(pause):
                break
            time.sleep(pause)
            listener = read()
        self._verify(listener, weights)

    def _has(self, listener: Listener, weights: Weights) -> bool:
        shaped = bool(listener.shaped or self._move.listeners.sticky)
        return listener.weights == weights and shaped

    def _verify(self, listener: Listener, weights: Weights) -> None:
        if not self._has(listener, weights):
            shaped = listener.shaped or self._move.listeners.sticky
            found = listener.weights if shaped and listener.weights else listener.problem
            raise VerificationError(
                what=f"the {listener.role} has {found}, not {weights} as written",
                where=f"listener {listener.arn}",
                cause="another client changes it at the same time, or the write had no effect",
                fix="look for another operator or pipeline in CloudTrail, then run the same request again",
            )


def _differs(implied: Migration | None, recorded: Migration | None) -> bool:
    return implied is not None and implied != recorded
