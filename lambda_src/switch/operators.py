"""What operators ask for besides traffic: `freeze`, `unfreeze`, `approve`, `abort`. None takes the lock."""

from __future__ import annotations

from contextlib import suppress

from .aws import Refused
from .control import Control, told_of
from .errors import NoWorkflowError
from .history import Entry, Result, stamp
from .invocation import Invocation
from .table import no_workflow
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
    approved = dict(approval) | {"approved_by": invocation.request.by or "an operator"}
    known = approval["approved_by"]
    if not known:
        changes = {"approval": approved}
        control = invocation.table.change(changes, workflow=workflow.id, entry=_entry(invocation, workflow))
    try:
        invocation.gateway.answer_approval(approval["task_token"], None)
    except Refused as refused:
        if not known:  # else it was delivered before, and its answer got lost
            raise _not_waiting(workflow) from refused
    return _answer(invocation, control)


def abort(invocation: Invocation) -> dict[str, object]:
    """Have the workflow end: it rolls back at its next look, or at once where it waits for an approval."""
    request = invocation.request
    workflow = _wanted(invocation, invocation.table.read())
    wish = {"by": request.by, "reason": request.reason, "at": stamp(invocation.clock())}
    entry = _entry(invocation, workflow)
    control = invocation.table.change({"abort": wish}, workflow=workflow.id, entry=entry)
    if control.approval:
        with suppress(Refused):  # it goes on already, and will find the wish
            invocation.gateway.answer_approval(
                control.approval["task_token"], ("AbortedError", told_of(wish))
            )
    return _answer(invocation, control)


def _frozen(invocation: Invocation, frozen: dict[str, str] | None) -> dict[str, object]:
    request = invocation.request
    entry = Entry.begun(request, invocation.clock()).ended(Result.DONE, invocation.clock())
    invocation.table.set_frozen(frozen, entry)
    return {"action": request.action.value, "request_id": request.id, "frozen": frozen}


def _wanted(invocation: Invocation, control: Control) -> Workflow:
    """The workflow in progress, if it is the one that was named."""
    workflow, named = control.in_progress, invocation.request.workflow
    if workflow is None or named not in (None, workflow.id):
        raise no_workflow(named)
    return workflow


def _entry(invocation: Invocation, workflow: Workflow) -> Entry:
    now = invocation.clock()
    begun = Entry.begun(invocation.request, now)
    return Entry(**vars(begun) | {"workflow": workflow.id}).ended(Result.DONE, now)


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
