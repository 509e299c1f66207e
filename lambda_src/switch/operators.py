"""What operators ask for besides traffic: `freeze`, `unfreeze`, `approve`, `abort`. None takes the lock."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from .aws import Refused
from .control import Control, told_of
from .errors import NoWorkflowError, SwitchError
from .history import Entry, Result, stamp
from .invocation import Invocation
from .table import no_workflow
from .traffic import repetition
from .workflow import Workflow


def freeze(invocation: Invocation) -> dict[str, object]:
    """Forbid moves, but for a rollback. A workflow in progress finds it at its next look, and rolls back."""
    request = invocation.request
    frozen = {"by": request.by, "reason": request.reason, "at": stamp(invocation.clock())}
    return _frozen(invocation, frozen)


def unfreeze(invocation: Invocation) -> dict[str, object]:
    return _frozen(invocation, None)


def approve(invocation: Invocation) -> dict[str, object]:
    """Let the workflow take the step that it waits with. Recorded first: a repetition sends it again."""
    control = invocation.table.read()
    workflow = _wanted(invocation, control)
    approval = control.approval
    if approval is None or control.abort:
        raise _not_waiting(workflow)
    known = approval["approved_by"]
    if not known:
        control = replace(
            control, approval={**approval, "approved_by": invocation.request.by or "an operator"}
        )
        changes: dict[str, object] = {"approval": control.approval}
        # Without an answer: what becomes of it is known only when it has been delivered.
        if not _record(invocation, changes, {}, workflow=workflow.id, approval=approval):
            control = invocation.table.read()
            if control.approval != changes["approval"]:  # its id was used before, for something else
                raise _not_waiting(workflow)
    try:
        invocation.gateway.answer_approval(approval["task_token"], None)
    except Refused as refused:
        if not known and not refused.repeated:  # else it was delivered before, and its answer got lost
            raise _not_waiting(workflow) from refused
    return _answer(invocation, control)


def abort(invocation: Invocation) -> dict[str, object]:
    """Have the workflow end: it rolls back at its next look, or at once where it waits for an approval."""
    request = invocation.request
    control = invocation.table.read()
    workflow = _wanted(invocation, control)
    wish = {"by": request.by, "reason": request.reason, "at": stamp(invocation.clock())}
    answer = _answer(invocation, replace(control, abort=wish))
    if not _record(invocation, {"abort": wish}, answer, workflow=workflow.id):
        answer = earlier(invocation)
    approval = invocation.table.read().approval  # as it is now: it may have been asked for meanwhile
    if approval:
        with suppress(Refused):  # it goes on already, and will find the wish
            invocation.gateway.answer_approval(approval["task_token"], ("AbortedError", told_of(wish)))
    return answer


def end_waiting(invocation: Invocation, control: Control) -> None:
    """A workflow that was ended by this request, while it waited for an approval, needs not wait any longer.

    If it isn't told, it ends at its timeout, and finds that the lock is no longer its own.
    """
    request, workflow, approval = invocation.request, control.in_progress, control.approval
    if workflow is None or approval is None or workflow.id == request.workflow:
        return
    ended = ("LockLostError", f"{request.action} {request.id} ended it")
    with suppress(Refused, SwitchError):
        invocation.gateway.answer_approval(approval["task_token"], ended)


def earlier(invocation: Invocation) -> dict[str, object]:
    """What a request of this id got before. Raises ValidationError when it was another one."""
    finished = invocation.table.finished(invocation.request.id)
    return repetition(finished or ("unknown", {}), invocation.request.fingerprint)


def _frozen(invocation: Invocation, frozen: dict[str, str] | None) -> dict[str, object]:
    request = invocation.request
    answer: dict[str, object] = {
        "action": request.action.value,
        "request_id": request.id,
        "frozen": frozen,
    }
    return answer if _record(invocation, {"frozen": frozen}, answer) else earlier(invocation)


def _record(
    invocation: Invocation,
    changes: dict[str, object],
    answer: dict[str, object],
    *,
    workflow: str | None = None,
    approval: Mapping[str, object] | None = None,
) -> bool:
    """Change the control item, with an entry in the history. False: its id was used before."""
    now = invocation.clock()
    entry = replace(Entry.begun(invocation.request, now).ended(Result.DONE, now), workflow=workflow)
    extra = {"fingerprint": invocation.request.fingerprint, "answer": answer}
    return invocation.table.record(changes, entry, extra, workflow=workflow, approval=approval)


def _wanted(invocation: Invocation, control: Control) -> Workflow:
    """The workflow in progress, if it is the one that was named."""
    workflow, named = control.in_progress, invocation.request.workflow
    if workflow is None or named not in (None, workflow.id):
        raise no_workflow(named)
    return workflow


def _answer(invocation: Invocation, control: Control) -> dict[str, object]:
    request = invocation.request
    return {
        "action": request.action.value,
        "request_id": request.id,
        "workflow": control.workflow_json(),
    }


def _not_waiting(workflow: Workflow) -> NoWorkflowError:
    return NoWorkflowError(
        what=f"the workflow {workflow.id} does not wait for an approval",
        where="control table",
        why="an approval that comes too late must not let a later step pass",
        mend="`status` shows what it is at",
    )
