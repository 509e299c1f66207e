"""Work under the lock: taken, carried out, and let go with an entry in the history, however it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from ..contract.actions import Action
from ..contract.errors import LockLostError, SwitchError
from ..contract.values import Colour, Verdict, Weights
from ..contract.workflow import State
from .control import Control
from .died import History, interrupted, unrecorded
from .gates import require
from .history import Entry, Result
from .invocation import Invocation
from .table import Claim, Taking
from .workflow import Workflow

_log = logging.getLogger("switch")


class Work:
    """What is done while this invocation has the lock."""

    def __init__(self, invocation: Invocation, control: Control, entry: Entry) -> None:
        self._invocation = invocation
        self.control = control
        self.entry = _completed_by_plan(invocation, control, entry)
        # What `done` writes of the control item besides freeing the lock, and what `failed` does.
        self.changes: dict[str, object] = {}
        self.changes_of_failure: Callable[[SwitchError], Mapping[str, object]] | None = None
        # Called once, before the first write to the platform: what `fence` writes of the control item.
        self.registered: Callable[[], Mapping[str, object]] = dict
        # The active colour once the move is made.
        self.active: Colour | None = None
        self.fenced = False
        # As the history has it once it is done.
        self.outcome = Result.DONE

    @property
    def workflow(self) -> Workflow:
        """The one that this request belongs to."""
        workflow = self.control.in_progress
        assert workflow is not None  # noqa: S101 - a STEP's claim was made on that condition
        return workflow

    def judged(self, verdicts: list[Verdict], doing: str) -> None:
        """Keep the gates' verdicts for the history; raises GatesNotPassedError."""
        self.entry = replace(self.entry, gates=tuple(verdicts))
        require(verdicts, doing)

    def fence(self) -> None:
        """Write down what was decided, if the lock is still ours."""
        changes = {} if self.fenced else self.registered()
        self.control = self._invocation.table.fence(self.control.token, self.entry, changes)
        self.fenced = True

    def decided(self, before: Weights, after: Weights, active: Colour) -> None:
        """Have the history say so. A repetition finds the traffic moved: what it came from is left over."""
        id_ = self._invocation.request.id
        first = next((died.before for died in self.control.died if died.id == id_ and died.before), before)
        self.entry, self.active = replace(self.entry, before=first, after=after), active

    def done(self, answer: Mapping[str, object]) -> None:
        """Let the lock go; the answer is kept for a repetition of the request."""
        entry = self.entry.ended(self.outcome, self._invocation.clock())
        fingerprint = self._invocation.request.fingerprint
        entries = [(entry, {"fingerprint": fingerprint, "answer": dict(answer)}), *self._left_over()]
        # A request that decided nothing, as `begin`, made the records follow nothing, either.
        left = () if self.active else unrecorded(self.control.died)
        self._let_go(entries, self.changes, left)

    def repeated(self) -> None:
        """Let the lock go: the request was carried out before."""
        self._let_go(self._left_over(), {}, unrecorded(self.control.died))

    def failed(self, error: SwitchError, changes: Mapping[str, object]) -> None:
        """Let the lock go after `error`. Of a lock that was lost there is nothing to let go."""
        if isinstance(error, LockLostError):
            return
        outcome = Result.REFUSED if error.refused else Result.FAILED
        entry = self.entry.ended(outcome, self._invocation.clock(), error)
        moved = [entry] if self.fenced and not error.refused else []
        # Not under the request's own id: that one may be sent again.
        entries = [(replace(entry, id=f"{entry.id}#{self.control.token}"), {}), *self._left_over()]
        try:
            self._let_go(entries, changes, unrecorded(self.control.died, *moved))
        except SwitchError as second:
            fields = {"error": type(second).__name__, **second.to_json()}
            _log.error("could not let the lock go: else it ends by itself", extra={"fields": fields})

    def _let_go(self, entries: list[History], changes: Mapping[str, object], left: tuple[Entry, ...]) -> None:
        self._invocation.table.let_go(self.control.token, entries, changes, left)

    def _left_over(self) -> list[History]:
        request, now = self._invocation.request, self._invocation.clock()
        return interrupted(self.control.died, request.id, self.control.token, now)


@contextmanager
def locked(invocation: Invocation, claim: Claim) -> Iterator[Work]:
    """The lock for the time of the block. What the block raises is recorded, and raised on."""
    request = invocation.request
    now = invocation.clock()
    taking = Taking(
        claim=claim,
        attempt=invocation.attempt,
        now=now.timestamp(),
        until=invocation.busy_until,
        current=Entry.begun(request, now),
        workflow=request.workflow,
    )
    work = Work(invocation, invocation.table.take(taking), taking.current)
    try:
        yield work
    except SwitchError as error:
        work.failed(error, _after_failure(work, invocation, error))
        raise


def claim_of(invocation: Invocation) -> Claim:
    """How a request that moves traffic, its records, or the ledger, gets the lock."""
    request = invocation.request
    if request.workflow:
        alone = request.plan is not None and request.plan.only_ledger
        beginnings = {Action.BEGIN: Claim.BEGIN, Action.BEGIN_LEDGER: Claim.LEDGER if alone else Claim.STEP}
        return beginnings.get(request.action, Claim.STEP)
    claims = {
        Action.ROLLBACK: Claim.TAKEOVER,
        Action.RECONCILE: Claim.ORDINARY,
        Action.DEPLOY: Claim.ORDINARY,
    }
    return claims.get(invocation.request.action, Claim.MOVE)


def closing(control: Control, invocation: Invocation) -> dict[str, object]:
    """What becomes of the workflow that holds the lock, when a request that isn't its own was carried out."""
    workflow = control.in_progress
    if workflow is None:
        return {}
    now = invocation.clock()
    alive = control.lease_until > now.timestamp()
    state = State.SUPERSEDED if alive else State.INTERRUPTED
    by = f"{invocation.request.action} {invocation.request.id}"
    return released(workflow.ended(state, now, by))


def released(workflow: Workflow) -> dict[str, object]:
    """The control item's changes at the end of a workflow."""
    gone: dict[str, object] = dict.fromkeys(("holder", "lease_until", "approval", "abort", "yields"))
    return gone | {"workflow": workflow.stored()}


def _completed_by_plan(invocation: Invocation, control: Control, entry: Entry) -> Entry:
    """The entry of what is at work; what a workflow's request says not, its plan does."""
    request, workflow = invocation.request, control.in_progress
    plan = request.plan
    if workflow is not None and workflow.id == request.workflow:
        plan = workflow.plan  # whose caller is proven
    if plan is None:
        return entry
    back = request.action is Action.ROLLBACK and not plan.image  # a deployment goes back on its own colour
    target = plan.target.other if back else plan.target
    reason = entry.reason or request.cause or plan.reason
    return replace(entry, target=target, by=entry.by or plan.by, reason=reason)


def _after_failure(work: Work, invocation: Invocation, error: SwitchError) -> dict[str, object]:
    """A workflow whose rollback fails keeps the lock: the state machine tries again."""
    if work.changes_of_failure:
        return dict(work.changes_of_failure(error))
    workflow = work.control.in_progress
    own = workflow is not None and workflow.id == invocation.request.workflow
    if workflow is None or not own or invocation.request.action is not Action.ROLLBACK:
        return {}
    return {"workflow": workflow.ended(State.FAILED, invocation.clock(), error.what).stored()}
