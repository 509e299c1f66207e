"""What the state machine asks for to move traffic: `begin`, `shift`, `finalize` and `rollback` of a workflow.

`begin` takes the lock for the workflow; from then on only its own requests get it. Each of them first looks
whether the workflow may go on (order.py), and whether production has the weights that it left there. Between
them the state machine waits (waiting.py).
"""

from __future__ import annotations

from dataclasses import replace

from ..contract.errors import NothingToShiftError
from ..contract.request import Plan
from ..contract.values import FULL, Weights
from ..contract.workflow import Next, Schedule, State
from .invocation import Invocation
from .ledger_move import interrupted, keep_for_ledger, no_ledger
from .lock import Work, released
from .move import decide
from .order import going_on, mismatch, moved, out_of_order, require_approval, require_baked, require_step
from .traffic import follow, move_traffic, repetition, standing
from .waiting import lease, wait_of
from .workflow import Workflow


def begin(invocation: Invocation, work: Work) -> dict[str, object]:
    """Take the lock for the workflow. Refused before anything moves: a colour that isn't fit now, or nothing
    to shift. Repeated, it answers the same.
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
        colour=plan.target,
    )
    if finished:
        return repetition(finished, request.fingerprint)
    before = decide(replace(request, percent=FULL), plan.target, listeners, records).before
    percent = before.of(plan.target)
    if before.holder is None and records.last_active is plan.target:
        raise NothingToShiftError(
            what=f"{plan.target} is the active colour: its traffic is on the way to {plan.target.other}",
            where=f"plan of {id_}",
            cause="a shift that fails goes back to where it came from, which would be the other colour",
            fix="send `rollback`, which moves all traffic back to the active colour",
        )
    if plan.steps[0] <= percent:
        raise NothingToShiftError(
            what=f"{plan.target} has {percent} % already, the first step would give it {plan.steps[0]}",
            where=f"plan of {id_}",
            cause="a step that takes traffic away from the target is no step towards it; nothing was changed",
            fix="begin with a larger step, or roll back first",
        )
    if plan.ledger_after is not None and not invocation.settings.has_ledger:
        raise no_ledger(id_)
    work.judged([*verdicts, *invocation.gates.here(work.control)], f"a shift to {plan.target}")
    workflow = Workflow.begun(id_, plan, invocation.clock(), percent=percent)
    work.changes = {
        "workflow": workflow.stored(),
        "holder": id_,
        "lease_until": lease(invocation, 0),
        "approval": None,
        "abort": None,
        "yields": None,
    }
    return {"action": request.action.value, "request_id": request.id, **_handed_over(workflow)}


def shift(invocation: Invocation, work: Work) -> dict[str, object]:
    """One step, and the bake that follows it."""
    workflow = going_on(invocation, work.control)
    request = invocation.request
    require_step(invocation, workflow, request.step)
    if request.percent != workflow.plan.steps[request.step] or request.target is not workflow.plan.target:
        raise mismatch(workflow, f"{request.target} {request.percent}")
    require_approval(workflow, work.control, request.percent)
    here = invocation.gateway.load_balancer.production().weights
    if here not in (workflow.weights, Weights.giving(workflow.plan.target, request.percent)):
        raise moved(workflow, here)
    answer = move_traffic(invocation, work, workflow.plan.target)
    shifted = workflow.shifted(request.step, invocation.clock())
    wait = wait_of(invocation, shifted, shifted.bake_left(invocation.clock()))
    work.changes = {
        "workflow": shifted.stored(),
        "lease_until": lease(invocation, wait),
        "approval": None,
    }
    return answer | {"wait_seconds": wait}


def finalize(invocation: Invocation, work: Work) -> dict[str, object]:
    """All the traffic is on the target: records follow, the old colour stays ready. The lock is free, unless
    the ledger is still to be moved.
    """
    workflow = going_on(invocation, work.control)
    require_baked(invocation, workflow, "finalize")
    if workflow.plan.hold or workflow.percent < FULL or workflow.only_ledger_left:
        raise out_of_order(workflow, "finalize")
    answer = follow(invocation, work)
    if answer["after"] != Weights.giving(workflow.plan.target, FULL).to_json():
        raise moved(workflow, standing(invocation.gateway))
    if workflow.plan.ledger_after == FULL:
        work.changes = keep_for_ledger(invocation, workflow)
        return answer | {"next": Next.MOVE_LEDGER}
    work.changes = released(workflow.ended(State.COMPLETED, invocation.clock()))
    return answer | {"next": Next.END}


def roll_back(invocation: Invocation, work: Work) -> dict[str, object]:
    """All the traffic back to where the workflow began, whatever made it end."""
    workflow = work.workflow
    if workflow.only_ledger_left:
        return interrupted(invocation, work)
    answer = move_traffic(invocation, work, workflow.source)
    request, now = invocation.request, invocation.clock()
    cause = request.cause or request.reason or None
    work.changes = released(workflow.ended(State.ROLLED_BACK, now, cause, request.raw_cause or None))
    return answer


def _handed_over(workflow: Workflow) -> dict[str, object]:
    """What the state machine works through."""
    plan: Plan = workflow.plan
    schedule = Schedule(
        target=plan.target,
        reason=plan.reason,
        by=plan.by,
        percents=list(plan.steps),
        approvals=[percent in plan.approve_at for percent in plan.steps],
        step=0,
        last=len(plan.steps) - 1,
    )
    return {"workflow": workflow.id, **schedule.to_json()}
