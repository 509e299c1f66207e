"""From a request to its answer: which action does what, under the lock or without it, and who is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import cast

from ..contract.actions import Action
from ..contract.cause import ENDINGS
from ..contract.errors import LockedError, LockLostError, NoWorkflowError, SwitchError
from ..contract.values import FULL
from . import deploy, hold, ledger_move, operators, rollout, status, steps, waiting
from .agreement import reconcile
from .effects import Effects
from .invocation import Invocation
from .lock import Work, claim_of, closing, locked
from .table import Claim
from .traffic import follow, move_traffic, put_right, repetition

_log = logging.getLogger("switch")

# Read, or change the control table only.
_WITHOUT_LOCK: Mapping[Action, Callable[[Invocation], dict[str, object]]] = {
    **status.READS,
    Action.FREEZE: operators.freeze,
    Action.UNFREEZE: operators.unfreeze,
    Action.APPROVE: operators.approve,
    Action.ABORT: operators.abort,
    Action.ASK: waiting.ask,
    Action.VERIFY: waiting.verify,
    Action.LEDGER: ledger_move.end,
    Action.DEPLOYMENT: rollout.shown,
}
_OF_A_WORKFLOW: Mapping[Action, Callable[[Invocation, Work], dict[str, object]]] = {
    Action.BEGIN: steps.begin,
    Action.SHIFT: steps.shift,
    Action.FINALIZE: steps.finalize,
    Action.ROLLBACK: steps.roll_back,
    Action.BEGIN_LEDGER: ledger_move.begin,
}
_OF_A_DEPLOYMENT: Mapping[Action, Callable[[Invocation, Work], dict[str, object]]] = {
    Action.FINALIZE: deploy.finish,
    Action.ROLLBACK: deploy.go_back,
}
# After which the topic's subscribers are notified.
_TOLD = frozenset(Action) - {
    *(Action.STATUS, Action.HISTORY, Action.PREFLIGHT, Action.VERIFY),
    Action.DEPLOYMENT,
}


def perform(invocation: Invocation) -> dict[str, object]:
    """Carry out a request; raises SwitchError."""
    action = invocation.request.action
    try:
        if action in _WITHOUT_LOCK:
            answer = _WITHOUT_LOCK[action](invocation)
            return _tell(invocation, answer) if action in _TOLD else answer
        return _under_lock(invocation, claim_of(invocation))
    except (LockedError, LockLostError, NoWorkflowError):
        # The end of a workflow gives the lock away: a repetition of it doesn't get it any more.
        request = invocation.request
        finished = invocation.table.finished(request.id)
        if finished and finished[1]:
            return repetition(finished, request.fingerprint)
        if ledger_move.passes(request):
            return _tell(invocation, ledger_move.begin_unlocked(invocation))
        if _has_ended_itself(invocation):
            return {
                "action": action.value,
                "request_id": request.id,
                "workflow": request.workflow,
                "ended": True,
            }
        raise


def _has_ended_itself(invocation: Invocation) -> bool:
    """Whether an event rule asks for the rollback of a workflow that isn't in progress: never begun, ended by
    its own states, or superseded. The events of an encrypted state machine don't say so.
    """
    request = invocation.request
    asked = request.action is Action.ROLLBACK and request.workflow and request.raw_cause in ENDINGS
    return bool(asked) and invocation.table.read().holder != request.workflow


def _under_lock(invocation: Invocation, claim: Claim) -> dict[str, object]:
    with locked(invocation, claim) as work:
        answer = _carry_out(invocation, work)
        if answer.get("repeated"):
            work.repeated()
            return answer
        answer = _tell(invocation, answer)
        work.done(answer)
    return answer


def _carry_out(invocation: Invocation, work: Work) -> dict[str, object]:
    request = invocation.request
    if request.workflow:
        workflow = work.control.in_progress
        deploys = bool(workflow and workflow.plan.image and workflow.id == request.workflow)
        own = _OF_A_DEPLOYMENT if deploys and request.action in _OF_A_DEPLOYMENT else _OF_A_WORKFLOW
        return own[request.action](invocation, work)
    work.changes = closing(work.control, invocation)
    if request.action is Action.RECONCILE:
        return _reconcile(invocation, work)
    if request.action is Action.DEPLOY:
        return deploy.begin(invocation, work)
    if request.action is Action.SHIFT and 0 < request.percent < FULL:
        return hold.set_share(invocation, work)
    return move_traffic(invocation, work, request.target)


def _reconcile(invocation: Invocation, work: Work) -> dict[str, object]:
    answer = put_right(invocation, work) if invocation.request.repair else follow(invocation, work)
    if answer.get("repeated"):
        return answer
    return answer | {"images": reconcile(invocation, work, cast(Mapping[str, int], answer["after"]))}


def _tell(invocation: Invocation, answer: dict[str, object]) -> dict[str, object]:
    """Notify the topic. The traffic is where it belongs by then: a notification that fails is no failure."""
    request = invocation.request
    reason = request.reason or (request.plan.reason if request.plan else "")
    parts = ("switch:", request.action, request.target, request.workflow, answer.get("outcome"))
    subject = " ".join(str(part) for part in parts if part)
    try:
        Effects.of(invocation).notify(
            subject, {"reason": reason, "by": request.by, "cause": request.cause, **answer}
        )
    except SwitchError as error:
        _log.error(
            "the notification failed", extra={"fields": {"error": type(error).__name__, **error.to_json()}}
        )
        return answer | {"notified": False}
    return answer | {"notified": True}
