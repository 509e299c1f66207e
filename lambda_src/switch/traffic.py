"""Moving traffic, under the lock: `switch`, `shift`, `rollback`, `reconcile` and a workflow's `finalize`.

The live production listener is the truth; the SSM parameters are the record of it. The *active* environment
is the colour that last had all the traffic: while weights are shared, it is still the colour that the traffic
comes from.

The order of a change, and why:

 1. Take the lock (control.py). Then, all at the same time, read all that decides where clients go
    (routing.py), both records, whether this very request was carried out before, and the gates of the colour
    that is asked for.
 2. Decide the new weights. A rollback goes to where the migration came from: the active colour while weights
    are shared, else the source of the migration record; a workflow's to where it began. Only a rollback and
    a repair take listeners of another than the declared shape; they give them that shape.
 3. Gates, for the one colour that gains. One that keeps or loses weight is not asked: its bad health must
    not block the escape from it. Nothing may override the weights, also where nothing moves: success would
    be untrue. A rollback asks for one healthy target and no more; when forced, not even for that. A repair
    asks for one of each colour that it leaves traffic on.
 4. Write down in the control item what is about to happen, on the condition that the lock is still ours. A
    freeze that came after the lock was taken is found here.
 5. Catch up. If an earlier request died before recording what it did, its record is completed first. So the
    records tell, at the moment of the move, where the traffic came from, which afterwards nothing else
    could.
 6. Move: only the weights of a live action that has the declared shape (P5: a later plan must see no
    change).
 7. At the same time: read back and compare; record the migration; turn the test listener to the colour that
    is not active, so that it can be tried before it has traffic. Each is tried whatever becomes of the
    others: a rollback continues without the test listener.
 8. Record the active environment, after the migration. While the active environment lags, the next request
    can tell that a colour got all the traffic without being recorded; the other way round that would be lost.
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
from functools import partial
from typing import Any

from ..common.errors import Problem
from ..contract.actions import Action
from ..contract.errors import SwitchError, ValidationError
from ..contract.values import Colour, Verdict, Weights
from .gates import require
from .gateway import Gateway
from .invocation import Invocation
from .lock import Work
from .move import Move, decide, repair, stay
from .outcome import Outcome
from .records import Records
from .routing import Routing
from .writer import Writer

Decide = Callable[[Routing, Records], Move]


def move_traffic(invocation: Invocation, work: Work, target: Colour | None) -> dict[str, object]:
    """A change towards `target` (None: what the records say); the answer, also of an earlier one."""
    request = invocation.request
    return _change(invocation, work, partial(decide, request, target, died=work.control.died), target)


def follow(invocation: Invocation, work: Work) -> dict[str, object]:
    """No change of production's weights: records and test listener follow them."""
    return _change(invocation, work, partial(stay, died=work.control.died), None)


def put_right(invocation: Invocation, work: Work) -> dict[str, object]:
    """Both listeners get the declared shape, whatever they have; records follow."""
    return _change(invocation, work, partial(repair, died=work.control.died), None)


def standing(gateway: Gateway) -> Weights | None:
    """Production's weights for the report of a failure; None where they can't be read, either."""
    try:
        return gateway.load_balancer.production(last_call=True).weights
    except SwitchError:
        return None


def _change(invocation: Invocation, work: Work, decision: Decide, asked: Colour | None) -> dict[str, object]:
    gateway, request = invocation.gateway, invocation.request
    wants_all = request.action in (Action.SWITCH, Action.SHIFT)
    (listeners, records, finished), verdicts = invocation.look(
        gateway.listeners,
        gateway.records,
        lambda: invocation.table.finished(request.id),
        colour=asked if wants_all else None,
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
    gates, gaining, request = invocation.gates, move.gaining, invocation.request
    if request.repair:
        served = [colour for colour in Colour if move.after.of(colour)]
        work.judged(found := [gates.any_target(colour) for colour in served], "writing the listeners anew")
    elif move.rolling_back:
        found = [gates.any_target(gaining)] if gaining and not request.force else []
        work.judged(found, f"moving traffic to {gaining}")
    elif gaining:
        looked_up = (
            verdicts if gaining is asked else invocation.look(lambda: move.listeners, colour=gaining)[1]
        )
        found = [*looked_up, *gates.here(work.control)]
        work.judged(found, f"moving traffic to {gaining}")
    else:
        found = []
        if asked:
            require([move.listeners.verdict()], "calling this done")
    return tuple(found)


def _carry_out(
    invocation: Invocation, work: Work, move: Move, gates: tuple[Verdict, ...]
) -> dict[str, object]:
    work.decided(move.before, move.after, move.active)
    writer = Writer(invocation, work, move)
    if move.writes_production:
        writer.begin()
        if gates and not move.reshapes:
            require(invocation.gates.here(work.control), f"moving traffic to {move.gaining}")
        writer.catch_up()
        writer.move()
    writer.settle()
    outcome = Outcome(
        action=invocation.request.action,
        move=move,
        before=work.entry.before or move.before,
        findings=writer.findings,
        test_weights=writer.test_weights,
        migration=writer.records.migration,
        gates=gates,
        writes=tuple(writer.writes),
    )
    return outcome.to_json(invocation.request.id, invocation.request.workflow)


def repetition(finished: tuple[str, dict[str, Any]], fingerprint: str) -> dict[str, object]:
    """The answer that a request of this id and content got before."""
    known, answer = finished
    if known != fingerprint:
        raise ValidationError(
            what="the request id was used before, for another request",
            where="event of the switch function",
            cause="it could not be told whether this one was carried out; nothing was changed",
            fix="send it with an id of its own, or with none",
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
