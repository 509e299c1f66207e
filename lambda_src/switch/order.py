"""Whether a workflow's request may be carried out now.

The workflow is still in progress and not aborted, its deadline is ahead, and the request is the next one of
the schedule, which the function holds together with its times.
"""

from __future__ import annotations

from ..common.errors import Problem
from ..contract.errors import (
    AbortedError,
    ApprovalMissingError,
    DeadlineError,
    StepOrderError,
    ValidationError,
    WeightsChangedError,
)
from ..contract.values import Weights
from .control import Control, told_of
from .invocation import Invocation
from .table import not_in_progress
from .workflow import Workflow

# By how much the clocks of two containers of the function may differ: what one has seen baked, the other may
# see with this much left.
CLOCK_SKEW_SECONDS = 1.0


def going_on(invocation: Invocation, control: Control) -> Workflow:
    """The workflow of the request, if it may go on."""
    workflow, id_ = control.in_progress, invocation.request.workflow
    if workflow is None or workflow.id != id_:
        raise not_in_progress(id_)
    if workflow.moves_no_traffic:
        raise out_of_order(workflow, f"{invocation.request.action} of a workflow that moves no traffic")
    if control.abort:
        raise AbortedError(
            what=told_of(control.abort),
            where=f"workflow {id_}",
            cause="it is to end: all traffic goes back to the colour that it came from",
            fix="none needed, the workflow rolls back",
        )
    if workflow.overdue(invocation.clock()):
        raise DeadlineError(
            what=f"it was to be done by {workflow.deadline_at}, and has reached {workflow.percent} %",
            where=f"workflow {id_}",
            cause="traffic is not left on two colours for an unknown time: the workflow rolls back",
            fix="find in `history` what took long, then start the shift again with a later deadline",
        )
    return workflow


def require_step(invocation: Invocation, workflow: Workflow, step: int) -> None:
    """It is the next one, or a repetition of the last."""
    if workflow.plan.hold:
        raise out_of_order(workflow, f"step {step}")
    if workflow.has_shifted and step == workflow.step:
        return
    require_next(invocation, workflow, step)


def require_next(invocation: Invocation, workflow: Workflow, step: int) -> None:
    """It is the one that follows what was reached, and that has baked."""
    following = workflow.step + 1 if workflow.has_shifted else 0
    if step != following or step >= len(workflow.plan.steps):
        raise out_of_order(workflow, f"step {step}")
    require_baked(invocation, workflow, f"step {step}")


def require_ledger(invocation: Invocation, workflow: Workflow) -> None:
    """The ledger of a shift is to be moved now."""
    if workflow.ledger_is_next:
        require_baked(invocation, workflow, "the move of the ledger")
    elif not workflow.only_ledger_left:
        raise out_of_order(workflow, "the move of the ledger")


def require_current(workflow: Workflow, step: int) -> None:
    """It is the one in progress, or the next one, which waits for its approval."""
    following = workflow.step + 1 if workflow.has_shifted else 0
    if step >= len(workflow.plan.steps) or step not in (workflow.step, following):
        raise out_of_order(workflow, f"verify of step {step}")


def require_baked(invocation: Invocation, workflow: Workflow, what: str) -> None:
    left = workflow.bake_left(invocation.clock())
    if left <= CLOCK_SKEW_SECONDS:
        return
    raise StepOrderError(
        what=f"{what} came {left:.0f} s before {workflow.percent} % has baked",
        where=f"workflow {workflow.id}",
        cause="the gates have to pass for the whole bake time before the target gets more traffic",
        fix="search CloudTrail for the caller that invoked the function past the state machine",
    )


def require_approval(workflow: Workflow, control: Control, percent: int) -> None:
    """It has to be on record: any caller of the function could send the step without."""
    if percent <= workflow.percent or percent not in workflow.plan.approve_at:
        return  # that step was taken before, or needs no approval
    approval = control.approval or {}
    if approval.get("percent") != percent or not approval.get("approved_by"):
        raise ApprovalMissingError(
            what=f"{percent} % is not approved",
            where=f"workflow {workflow.id}",
            cause="the plan requires an approval before this step",
            fix="wait for the rollback, then search CloudTrail for the caller that invoked the step",
        )


def mismatch(workflow: Workflow, given: str) -> ValidationError:
    wanted = (
        f"a step of {list(workflow.plan.steps)} towards {workflow.plan.target}, after index {workflow.step}"
    )
    return ValidationError(
        what=f"{given} is no step of the workflow {workflow.id}",
        where="event of the switch function",
        cause="the workflow's plan is the one that it began with; nothing was changed",
        fix="send what `begin` handed over",
        problems=[Problem.of("step", given, "is not in the plan", wanted)],
    )


def out_of_order(workflow: Workflow, given: str) -> StepOrderError:
    return StepOrderError(
        what=f"{given} is out of order: {workflow.id} has reached {workflow.percent} %, steps "
        f"{list(workflow.plan.steps)}" + (", held" if workflow.plan.hold else ""),
        where=f"workflow {workflow.id}",
        cause="the function holds the schedule that the workflow began with; nothing was changed",
        fix="search CloudTrail for the caller that invoked the function past the state machine",
    )


def moved(workflow: Workflow, weights: Weights | None) -> WeightsChangedError:
    error = WeightsChangedError(
        what=f"production has {weights}, the workflow left it at {workflow.weights}",
        where=f"workflow {workflow.id}",
        cause="another client changed the weights during this step, so the gate results no longer apply",
        fix="search CloudTrail for ModifyListener; the workflow rolls back",
    )
    error.weights = weights
    return error
