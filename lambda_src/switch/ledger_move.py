"""A move of the ledger, as the switch takes part in it: who may begin one, and what became of it.

The mover moves it (lambda_src/ledger/move.py), and compare-and-set of the ledger's row keeps it right. The
lock that is held meanwhile keeps a move of traffic out, and gates, freeze and windows are evaluated before
the fence. The order, which the state machine keeps:

 1. The mover reads the row.
 2. `begin_ledger`: the lock, and the gates of the colour. A move that is past its fence is finished without
    either of them: no database takes payments until it is.
 3. The mover moves the ledger, tried again for as long as another mover could be alive.
 4. `ledger`: what became of it goes into the history, and the lock is let go. It is recorded, too, where a
    rollback of the traffic has taken the lock meanwhile: traffic and ledger move independently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..contract.actions import Action
from ..contract.errors import NoWorkflowError
from ..contract.ledger import MOVE_SECONDS, REFUSALS, After
from ..contract.request import Request
from ..contract.values import Colour
from ..contract.workflow import State
from .control import Control
from .history import Entry, Result, stamp
from .invocation import Invocation
from .lock import Work, released
from .table import no_workflow
from .traffic import repetition
from .waiting import lease
from .workflow import Workflow

_STATES = {
    Result.DONE: State.COMPLETED,
    Result.REFUSED: State.REFUSED,
    Result.FAILED: State.FAILED,
    Result.INTERRUPTED: State.INTERRUPTED,
}
_FOLLOWING = {Result.DONE: After.MOVED, Result.REFUSED: After.REFUSED}


def begin(invocation: Invocation, work: Work) -> dict[str, object]:
    """Under the lock, which the workflow keeps until `end`. Raises GatesNotPassedError. Repeated, it answers
    the same.
    """
    request = invocation.request
    plan, id_ = request.plan, request.workflow
    assert plan is not None  # noqa: S101 - the event's table asks for both
    assert id_ is not None  # noqa: S101
    gateway = invocation.gateway
    asked = _must_pass(request)
    (finished, *_), verdicts = invocation.look(
        lambda: invocation.table.finished(request.id),
        *([gateway.listeners] if asked else []),
        colour=plan.target if asked else None,
    )
    if finished:
        return repetition(finished, request.fingerprint)
    if asked:
        verdicts = [*verdicts, *invocation.gates.here(work.control)]
        work.judged(verdicts, f"moving the ledger to {plan.target}")
    workflow = replace(Workflow.begun(id_, plan, invocation.clock(), percent=0), state=State.MOVING_LEDGER)
    gone: dict[str, Any] = dict.fromkeys(("approval", "abort", "yields"))
    work.changes = gone | {
        "workflow": workflow.stored(),
        "holder": id_,
        "lease_until": lease(invocation, MOVE_SECONDS),
    }
    return _begun(invocation, locked=True)


def passes(request: Request) -> bool:
    """Whether it finishes a move that no lock may hold up."""
    return request.action is Action.BEGIN_LEDGER and not _must_pass(request)


def begin_unlocked(invocation: Invocation) -> dict[str, object]:
    """While another holds the lock, which keeps it."""
    request, now = invocation.request, invocation.clock()
    answer = _begun(invocation, locked=False)
    entry = replace(Entry.begun(request, now), target=str(answer["target"]))
    extra = {"fingerprint": request.fingerprint, "answer": answer}
    invocation.table.note(entry.ended(Result.DONE, now), extra)
    return answer


def end(invocation: Invocation) -> dict[str, object]:
    """Record what became of it, and let the lock go where it is still the workflow's. Raises NoWorkflowError
    where none was begun.
    """
    request, table = invocation.request, invocation.table
    begun = table.finished(f"{request.workflow}/{Action.BEGIN_LEDGER}")
    if begun is None:
        raise no_workflow(request.workflow)
    entry = _entry(invocation, begun[1])
    answer: dict[str, object] = {
        "action": request.action.value,
        "request_id": request.id,
        "workflow": request.workflow,
        "outcome": entry.outcome,
        "ledger": dict(entry.ledger or {}),
        "next": _FOLLOWING.get(entry.outcome or Result.FAILED, After.UNFINISHED),
    }
    extra = {"fingerprint": request.fingerprint, "answer": answer}
    try:
        recorded = table.record(
            _freed(invocation, table.read(), entry), entry, extra, workflow=request.workflow
        )
    except NoWorkflowError:  # a rollback has taken the lock, or another one held it all along
        recorded = table.note(entry, extra)
    if recorded:
        return answer
    return repetition(table.finished(request.id) or ("unknown", {}), request.fingerprint)


def interrupted(invocation: Invocation, work: Work) -> dict[str, object]:
    """The execution ended other than by its own states. No traffic is moved: there is none to roll back. The
    mover may still finish; else the database opens the source again by itself.
    """
    workflow, request = work.workflow, invocation.request
    ended = workflow.ended(
        State.INTERRUPTED, invocation.clock(), request.cause or None, request.raw_cause or None
    )
    work.changes, work.outcome = released(ended), Result.INTERRUPTED
    work.entry = replace(work.entry, action=Action.LEDGER.value, target=workflow.plan.target)
    return {"action": request.action.value, "request_id": request.id, "workflow": workflow.id, "ended": True}


def _must_pass(request: Request) -> bool:
    if request.plan is None or request.ledger is None:
        return True
    return request.ledger.must_pass(request.plan.target)


def _begun(invocation: Invocation, *, locked: bool) -> dict[str, object]:
    """What the end of the move is recorded with, too."""
    request = invocation.request
    plan, row = request.plan, request.ledger
    assert plan is not None  # noqa: S101 - as above
    return {
        "action": request.action.value,
        "request_id": request.id,
        "workflow": request.workflow,
        "target": plan.target,
        "from": row.writer if row else None,
        "epoch": row.epoch if row else None,
        "state": row.state if row else None,
        "locked": locked,
        "by": plan.by,
        "reason": plan.reason,
        "started_at": stamp(invocation.clock()),
    }


def _entry(invocation: Invocation, begun: Mapping[str, Any]) -> Entry:
    request = invocation.request
    moved = request.moved
    to = moved.writer if moved else Colour(begun["target"])
    entry = Entry(
        id=request.id,
        action=request.action.value,
        started_at=begun["started_at"],
        by=begun["by"],
        reason=begun["reason"],
        target=to,
        workflow=request.workflow,
        ledger={
            "from": begun["from"],
            "to": to,
            "epoch": moved.epoch if moved else None,
            "pause_ms": moved.pause_ms if moved else None,
        },
    ).ended(_result(request), invocation.clock())
    return entry if moved else replace(entry, error={"type": request.error, "what": request.cause})


def _result(request: Request) -> Result:
    if request.moved:
        return Result.DONE
    return Result.REFUSED if request.error in REFUSALS else Result.FAILED


def _freed(invocation: Invocation, control: Control, entry: Entry) -> Mapping[str, object]:
    """The control item's changes; the lock is let go on the condition that it is still this workflow's."""
    workflow, request = control.in_progress, invocation.request
    if workflow is None or workflow.id != request.workflow:
        raise no_workflow(request.workflow)
    state = _STATES[entry.outcome or Result.FAILED]
    cause = (request.cause or None, request.raw_cause or None)
    return released(workflow.ended(state, invocation.clock(), *cause))
