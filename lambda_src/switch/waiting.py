"""`ask` and `verify`: all waiting of a workflow, for an approval, for a bake, for the end of a held share.

`ask` records that an approval is wanted. `verify` is the one look of all waiting: gates, freeze, deadline and
abort are evaluated each time, so none of them waits for a bake or an operator to end. Its answer says what
comes next:

- `wait`, for `wait_seconds`
- `shift`: this step, which is approved
- `next_step`, `finalize`: the step has baked
- `move_ledger`: the step has baked, and the ledger moves before the next one
- `roll_back`, with the `cause`: a held share has reached its time limit
- `ended`: an operator's next move ended a held share, or a deployment

Of a deployment it is the look at its rollout (rollout.py).
The last two are ends as planned. They are no errors, so that no alarm reports them as a failure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..contract.errors import ApprovalExpiredError, LockLostError, SwitchError
from ..contract.request import Plan
from ..contract.values import Verdict
from ..contract.workflow import Look, Next
from . import rollout
from .control import Control
from .gates import require
from .history import stamp
from .hold import being_set, is_share, require_set
from .invocation import Invocation
from .order import going_on, moved, out_of_order, require_current, require_next
from .workflow import LEASE_SLACK_SECONDS, Workflow

# Step Functions ends an execution at 25,000 events of its history ("Quotas"); a look takes nine of them, and
# what is tried again takes more.
MOST_LOOKS = 2000


def ask(invocation: Invocation) -> dict[str, object]:
    """Record that an approval is wanted, from now until the plan's timeout. Repeated, it changes neither."""
    request = invocation.request
    control = invocation.table.read()
    workflow = going_on(invocation, control)
    require_next(invocation, workflow, request.step)
    percent = workflow.plan.steps[request.step]
    if percent not in workflow.plan.approve_at:
        raise out_of_order(workflow, f"ask of step {request.step}, which needs no approval,")
    if not _asked(control, percent):
        control = _ask(invocation, workflow, percent)
    wait = wait_of(invocation, workflow, _approval_left(invocation, control))
    return {
        "action": request.action.value,
        "request_id": request.id,
        "wait_seconds": wait,
        "workflow": control.workflow_json(),
    }


def _ask(invocation: Invocation, workflow: Workflow, percent: int) -> Control:
    now = invocation.clock()
    approval = {
        "percent": percent,
        "asked_at": stamp(now),
        "expires_at": stamp(now + timedelta(seconds=workflow.plan.approval_timeout_seconds)),
        "approved_by": None,
    }
    changes = {"approval": approval, "lease_until": lease(invocation, _every(invocation, workflow.plan))}
    try:
        return invocation.table.change(changes, workflow=workflow.id, unasked=True)
    except LockLostError:  # or an earlier attempt of this request has asked, and may even be answered
        control = invocation.table.read()
        if control.holder != workflow.id or not _asked(control, percent):
            raise
        return control


def verify(invocation: Invocation) -> dict[str, object]:
    """Whether the traffic may stay where it is, and what comes next. Renews the lease."""
    gateway = invocation.gateway
    control = _renewed(invocation, invocation.settings.verify_seconds)
    if being_set(control, control.in_progress, invocation.clock().timestamp()):
        return _looked(invocation, Look(Next.WAIT, invocation.settings.verify_seconds))
    if control.in_progress is None and _is_watched(invocation.request.workflow):
        return _looked(invocation, Look(Next.ENDED, 0))
    if control.in_progress and control.in_progress.plan.image:
        return _looked(invocation, rollout.look(invocation, control.in_progress, control))
    workflow = going_on(invocation, control)
    require_set(workflow)
    require_current(workflow, invocation.request.step)
    (listeners,), verdicts = invocation.look(gateway.listeners, colour=workflow.plan.target)
    weights = listeners.production.weights
    if weights != workflow.weights:
        raise moved(workflow, weights)
    verdicts = [*verdicts, *invocation.gates.here(control)]
    try:
        require(verdicts, f"leaving traffic on {workflow.plan.target}")
        following, left = _next(invocation, workflow, control)
    except SwitchError as error:
        error.weights = weights
        raise
    wait = wait_of(invocation, workflow, left)
    if wait > invocation.settings.verify_seconds:  # a long plan: the lease has to last until the next look
        _renewed(invocation, wait)
    cause = _limit(workflow) if following is Next.ROLL_BACK else None
    return _looked(invocation, Look(following, wait, cause), verdicts)


def _renewed(invocation: Invocation, seconds: float) -> Control:
    """The control item, with a lease until the next look in `seconds`. Raises LockLostError.

    Of a held share, or a deployment, that is not in progress, the item without a workflow: it may be just
    being registered.
    """
    workflow = invocation.request.workflow or ""
    try:
        return invocation.table.change({"lease_until": lease(invocation, seconds)}, workflow=workflow)
    except LockLostError:
        if not _is_watched(workflow):
            raise
        return replace(invocation.table.read(), workflow=None)


def _is_watched(workflow_id: str | None) -> bool:
    """Whether the function itself began it, and an execution only looks at it."""
    return is_share(workflow_id) or rollout.is_deployment(workflow_id)


def _limit(workflow: Workflow) -> str:
    return f"the share's time limit is over: {workflow.percent} % for {workflow.plan.bake_seconds} s"


def _next(invocation: Invocation, workflow: Workflow, control: Control) -> tuple[Next, float]:
    """What comes next, and how many seconds are left of what is waited for."""
    step, last = invocation.request.step, len(workflow.plan.steps) - 1
    if workflow.awaits(step):
        return _approved(invocation, workflow, control)
    left = workflow.bake_left(invocation.clock())
    if left:
        return Next.WAIT, left
    if workflow.plan.hold:
        return Next.ROLL_BACK, 0
    if workflow.ledger_is_next:
        return Next.MOVE_LEDGER, 0
    return (Next.NEXT_STEP if step < last else Next.FINALIZE), 0


def _approved(invocation: Invocation, workflow: Workflow, control: Control) -> tuple[Next, float]:
    percent = workflow.plan.steps[invocation.request.step]
    if not _asked(control, percent):
        raise out_of_order(workflow, f"verify of step {invocation.request.step}, not asked for")
    if (control.approval or {}).get("approved_by"):
        return Next.SHIFT, 0
    left = _approval_left(invocation, control)
    if left:
        return Next.WAIT, left
    timeout = workflow.plan.approval_timeout_seconds
    raise ApprovalExpiredError(
        what=f"the approval of {percent} % did not come within {timeout} s",
        where=f"workflow {workflow.id}",
        cause="traffic is not left on two colours for an unknown time: the workflow rolls it back",
        fix="start the shift again when an approver is available, or with a longer --approval-timeout",
    )


def _looked(invocation: Invocation, look: Look, gates: Sequence[Verdict] = ()) -> dict[str, object]:
    request = invocation.request
    return {
        "action": request.action.value,
        "request_id": request.id,
        **look.to_json(),
        "gates": [verdict.to_json() for verdict in gates],
    }


def _asked(control: Control, percent: int) -> bool:
    return control.approval is not None and control.approval["percent"] == percent


def _approval_left(invocation: Invocation, control: Control) -> float:
    """Seconds; 0 when the approval has expired."""
    approval: Mapping[str, Any] = control.approval or {}
    expires = datetime.fromisoformat(approval["expires_at"])
    return max(0.0, (expires - invocation.clock()).total_seconds())


def _every(invocation: Invocation, plan: Plan) -> int:
    """Seconds between two looks. All that a plan waits for is looked at MOST_LOOKS times at most."""
    waits = len(plan.steps) * plan.bake_seconds + len(plan.approve_at) * plan.approval_timeout_seconds
    return max(invocation.settings.verify_seconds, math.ceil(waits / MOST_LOOKS))


def wait_of(invocation: Invocation, workflow: Workflow, left: float) -> int:
    """Seconds until the next look, at most `left` of them."""
    return min(_every(invocation, workflow.plan), math.ceil(left))


def lease(invocation: Invocation, seconds: float) -> float:
    """Until when the workflow keeps the lock, if its next request is due in `seconds`."""
    return invocation.clock().timestamp() + seconds + LEASE_SLACK_SECONDS
