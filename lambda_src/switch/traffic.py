"""Moving traffic, under the lock: `switch`, `shift`, `rollback`, `reconcile` and a workflow's `finalize`.

The live production listener is the truth; the SSM parameters are the record of it. The *active* environment
is the side that last had all the traffic: while weights are shared, it is still the side that the traffic
comes from.

The order of a change, and why:

 1. Take the lock (control.py). Then, all at the same time, read both listeners, both records, whether this
    very request was carried out before, and the gates of the side that is asked for.
 2. Decide the new weights. A rollback without target goes to the active side while weights are shared, else
    to the side that the migration record names as its source; a workflow's goes to where it began.
 3. Gates, for the one side that gains. A side that keeps or loses weight is not asked: its bad health must
    not block the escape from it. A request that moves nothing needs no gate. A rollback asks for one
    healthy target and no more; when forced, not even for that.
 4. Write down in the control item what is about to happen, on the condition that the lock is still ours. A
    freeze that came after the lock was taken is found here.
 5. Catch up. If an earlier request died before recording what it did, its record is completed first. So the
    records tell, at the moment of the move, where the traffic came from, which afterwards nothing else
    could.
 6. Move: only the weights of the live action (P5: a later plan must see no change). Read back, compare.
 7. Record: the migration first, the active environment last. While the active environment lags, the next
    request can tell that a side got all the traffic without being recorded; the other way round that would
    be lost.
 8. Turn the test listener to the side that is not active, so that it can be tried before it has traffic.
    Last: a rollback goes on without it, and one that is broken must not keep the records from being right.
 9. Tell the topic; let the lock go together with the entry in the history.

Each write is skipped when it would change nothing, and each decision is made from what is live, never from
what this request remembers. So a request that died at any point can be sent again, and ends as if it had
not died; and a request that is sent twice changes nothing the second time, nor does it undo what others did
in between.

A failure before step 6 leaves the weights as they were. After it, the error carries the weights as read
anew; what is left to do (test listener, records) is done when the same request is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from .errors import Problem, SwitchError, ValidationError, VerificationError
from .gates import require
from .gateway import Gateway, Listeners
from .history import stamp
from .invocation import Invocation
from .listener import Listener
from .lock import Work
from .models import FULL, Action, Colour, Verdict, Weights
from .move import Move, decide, stay
from .outcome import Outcome
from .records import Records, implied_by

Decide = Callable[[Listeners, Records], Move]


def move_traffic(invocation: Invocation, work: Work, target: Colour | None) -> dict[str, object]:
    """A change towards `target` (None: what the records say); the answer, also of an earlier one."""
    request = invocation.request
    return _change(
        invocation, work, lambda listeners, records: decide(request, target, listeners, records), target
    )


def follow(invocation: Invocation, work: Work) -> dict[str, object]:
    """No change of production's weights: records and test listener follow them."""
    return _change(invocation, work, stay, None)


def standing(gateway: Gateway) -> Weights | None:
    """Production's weights for the report of a failure; None where they can't be read, either."""
    try:
        return gateway.listeners(last_call=True).production.weights
    except SwitchError:
        return None


def _change(invocation: Invocation, work: Work, decision: Decide, asked: Colour | None) -> dict[str, object]:
    gateway, request = invocation.gateway, invocation.request
    wants_all = request.action in (Action.SWITCH, Action.SHIFT)
    (listeners, records, finished), verdicts = invocation.look(
        gateway.listeners,
        gateway.records,
        lambda: invocation.table.finished(request.id),
        side=asked if wants_all else None,
    )
    if finished:
        return repetition(finished, request.fingerprint)
    with _reporting(lambda: listeners.production.weights):
        move = decision(listeners, records)
        gates = _judge(invocation, work, move, verdicts, asked)
    with _reporting(lambda: standing(gateway)):
        return _carry_out(invocation, work, move, gates)


def _judge(
    invocation: Invocation, work: Work, move: Move, verdicts: list[Verdict], asked: Colour | None
) -> tuple[Verdict, ...]:
    """The verdicts that let the move pass; raises GatesNotPassedError."""
    side, request = move.gaining, invocation.request
    if side is None or request.force:
        return ()
    gates = invocation.gates
    if move.rolling_back:
        found = [gates.any_target(side)]
    else:
        looked_up = verdicts if side is asked else invocation.look(side=side)[1]
        found = [*looked_up, *gates.here(work.control)]
    work.judged(found, f"moving traffic to {side}")
    return tuple(found)


def _carry_out(
    invocation: Invocation, work: Work, move: Move, gates: tuple[Verdict, ...]
) -> dict[str, object]:
    work.decided(move.before, move.after, move.active)
    writer = _Writer(invocation, work, move.records)
    if move.after != move.before:
        writer.begin()
        if gates and not move.rolling_back:
            require(invocation.gates.here(work.control), f"moving traffic to {move.gaining}")
        writer.record(move.before, rolling_back=False)
        writer.move(move.listeners.production, move.after)
    writer.record(move.after, rolling_back=move.rolling_back)
    test_weights = writer.turn(move.listeners.test, move.active)
    outcome = Outcome(
        action=invocation.request.action,
        move=move,
        test_weights=test_weights,
        migration=writer.records.migration,
        gates=gates,
        writes=tuple(writer.writes),
    )
    return outcome.to_json(invocation.request.id, invocation.request.workflow)


class _Writer:
    """Steps 4 to 8; remembers what it wrote, and the records as they now stand."""

    def __init__(self, invocation: Invocation, work: Work, records: Records) -> None:
        self._invocation, self._work = invocation, work
        self._gateway = invocation.gateway
        self.records = records
        self.writes: list[str] = []
        self._begun = False

    def begin(self) -> None:
        """Before the first write; not of a request that writes nothing."""
        if not self._begun:
            self._begun = True
            self._work.fence()

    def move(self, listener: Listener, weights: Weights) -> None:
        self._gateway.set_weights(listener, weights)
        self.writes.append("listener")
        _verify(self._gateway.listeners().production, weights)

    def turn(self, listener: Listener, active: Colour) -> Weights:
        weights = Weights.giving(active.other, FULL)
        if listener.usable_weights() != weights:
            self.begin()
            _verify(self._gateway.set_weights(listener, weights), weights)
            self.writes.append("test_listener")
        return weights

    def record(self, weights: Weights, *, rolling_back: bool) -> None:
        implied = implied_by(weights, self.records, rolling_back=rolling_back)
        active, migration = implied.active, implied.migration
        if migration and migration != self.records.migration:
            self.begin()
            at = stamp(self._invocation.clock())
            migration = replace(migration, reason=self._invocation.request.reason, updated_at=at)
            self._gateway.record_migration(migration)
            self.writes.append("migration_status")
        if active and active is not self.records.active:
            self.begin()
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


def repetition(finished: tuple[str, dict[str, Any]], fingerprint: str) -> dict[str, object]:
    """The answer that a request of this id and content got before."""
    known, answer = finished
    if known != fingerprint:
        raise ValidationError(
            what="the request id was used before, for another request",
            where="event of the switch function",
            why="it could not be told whether this one was carried out; nothing was changed",
            mend="send it with an id of its own, or with none",
            problems=[
                Problem.of("request_id", known, f"belongs to another request than {fingerprint}", "a new id")
            ],
        )
    return answer | {"repeated": True}


@contextmanager
def _reporting(weights: Callable[[], Weights | None]) -> Iterator[None]:
    """Have errors say where the traffic stands."""
    try:
        yield
    except SwitchError as error:
        error.weights = weights()
        raise
