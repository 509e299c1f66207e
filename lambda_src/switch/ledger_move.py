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

In a shift, 1 to 4 follow the bake of a step or, when all traffic is moved and recorded, the end: the
workflow has the lock already. Before the end, a ledger that does not move rolls the traffic back; after it,
the traffic stays.

A parameter records the writer for those who can't read the row, such as the plan guard. From 2 to 4 it names
none.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..contract.actions import Action
from ..contract.errors import Meaning, NoWorkflowError, SwitchError, ValidationError, meaning_of
from ..contract.ledger import MOVE_SECONDS, OPEN, REFUSALS, After
from ..contract.request import Plan, Request
from ..contract.values import Colour
from ..contract.workflow import State
from .effects import Effects
from .history import Entry, Result, stamp
from .invocation import Invocation
from .lock import Work, released
from .order import going_on, require_ledger
from .records import LedgerRecord
from .table import no_workflow, not_in_progress
from .traffic import repetition
from .waiting import lease
from .workflow import LEDGER_DUE, LEDGER_MOVED, Workflow

_STATES = {
    Result.DONE: State.COMPLETED,
    Result.REFUSED: State.REFUSED,
    Result.FAILED: State.FAILED,
    Result.INTERRUPTED: State.INTERRUPTED,
}
_FOLLOWING = {Result.DONE: After.MOVED, Result.REFUSED: After.REFUSED}
_REFUSED = (Meaning.INVALID, Meaning.NOTHING_BEGUN)
_log = logging.getLogger("switch")


def begin(invocation: Invocation, work: Work) -> dict[str, object]:
    """Under the lock, which the workflow keeps until `end`. Raises GatesNotPassedError. Repeated, it answers
    the same.
    """
    request = invocation.request
    plan, id_ = request.plan, request.workflow
    assert plan is not None  # noqa: S101 - the event's table asks for both
    assert id_ is not None  # noqa: S101
    if not invocation.settings.has_ledger:
        raise no_ledger(id_)
    gateway = invocation.gateway
    asked = _must_pass(request)
    (finished, *_), verdicts = invocation.look(
        lambda: invocation.table.finished(request.id),
        *([gateway.listeners] if asked else []),
        colour=plan.target if asked else None,
    )
    if finished:
        return repetition(finished, request.fingerprint)
    workflow = _beginning(invocation, work)
    plan = workflow.plan
    if asked:
        verdicts = [*verdicts, *invocation.gates.here(work.control)]
        work.judged(verdicts, f"moving the ledger to {plan.target}")
    _record(invocation, LedgerRecord(), strict=asked)
    gone: dict[str, Any] = dict.fromkeys(("approval", "yields"))
    gone |= {"abort": None} if plan.only_ledger else {}
    work.changes = gone | {
        "workflow": workflow.stored(),
        "holder": id_,
        "lease_until": lease(invocation, MOVE_SECONDS),
    }
    return _begun(invocation, plan, locked=True)


def passes(request: Request) -> bool:
    """Whether it finishes a move that no lock may hold up."""
    alone = request.action is Action.BEGIN_LEDGER and request.plan and request.plan.only_ledger
    return bool(alone) and not _must_pass(request)


def begin_unlocked(invocation: Invocation) -> dict[str, object]:
    """While another holds the lock, which keeps it."""
    request, now = invocation.request, invocation.clock()
    _record(invocation, LedgerRecord(), strict=False)
    assert request.plan is not None  # noqa: S101 - as above
    answer = _begun(invocation, request.plan, locked=False)
    entry = replace(Entry.begun(request, now), target=str(answer["target"]))
    extra = {"fingerprint": request.fingerprint, "answer": answer}
    invocation.table.note(entry.ended(Result.DONE, now), extra)
    return answer


def keep_for_ledger(invocation: Invocation, workflow: Workflow) -> dict[str, object]:
    """The control item's changes when all traffic of a shift is moved, and its ledger is not."""
    due = replace(workflow, state=State.MOVING_LEDGER, ledger=LEDGER_DUE, baking_until=None)
    gone: dict[str, Any] = dict.fromkeys(("approval", "abort"))
    return gone | {"workflow": due.stored(), "lease_until": lease(invocation, MOVE_SECONDS)}


def end(invocation: Invocation) -> dict[str, object]:
    """Record what became of it. Lets the lock go where it is still the workflow's, unless a shift goes on.
    Raises NoWorkflowError where none was begun; of a shift that another request has ended, LockLostError.
    """
    request, table = invocation.request, invocation.table
    finished = table.finished(request.id)
    if finished:
        return repetition(finished, request.fingerprint)
    control = table.read()
    workflow = control.in_progress
    workflow = workflow if workflow and workflow.id == request.workflow else None
    begun = _begun_with(invocation, workflow)
    entry = _entry(invocation, begun)
    if "locked" in begun:  # else nothing has moved
        _record(invocation, _writer(invocation, begun), strict=True)
    answer: dict[str, object] = {
        "action": request.action.value,
        "request_id": request.id,
        "workflow": request.workflow,
        "outcome": entry.outcome,
        "ledger": dict(entry.ledger or {}),
        "next": _following(workflow, entry.outcome),
    }
    extra = {"fingerprint": request.fingerprint, "answer": answer}
    try:
        if workflow is None:
            raise no_workflow(request.workflow)
        changes = _after(invocation, workflow, entry)
        table.record(changes, entry, extra, workflow=request.workflow)
    except NoWorkflowError:  # a rollback has taken the lock, or another one held it all along
        if begun["in_shift"]:  # without an answer: a repetition gets this one, too
            table.note(entry, {})
            raise not_in_progress(request.workflow) from None
        table.note(entry, extra)
    return answer


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


def no_ledger(workflow: str) -> ValidationError:
    return ValidationError(
        what="this deployment has no ledger that moves: its colours don't replicate to each other",
        where=f"plan of {workflow}",
        cause="its configuration says `[ledger] replicate = false`; nothing was changed",
        fix="leave the ledger out: `--ledger never`",
    )


def _must_pass(request: Request) -> bool:
    if request.plan is None or request.ledger is None:
        return True
    return request.ledger.must_pass(request.plan.target)


def _beginning(invocation: Invocation, work: Work) -> Workflow:
    """The workflow while the ledger moves: one of its own, or the shift that this is a part of."""
    plan, id_ = invocation.request.plan, invocation.request.workflow
    assert plan is not None  # noqa: S101 - as above
    if plan.only_ledger:
        begun = Workflow.begun(str(id_), plan, invocation.clock(), percent=0)
        return replace(begun, state=State.MOVING_LEDGER)
    workflow = work.workflow
    if not workflow.only_ledger_left:
        workflow = going_on(invocation, work.control)
    require_ledger(invocation, workflow)
    return replace(workflow, state=State.MOVING_LEDGER)


def _begun(invocation: Invocation, plan: Plan, *, locked: bool) -> dict[str, object]:
    """What the end of the move is recorded with, too."""
    request, row = invocation.request, invocation.request.ledger
    return {
        "action": request.action.value,
        "request_id": request.id,
        "workflow": request.workflow,
        "target": plan.target,
        "from": row.writer if row else None,
        "epoch": row.epoch if row else None,
        "state": row.state if row else None,
        "locked": locked,
        "in_shift": not plan.only_ledger,
        "by": plan.by,
        "reason": plan.reason,
        "started_at": stamp(invocation.clock()),
    }


def _begun_with(invocation: Invocation, workflow: Workflow | None) -> Mapping[str, Any]:
    """What `begin` answered; of a shift whose move could not begin, the same of its plan."""
    begun = invocation.table.finished(f"{invocation.request.workflow}/{Action.BEGIN_LEDGER}")
    if begun is not None:
        return begun[1]
    if workflow is None or workflow.plan.only_ledger:
        raise no_workflow(invocation.request.workflow)
    plan = workflow.plan
    return {
        "from": None,
        "target": plan.target,
        "in_shift": True,
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
    """A switch's own refusal, too, says that nothing was changed."""
    if request.moved:
        return Result.DONE
    refused = request.error in REFUSALS or meaning_of(request.error) in _REFUSED
    return Result.REFUSED if refused else Result.FAILED


def _following(workflow: Workflow | None, result: Result | None) -> After:
    alone = _FOLLOWING.get(result or Result.FAILED, After.UNFINISHED)
    if workflow is None or workflow.plan.only_ledger:
        return alone
    if workflow.ledger == LEDGER_DUE:
        return After.SHIFTED if result is Result.DONE else alone
    return After.NEXT_STEP if result is Result.DONE else After.ROLL_BACK


def _after(invocation: Invocation, workflow: Workflow, entry: Entry) -> Mapping[str, object]:
    """The control item's changes, on the condition that the lock is still this workflow's."""
    request, done = invocation.request, entry.outcome is Result.DONE
    if not workflow.only_ledger_left:  # the next step, or the rollback, follows
        moved = LEDGER_MOVED if done else None
        stays = replace(workflow, state=State.BAKING, ledger=moved)
        wait = invocation.settings.verify_seconds
        return {"workflow": stays.stored(), "lease_until": lease(invocation, wait)}
    state = _STATES[entry.outcome or Result.FAILED]
    if not workflow.plan.only_ledger and not done:
        state = State.LEDGER_NOT_MOVED
    cause = (request.cause or None, request.raw_cause or None)
    return released(workflow.ended(state, invocation.clock(), *cause))


def _writer(invocation: Invocation, begun: Mapping[str, Any]) -> LedgerRecord:
    """As far as it is known: a move that was refused has left the row as it was."""
    moved = invocation.request.moved
    if moved:
        return LedgerRecord(moved.writer, moved.epoch)
    if _result(invocation.request) is Result.REFUSED and begun["state"] == OPEN:
        return LedgerRecord(Colour(begun["from"]), begun["epoch"])
    return LedgerRecord()


def _record(invocation: Invocation, record: LedgerRecord, *, strict: bool) -> None:
    """Write the parameter. `strict`: without it nothing moves; else a move is finished all the same."""
    workflow, at = str(invocation.request.workflow), stamp(invocation.clock())
    try:
        Effects.of(invocation).record_ledger(replace(record, workflow=workflow, updated_at=at))
    except SwitchError as error:
        if strict:
            raise
        _log.error(
            "the writer was not recorded",
            extra={"fields": {"error": type(error).__name__, **error.to_json()}},
        )
