"""What the state machine asks for, step by step: `begin`, `ask`, `shift`, `verify`, `finalize`, `rollback`.

`begin` takes the lock for the workflow; from then on only its own requests get it. Each of them first looks
whether the workflow may go on: it is still in progress, nobody wants it to end, its deadline is ahead, and
production has the weights that it left there.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

from .control import Control, told_of
from .errors import (
    AbortedError,
    ApprovalMissingError,
    DeadlineError,
    LockLostError,
    NothingToShiftError,
    Problem,
    SwitchError,
    ValidationError,
    WeightsChangedError,
)
from .gates import require
from .history import stamp
from .invocation import Invocation
from .lock import Work, released
from .models import FULL, Weights
from .move import decide
from .request import Plan
from .traffic import follow, move_traffic, repetition, standing
from .workflow import LEASE_SLACK_SECONDS, State, Workflow

# Step Functions ends an execution at 25,000 events of its history ("Quotas"); a look while a step bakes takes
# nine of them, and what is tried again takes more.
MOST_LOOKS = 2000


def begin(invocation: Invocation, work: Work) -> dict[str, object]:
    """Take the lock for the workflow. Refused before anything moves: a side that isn't fit now, or nothing to
    shift. Repeated, it answers the same.
    """
    request = invocation.request
    plan, id_ = request.plan, request.workflow
    assert plan is not None  # noqa: S101 - the event's table asks for both
    assert id_ is not None  # noqa: S101
    gateway = invocation.gateway
    (listeners, records, finished), verdicts = invocation.look(
        gateway.listeners,
        gateway.records,
        lambda: invocation.table.finished(request.id),
        side=plan.target,
    )
    if finished:
        return repetition(finished, request.fingerprint)
    percent = decide(replace(request, percent=FULL), plan.target, listeners, records).before.of(plan.target)
    if plan.steps[0] <= percent:
        raise NothingToShiftError(
            what=f"{plan.target} has {percent} % already, the first step would give it {plan.steps[0]}",
            where=f"plan of {id_}",
            why="a step that takes traffic away from the target is no step towards it; nothing was changed",
            mend="begin with a larger step, or roll back first",
        )
    work.judged([*verdicts, *invocation.gates.here(work.control)], f"a shift to {plan.target}")
    workflow = Workflow.begun(id_, plan, invocation.clock(), percent=percent)
    work.changes = {
        "workflow": workflow.stored(),
        "holder": id_,
        "lease_until": _lease(invocation, 0),
        "approval": None,
        "abort": None,
    }
    return {"action": request.action.value, "request_id": request.id, **_handed_over(workflow)}


def ask(invocation: Invocation) -> dict[str, object]:
    """Remember the token that answers the approval, and tell the topic that it is wanted."""
    request = invocation.request
    workflow = _going_on(invocation, invocation.table.read())
    _require_step(workflow, request.step)
    seconds = workflow.plan.approval_timeout_seconds
    now = invocation.clock()
    approval = {
        "percent": workflow.plan.steps[request.step],
        "asked_at": stamp(now),
        "expires_at": stamp(now + timedelta(seconds=seconds)),
        "approved_by": None,
        "task_token": request.task_token,
    }
    changes = {"approval": approval, "lease_until": _lease(invocation, seconds)}
    control = invocation.table.change(changes, workflow=workflow.id)
    _going_on(invocation, control)  # an abort that came meanwhile saw nobody wait
    return {"action": request.action.value, "request_id": request.id, "workflow": control.workflow_json()}


def shift(invocation: Invocation, work: Work) -> dict[str, object]:
    """One step, and the bake that follows it."""
    workflow = _going_on(invocation, work.control)
    request = invocation.request
    _require_step(workflow, request.step)
    if request.percent != workflow.plan.steps[request.step] or request.target is not workflow.plan.target:
        raise _mismatch(workflow, f"{request.target} {request.percent}")
    _require_approval(workflow, work.control, request.percent)
    here = invocation.gateway.load_balancer.production().weights
    if here not in (workflow.weights, Weights.giving(workflow.plan.target, request.percent)):
        raise _moved(workflow, here)
    answer = move_traffic(invocation, work, workflow.plan.target)
    shifted = workflow.shifted(request.step, invocation.clock())
    wait = _wait(invocation, shifted)
    work.changes = {
        "workflow": shifted.stored(),
        "lease_until": _lease(invocation, wait),
        "approval": None,
    }
    return answer | {"wait_seconds": wait}


def verify(invocation: Invocation) -> dict[str, object]:
    """Whether the step may stand, and whether it has baked. Renews the lease."""
    request, gateway = invocation.request, invocation.gateway
    workflow_id = request.workflow or ""
    lease = {"lease_until": _lease(invocation, invocation.settings.verify_seconds)}
    control = invocation.table.change(lease, workflow=workflow_id)
    workflow = _going_on(invocation, control)
    (listeners,), verdicts = invocation.look(gateway.listeners, side=workflow.plan.target)
    weights = listeners.production.weights
    if weights != workflow.weights:
        raise _moved(workflow, weights)
    wait = _wait(invocation, workflow)
    if wait > invocation.settings.verify_seconds:  # a long plan: the lease has to last until the next look
        invocation.table.change({"lease_until": _lease(invocation, wait)}, workflow=workflow_id)
    verdicts = [*verdicts, *invocation.gates.here(control)]
    try:
        require(verdicts, f"leaving traffic on {workflow.plan.target}")
    except SwitchError as error:
        error.weights = weights
        raise
    return {
        "action": request.action.value,
        "request_id": request.id,
        "baked": workflow.bake_left(invocation.clock()) == 0,
        "wait_seconds": wait,
        "gates": [verdict.to_json() for verdict in verdicts],
    }


def finalize(invocation: Invocation, work: Work) -> dict[str, object]:
    """All the traffic is on the target: records follow, the lock is free, the old side stays ready."""
    workflow = _going_on(invocation, work.control)
    answer = follow(invocation, work)
    if answer["after"] != Weights.giving(workflow.plan.target, FULL).to_json():
        raise _moved(workflow, standing(invocation.gateway))
    work.changes = released(workflow.ended(State.COMPLETED, invocation.clock()))
    return answer


def roll_back(invocation: Invocation, work: Work) -> dict[str, object]:
    """All the traffic back to where the workflow began, whatever made it end."""
    workflow = work.workflow
    answer = move_traffic(invocation, work, workflow.source)
    cause = invocation.request.cause or invocation.request.reason
    work.changes = released(workflow.ended(State.ROLLED_BACK, invocation.clock(), cause or None))
    return answer


def _going_on(invocation: Invocation, control: Control) -> Workflow:
    """The workflow of the request, if it may go on."""
    workflow, id_ = control.in_progress, invocation.request.workflow
    if workflow is None or workflow.id != id_:
        raise LockLostError(
            what=f"the workflow {id_} is not in progress any more",
            where="control table",
            why="somebody rolled back past it, or it has ended: it moves nothing more",
            mend="`status` shows what became of it",
        )
    if control.abort:
        raise AbortedError(
            what=told_of(control.abort),
            where=f"workflow {id_}",
            why="somebody wants it to end: all traffic goes back to where it came from",
            mend="nothing: the rollback follows",
        )
    if workflow.overdue(invocation.clock()):
        raise DeadlineError(
            what=f"it was to be done by {workflow.deadline_at}, and has reached {workflow.percent} %",
            where=f"workflow {id_}",
            why="something holds it up; traffic is not left on two sides for an unknown time",
            mend="see in the history what took long; begin again with a later deadline",
        )
    return workflow


def _require_step(workflow: Workflow, step: int) -> None:
    """It is the next one, or a repetition of the last."""
    known = (workflow.step, workflow.step + 1) if workflow.has_shifted else (0,)
    if step >= len(workflow.plan.steps) or step not in known:
        raise _mismatch(workflow, f"step {step}")


def _require_approval(workflow: Workflow, control: Control, percent: int) -> None:
    """It has to be on record: whoever may call the function could send the step without."""
    if percent <= workflow.percent or percent not in workflow.plan.approve_at:
        return  # that step was taken before, or needs nobody
    approval = control.approval or {}
    if approval.get("percent") != percent or not approval.get("approved_by"):
        raise ApprovalMissingError(
            what=f"nobody has approved {percent} %",
            where=f"workflow {workflow.id}",
            why="the plan has somebody look before this step",
            mend="nothing: the rollback follows; then find out who sent the step past the approval",
        )


def _mismatch(workflow: Workflow, given: str) -> ValidationError:
    wanted = (
        f"a step of {list(workflow.plan.steps)} towards {workflow.plan.target}, after index {workflow.step}"
    )
    return ValidationError(
        what=f"{given} is no step of the workflow {workflow.id}",
        where="event of the switch function",
        why="the workflow's plan is the one that it began with; nothing was changed",
        mend="send what `begin` handed over",
        problems=[Problem.of("step", given, "is not in the plan", wanted)],
    )


def _moved(workflow: Workflow, weights: Weights | None) -> WeightsChangedError:
    error = WeightsChangedError(
        what=f"production has {weights}, the workflow left it at {workflow.weights}",
        where=f"workflow {workflow.id}",
        why="somebody moves traffic past it: what the gates saw is no longer what clients get",
        mend="find out who modified the listener (CloudTrail, ModifyListener); the rollback follows",
    )
    error.weights = weights
    return error


def _handed_over(workflow: Workflow) -> dict[str, object]:
    """What the state machine works through."""
    plan: Plan = workflow.plan
    return {
        "workflow": workflow.id,
        "target": plan.target,
        "reason": plan.reason,
        "by": plan.by,
        "percents": list(plan.steps),
        "approvals": [percent in plan.approve_at for percent in plan.steps],
        "bake_seconds": plan.bake_seconds,
        "approval_timeout_seconds": plan.approval_timeout_seconds,
        "step": 0,
        "last": len(plan.steps) - 1,
    }


def _wait(invocation: Invocation, workflow: Workflow) -> int:
    """Seconds until the next look; at most until the step has baked.

    All bakes of a plan together are looked at MOST_LOOKS times at most, however long they are.
    """
    plan = workflow.plan
    every = max(
        invocation.settings.verify_seconds, math.ceil(len(plan.steps) * plan.bake_seconds / MOST_LOOKS)
    )
    return min(every, math.ceil(workflow.bake_left(invocation.clock())))


def _lease(invocation: Invocation, seconds: float) -> float:
    """Until when the workflow keeps the lock, if its next request is due in `seconds`."""
    return invocation.clock().timestamp() + seconds + LEASE_SLACK_SECONDS
