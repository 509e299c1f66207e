"""How the rollout of a deployment stands: `verify` of its execution, and `deployment` for who follows it.

The execution that `deploy` starts looks again and again. Its look says what comes next:

- `wait`: ECS replaces tasks
- `finalize`: all tasks run the revision, or the way back has ended
- `roll_back`, with the `cause`: tasks don't become healthy, ECS rolled back by itself, an operator aborted
  it, the deadline is over, or the request that began it died. The function then goes back (deploy.py)
"""

from __future__ import annotations

from ..contract.actions import Action
from ..contract.errors import SwitchError
from ..contract.values import Colour
from ..contract.workflow import DEPLOY_PREFIX, Look, Next, State
from .control import Control, told_of
from .invocation import Invocation
from .services import COMPLETED, FAILED, Rollout
from .workflow import Workflow


def is_deployment(workflow_id: str | None) -> bool:
    """By its name, which is all that is left of one after the next workflow has begun."""
    return (workflow_id or "").startswith(DEPLOY_PREFIX)


def look(invocation: Invocation, workflow: Workflow, control: Control) -> Look:
    """What comes next of a deployment in progress."""
    every = invocation.settings.verify_seconds
    if workflow.state is State.GOING_BACK:
        rollout = invocation.gateway.services.rollout(workflow.plan.target)
        ended = complete(workflow, rollout) or _trouble(invocation, workflow, rollout)
        return Look(Next.FINALIZE if ended else Next.WAIT, 0 if ended else every)
    if control.abort:
        return Look(Next.ROLL_BACK, 0, told_of(control.abort))
    if workflow.state is not State.DEPLOYING:
        return Look(Next.ROLL_BACK, 0, "the request that began it ended before the service was updated")
    rollout = invocation.gateway.services.rollout(workflow.plan.target)
    if complete(workflow, rollout):
        return Look(Next.FINALIZE, 0)
    cause = _trouble(invocation, workflow, rollout)
    return Look(Next.ROLL_BACK, 0, cause) if cause else Look(Next.WAIT, every)


def complete(workflow: Workflow, rollout: Rollout) -> bool:
    """Whether all tasks of the service are healthy ones of the deployment's revision."""
    return rollout.state == COMPLETED and rollout.revision == revision_of(workflow)


def revision_of(workflow: Workflow) -> str:
    """ARN of the revision whose rollout is looked at; empty before it is registered."""
    return str((workflow.deployment or {}).get("revision") or "")


def shown(invocation: Invocation) -> dict[str, object]:
    """The action `deployment`: the workflow of that name, and the rollout of its colour. It only reads."""
    request = invocation.request
    answer: dict[str, object] = {"action": request.action.value, "request_id": request.id}
    control = invocation.table.read()
    workflow = control.workflow
    if workflow is None or workflow.id != request.workflow:
        finished = invocation.table.finished(f"{request.workflow}/{Action.FINALIZE}")
        ended = finished[1] if finished else {}
        return answer | {"workflow": None, "outcome": ended.get("outcome"), "rollout": None, "stopped": []}
    rollout = invocation.gateway.services.rollout(workflow.plan.target)
    return answer | {
        "workflow": control.workflow_json(),
        "outcome": workflow.state if workflow.finished_at else None,
        "rollout": rollout.to_json(),
        "stopped": list(_stopped(invocation, workflow.plan.target, rollout.revision)),
    }


def _trouble(invocation: Invocation, workflow: Workflow, rollout: Rollout) -> str | None:
    """Why the rollout will not end well, in one sentence; None while it may."""
    name = revision_of(workflow).rpartition("/")[2]
    if rollout.revision != revision_of(workflow):
        why = f"ECS rolled {name} back to {rollout.revision.rpartition('/')[2]}"
    elif rollout.state == FAILED:
        why = f"the rollout of {name} failed"
    elif workflow.overdue(invocation.clock()):
        why = f"{rollout.running} of {rollout.desired} tasks of {name} run by {workflow.deadline_at}"
    else:
        return None
    return "; ".join([why, *_stopped(invocation, workflow.plan.target, revision_of(workflow))])


def _stopped(invocation: Invocation, colour: Colour, revision: str) -> tuple[str, ...]:
    try:
        return invocation.gateway.services.stopped(colour, revision)
    except SwitchError as error:
        return (f"why its tasks stopped is unknown: {error.what}",)
