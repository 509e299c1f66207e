"""A held share: what an operator's `shift` sets with a percentage, watched until its time limit.

The function itself moves the traffic, so that the operator gets its answer. An execution of the state machine
then watches the share as it watches a step that bakes (waiting.py), and rolls all traffic back to the active
colour at the limit, or when a gate fails. It never moves traffic forward.

The order, and why:

 1. Under the lock, and after the gates: start the execution. If that fails, nothing has moved.
 2. Register the share as the workflow in progress, in the write that also fences the lock.
 3. Move, record, and let the lock go with the share as `holding`.

The execution's first look comes when the share may not be registered yet, or not be moved: as long as a
request has the lock, it only waits (waiting.py). If this request dies or fails after step 2, the execution
finds that and rolls back. The next move of an operator ends the hold: so a share can be followed by a larger
one, by all traffic, or by a shift.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..contract.errors import AbortedError, NotWatchedError, SwitchError
from ..contract.request import Plan
from ..contract.values import Weights
from ..contract.workflow import SHARE_PREFIX, State
from .control import Control
from .effects import Effects
from .history import stamp
from .invocation import Invocation
from .lock import Work
from .traffic import move_traffic
from .workflow import LEASE_SLACK_SECONDS, Workflow

# Who ends a hold whose own request failed, as the operator reads it.
FUNCTION = "the switch function"


def set_share(invocation: Invocation, work: Work) -> dict[str, object]:
    """Give the target its share, and have it watched. Raises NotWatchedError before anything has moved."""
    share = _Share(invocation, work)
    work.registered = share.register
    answer = move_traffic(invocation, work, invocation.request.target)
    if answer.get("repeated"):
        return answer
    if not work.fenced:  # the share stands already, with nothing to write: it is held anew
        try:
            work.fence()
        except SwitchError as error:
            error.weights = work.entry.after
            raise
    return answer | share.stands()


def being_set(control: Control, workflow: Workflow | None, now: float) -> bool:
    """Whether a request with the lock may still be registering the share, or moving the traffic to it."""
    return control.busy_until > now and (workflow is None or workflow.state is State.RUNNING)


def is_share(workflow_id: str | None) -> bool:
    """By its name, which is all that is left of a share after the next one was registered."""
    return (workflow_id or "").startswith(SHARE_PREFIX)


def require_set(workflow: Workflow) -> None:
    """Raises AbortedError for a share whose request ended before it was set."""
    if workflow.plan.hold and workflow.state is State.RUNNING:
        raise AbortedError(
            what=f"the request that was to set {workflow.plan.steps[0]} % ended before the share stood",
            where=f"workflow {workflow.id}",
            cause="where its traffic stands is not certain: all of it goes back to the active colour",
            fix="wait for the rollback (`status`), then send the request again",
        )


class _Share:
    """One share, from its registration to its end."""

    def __init__(self, invocation: Invocation, work: Work) -> None:
        self._invocation, self._work = invocation, work
        self._workflow: Workflow | None = None

    def register(self) -> Mapping[str, object]:
        """Start the execution that watches; what the control item is to say of it."""
        workflow = self._begun()
        wait = self._invocation.settings.verify_seconds
        try:
            Effects.of(self._invocation).start_execution(
                workflow.id, {"hold": True, "step": 0, "last": 0, "look": {"wait_seconds": wait}}
            )
        except SwitchError as error:
            raise _not_watched(workflow, error) from error
        self._workflow, self._work.changes_of_failure = workflow, self._abandoned
        return self._registered(workflow)

    def stands(self) -> dict[str, object]:
        """The traffic has moved. Returns what the answer says of the hold."""
        assert self._workflow is not None  # noqa: S101 - `fence` has registered it
        workflow = self._workflow.shifted(0, self._invocation.clock())
        self._work.changes = self._registered(workflow)
        return {"workflow": workflow.id, "held_until": workflow.baking_until}

    def _abandoned(self, error: SwitchError) -> Mapping[str, object]:
        """After a failure: the execution rolls back, wherever the traffic is."""
        assert self._workflow is not None  # noqa: S101 - set beside it
        reason = f"{type(error).__name__}: {error.what}"
        abort = {"by": FUNCTION, "reason": reason, "at": stamp(self._invocation.clock())}
        return self._registered(self._workflow) | {"abort": abort}

    def _registered(self, workflow: Workflow) -> dict[str, object]:
        lease = self._invocation.settings.verify_seconds + LEASE_SLACK_SECONDS
        gone: dict[str, Any] = dict.fromkeys(("approval", "abort"))
        return gone | {
            "workflow": workflow.stored(),
            "holder": workflow.id,
            "lease_until": self._invocation.clock().timestamp() + lease,
            "yields": workflow.id,
        }

    def _begun(self) -> Workflow:
        """The share as one of the colour that isn't active, whichever the request named."""
        invocation, entry, active = self._invocation, self._work.entry, self._work.active
        assert active is not None  # noqa: S101 - decided before the first write
        assert entry.after is not None  # noqa: S101
        target, request, now = active.other, invocation.request, invocation.clock()
        plan = Plan(
            target=target,
            steps=(entry.after.of(target),),
            bake_seconds=request.hold_seconds or invocation.settings.hold_seconds,
            reason=request.reason,
            by=request.by,
            hold=True,
        )
        before = entry.before or Weights.giving(active, 100)
        # The name is this attempt's alone: a repetition starts another execution, and the first one ends.
        id_ = f"{SHARE_PREFIX}{now:%Y%m%dT%H%M%S}-{invocation.attempt[:8]}"
        return Workflow.begun(id_, plan, now, percent=before.of(target))


def _not_watched(workflow: Workflow, error: SwitchError) -> NotWatchedError:
    return NotWatchedError(
        what=f"the execution {workflow.id} that would watch the share could not be started: {error.what}",
        where=error.where,
        cause="a share that nothing watches would stay on a failing colour; no traffic was moved",
        fix="fix what the call names, then send the same request again",
    )
