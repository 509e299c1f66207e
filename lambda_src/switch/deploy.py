"""A new version of the colour that serves no traffic: `deploy`, and the way back.

The order, and why:

 1. Under the lock: the gates. The colour gets no traffic, nothing routes past the weights, the image is in
    the colour's repository, nothing is frozen.
 2. Start the execution that looks at the rollout. If that fails, nothing has changed.
 3. Register the deployment as the workflow in progress, in the write that also fences the lock. From here on
    a shift is refused, and the execution finds a request that died or failed, and goes back.
 4. Register the revision: a copy of the one that runs, with another image. Record the image in the
    colour's parameter. Update the service.
 5. Let the lock go. The execution looks until all tasks are healthy; then `finalize` ends the workflow.

In step 4 the service comes last: whatever it runs is recorded. A death before it leaves a revision or a
record of an image that does not run; the way back, or `reconcile`, makes all three agree.

The way back is a deployment of the image before: again a revision, the record and the service, so that
Terraform, which compares the newest revision, finds what runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..common.errors import Problem
from ..contract.cause import ENDINGS
from ..contract.errors import NotWatchedError, SwitchError, ValidationError
from ..contract.gates import Gate
from ..contract.images import ROLLOUT_SECONDS, Image, repository_of
from ..contract.request import Plan
from ..contract.values import Colour, Verdict, Weights
from ..contract.workflow import DEPLOY_PREFIX, Next, State
from .agreement import agree
from .effects import Effects
from .history import Result, stamp
from .hold import FUNCTION
from .invocation import Invocation
from .lock import Work, released
from .order import out_of_order
from .rollout import complete, revision_of
from .services import Deployed
from .traffic import repetition
from .waiting import lease
from .workflow import LEASE_SLACK_SECONDS, Workflow


def begin(invocation: Invocation, work: Work) -> dict[str, object]:
    """Have the target run the image. Raises ValidationError, GatesNotPassedError, NotWatchedError before
    anything has changed.
    """
    request, gateway, target = invocation.request, invocation.gateway, invocation.request.target
    assert target is not None  # noqa: S101 - the event's table asks for it
    image = _allowed(invocation, target)
    (listeners, deployed, there, finished), _ = invocation.look(
        gateway.listeners,
        lambda: gateway.services.deployed(target),
        lambda: gateway.services.has(image),
        lambda: invocation.table.finished(request.id),
    )
    if finished:
        return repetition(finished, request.fingerprint)
    share: Weights | None = listeners.production.share
    verdicts = [
        _serves(target, share),
        _at_rest(target, deployed),
        Verdict(Gate.IMAGE, there, _said(there), f"{request.image} in its repository", target),
        listeners.verdict(),
        *invocation.gates.here(work.control),
    ]
    work.judged(verdicts, f"deploying to {target}")
    new = _New(invocation, work, deployed)
    if deployed.live.image == request.image and not deployed.problems:
        return new.answer(None)
    work.registered, work.changes_of_failure = new.register, new.abandoned
    work.fence()
    return new.answer(new.roll_out())


def go_back(invocation: Invocation, work: Work) -> dict[str, object]:
    """Have the colour run what it ran before, whatever the deployment has come to. Of an execution that was
    stopped, the workflow ends with that: none is left that looks.
    """
    request, workflow, now = invocation.request, work.workflow, invocation.clock()
    stopped = request.raw_cause in ENDINGS
    finished = invocation.table.finished(request.id)
    if finished and not stopped:
        return repetition(finished, request.fingerprint)
    target, before = workflow.plan.target, str((workflow.deployment or {})["before"])
    work.entry = replace(work.entry, deployment={"from": workflow.plan.image, "to": before})
    deployed = invocation.gateway.services.deployed(target)
    revision = agree(invocation, work, target, deployed, before)
    back = replace(
        workflow,
        state=State.GOING_BACK,
        cause=workflow.cause or request.cause,
        raw_cause=workflow.raw_cause or request.raw_cause or None,
        deadline_at=stamp(now + timedelta(seconds=ROLLOUT_SECONDS)),
        deployment={"before": before, "revision": revision},
    )
    if stopped:
        # Its own id may be in the history already: of the way back that the execution had begun.
        work.entry = replace(work.entry, id=f"{work.entry.id}#{request.raw_cause.lower()}")
        work.changes = released(back.ended(State.INTERRUPTED, now, request.cause, request.raw_cause))
    else:
        wait = invocation.settings.verify_seconds
        work.changes = {"workflow": back.stored(), "lease_until": lease(invocation, wait), "abort": None}
    return _answer(invocation, workflow) | {
        "image": before,
        "cause": back.cause,
        "wait_seconds": invocation.settings.verify_seconds,
    }


def finish(invocation: Invocation, work: Work) -> dict[str, object]:
    """The rollout has ended: of the deployment well, of the way back as it may."""
    request, workflow = invocation.request, work.workflow
    finished = invocation.table.finished(request.id)
    if finished:
        return repetition(finished, request.fingerprint)
    rollout = invocation.gateway.services.rollout(workflow.plan.target)
    ended, back = complete(workflow, rollout), workflow.state is State.GOING_BACK
    if not ended and not back:
        raise out_of_order(workflow, "finalize")
    state = (State.ROLLED_BACK if ended else State.FAILED) if back else State.COMPLETED
    before, image = str((workflow.deployment or {})["before"]), workflow.plan.image
    runs = before if back else image
    work.entry = replace(work.entry, deployment={"from": image if back else before, "to": runs})
    work.outcome = Result.FAILED if state is State.FAILED else Result.DONE
    cause = workflow.cause
    if state is State.FAILED:
        cause = f"{cause}; the way back has not ended: {rollout.reason or rollout.state}"
    work.changes = released(workflow.ended(state, invocation.clock(), cause, workflow.raw_cause))
    return _answer(invocation, workflow) | {
        "image": runs,
        "cause": cause,
        "outcome": state,
        "next": Next.END,
    }


class _New:
    """One deployment, from its registration to the update of the service."""

    def __init__(self, invocation: Invocation, work: Work, deployed: Deployed) -> None:
        self._invocation, self._work, self._deployed = invocation, work, deployed
        request, now = invocation.request, invocation.clock()
        assert request.target is not None  # noqa: S101 - as above
        plan = Plan(
            target=request.target,
            steps=(),
            bake_seconds=0,
            image=request.image,
            reason=request.reason,
            by=request.by,
        )
        # The name is this attempt's alone, as that of a share (hold.py).
        id_ = f"{DEPLOY_PREFIX}{now:%Y%m%dT%H%M%S}-{invocation.attempt[:8]}"
        self._workflow = replace(
            Workflow.begun(id_, plan, now, percent=0),
            deployment={"before": deployed.live.image, "revision": None},
        )
        work.entry = replace(work.entry, deployment={"from": deployed.live.image, "to": request.image})

    def register(self) -> Mapping[str, object]:
        """Start the execution that looks; what the control item is to say of it."""
        wait = self._invocation.settings.verify_seconds
        try:
            Effects.of(self._invocation).start_execution(
                self._workflow.id, {"deploy": True, "step": 0, "look": {"wait_seconds": wait}}
            )
        except SwitchError as error:
            raise _not_watched(self._workflow, error) from error
        return self._registered(self._workflow)

    def roll_out(self) -> Workflow:
        """Revision, record, service."""
        plan = self._workflow.plan
        effects = Effects.of(self._invocation)
        revision = effects.register(self._deployed.live, plan.image)
        if self._deployed.recorded != plan.image:
            effects.record_image(plan.target, plan.image)
        effects.run(plan.target, revision)
        deployment = {"before": self._deployed.live.image, "revision": revision}
        begun = replace(self._workflow, state=State.DEPLOYING, deployment=deployment)
        self._work.changes = self._registered(begun)
        return begun

    def abandoned(self, error: SwitchError) -> Mapping[str, object]:
        """After a failure: the execution goes back, whatever was written."""
        if not self._work.fenced:
            return {}
        reason = f"{type(error).__name__}: {error.what}"
        abort = {"by": FUNCTION, "reason": reason, "at": stamp(self._invocation.clock())}
        return self._registered(self._workflow) | {"abort": abort}

    def answer(self, begun: Workflow | None) -> dict[str, object]:
        """`begun` None: the colour runs the image already."""
        answer = _answer(self._invocation, begun or self._workflow)
        return answer | {
            "workflow": begun.id if begun else None,
            "changed": begun is not None,
            "before": self._deployed.live.image,
            "image": self._invocation.request.image,
            "revision": revision_of(begun).rpartition("/")[2] if begun else None,
            "gates": [verdict.to_json() for verdict in self._work.entry.gates],
        }

    def _registered(self, workflow: Workflow) -> dict[str, object]:
        lease_until = self._invocation.settings.verify_seconds + LEASE_SLACK_SECONDS
        gone: dict[str, Any] = dict.fromkeys(("approval", "abort", "yields"))
        return gone | {
            "workflow": workflow.stored(),
            "holder": workflow.id,
            "lease_until": self._invocation.clock().timestamp() + lease_until,
        }


def _allowed(invocation: Invocation, target: Colour) -> Image:
    """The image, which the event's table has found to be one by digest. Raises ValidationError."""
    given, repository = invocation.request.image, invocation.settings.of(target).repository
    image = Image.read(given)
    if image is not None and repository_of(given) == repository:
        return image
    raise ValidationError(
        what=f"image = {given} is not of {target}'s repository",
        where="event of the switch function",
        cause="only images of the repository that the configuration names are deployed; nothing was changed",
        fix=f"push the image to {repository}, and deploy it from there",
        problems=[Problem.of("image", given, "is of another repository", f"{repository}@sha256:…")],
    )


def _serves(target: Colour, share: Weights | None) -> Verdict:
    value = f"{target} gets {share.of(target)} % of the traffic" if share else "the weights are unreadable"
    fix = f"deploy to {target.other}, or shift the traffic to it first"
    return Verdict(Gate.SERVING, share is not None and not share.of(target), value, "no traffic", target, fix)


def _at_rest(target: Colour, deployed: Deployed) -> Verdict:
    rollout = deployed.rollout
    value = f"its service has {rollout.running} of {rollout.desired} tasks, {rollout.state}"
    fix = "wait until ECS has replaced its tasks, then deploy again"
    return Verdict(Gate.SERVING, not deployed.moving, value, "no rollout in progress", target, fix)


def _said(there: object) -> str:
    return "the image is there" if there else "no such image"


def _answer(invocation: Invocation, workflow: Workflow) -> dict[str, object]:
    request = invocation.request
    return {
        "action": request.action.value,
        "request_id": request.id,
        "workflow": workflow.id,
        "target": workflow.plan.target,
        "repeated": False,
    }


def _not_watched(workflow: Workflow, error: SwitchError) -> NotWatchedError:
    return NotWatchedError(
        what=f"the execution {workflow.id} that would watch the rollout could not be started: {error.what}",
        where=error.where,
        cause="a version whose tasks don't become healthy would stay; nothing was changed",
        fix="fix what the call names, then send the same request again",
    )
