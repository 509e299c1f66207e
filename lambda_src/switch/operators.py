"""What operators ask for besides traffic: `freeze`, `unfreeze`, `approve`, `abort`. None takes the lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..contract.errors import NoWorkflowError
from .control import Control
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
    """Let the workflow take the step that waits for it. The workflow finds it at its next look."""
    control = invocation.table.read()
    workflow, approval = _wanted(invocation, control), control.approval
    if approval is None or control.abort or _expired(invocation, approval):
        raise _not_waiting(workflow)
    if approval["approved_by"]:
        return _answer(invocation, control)
    approved = {**approval, "approved_by": invocation.request.by or "an operator"}
    answer = _answer(invocation, replace(control, approval=approved))
    changes: dict[str, object] = {"approval": approved}
    recorded = _record(invocation, changes, answer, workflow=workflow.id, approval=approval)
    return answer if recorded else earlier(invocation)


def abort(invocation: Invocation) -> dict[str, object]:
    """Have the workflow end: it rolls back at its next look, whatever it waits for."""
    request = invocation.request
    control = invocation.table.read()
    workflow = _wanted(invocation, control)
    wish = {"by": request.by, "reason": request.reason, "at": stamp(invocation.clock())}
    answer = _answer(invocation, replace(control, abort=wish))
    recorded = _record(invocation, {"abort": wish}, answer, workflow=workflow.id)
    return answer if recorded else earlier(invocation)


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
    if workflow.only_ledger_left:
        raise NoWorkflowError(
            what=f"{workflow.id} moves the ledger, which takes seconds: it is neither approved nor aborted",
            where="control table",
            cause="a move that is past its fence has to be finished; nothing was changed",
            fix="wait for its end, then move the ledger back: `bluegreen ledger move`",
        )
    return workflow


def _answer(invocation: Invocation, control: Control) -> dict[str, object]:
    request = invocation.request
    return {
        "action": request.action.value,
        "request_id": request.id,
        "workflow": control.workflow_json(),
    }


def _expired(invocation: Invocation, approval: Mapping[str, Any]) -> bool:
    return invocation.clock() > datetime.fromisoformat(approval["expires_at"])


def _not_waiting(workflow: Workflow) -> NoWorkflowError:
    return NoWorkflowError(
        what=f"the workflow {workflow.id} does not wait for an approval",
        where="control table",
        cause="an approval that comes too late must not let a later step pass",
        fix="`status` shows what it is at",
    )
