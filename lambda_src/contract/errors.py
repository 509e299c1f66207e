"""Errors of the switch function, and what each means to who called it.

As of common/errors.py, with `{"weights": {"blue": int, "green": int} | null, "gates": [...]}`: production's
weights as they stand when the error leaves the function, null when they could not be read; the verdicts of a
refusal (values.Verdict).

A class's docstring is its row of docs/errors.md: what happened, and, below, what to do.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from ..common.errors import FunctionError
from .values import Verdict, Weights


class Meaning(Enum):
    """What an error says of the request that it ends."""

    INVALID = "nothing begun: the request or the deployment is wrong"
    NOTHING_BEGUN = "nothing begun"
    REPEATABLE = "unfinished: the same request may be repeated"
    NOT_OURS = "belongs to another: who took over decides"
    INSPECT = "must be inspected"


class SwitchError(FunctionError):
    """Base of everything that the switch function raises on purpose."""

    meaning: ClassVar[Meaning]
    weights: Weights | None = None
    gates: tuple[Verdict, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the request has begun nothing."""
        return self.meaning in (Meaning.INVALID, Meaning.NOTHING_BEGUN)

    def to_json(self) -> dict[str, object]:
        return {
            **super().to_json(),
            "weights": self.weights.to_json() if self.weights else None,
            "gates": [gate.to_json() for gate in self.gates],
        }


class ValidationError(SwitchError):
    """The request is malformed, or names a step or an id that belongs to another request.

    Correct the keys that it lists.
    """

    meaning = Meaning.INVALID


class NotAdmittedError(SwitchError):
    """The request came by an alias, or to a function, that is not for its action; nothing was changed.

    Use `bluegreen`, which asks the right one. Otherwise search CloudTrail for the caller.
    """

    meaning = Meaning.INVALID


class NotAttestedError(SwitchError):
    """The request doesn't prove who sent it: no attestation, an expired, used or foreign one.

    Use `bluegreen`, which signs each request; check the machine's clock.
    """

    meaning = Meaning.NOTHING_BEGUN


class ConfigurationError(SwitchError):
    """The function's environment is incomplete; nothing was read.

    Run `bluegreen plan`: it shows what another client changed of the function.
    """

    meaning = Meaning.INVALID


class GatesNotPassedError(SwitchError):
    """The colour that would gain traffic fails a gate, or a gate is unreadable; no traffic was moved.

    See [Gates](#gates); `bluegreen preflight --to COLOUR` shows all of them.
    """

    meaning = Meaning.NOTHING_BEGUN


class LockedError(SwitchError):
    """Another request or shift holds the lock.

    Wait until the time that it names, or follow that shift. `bluegreen rollback` takes the lock from a shift.
    """

    meaning = Meaning.NOTHING_BEGUN


class LockLostError(SwitchError):
    """Another request took over while this one ran, or ended its shift: this one writes nothing more.

    Run `bluegreen history` to see which; usually a rollback, and right.
    """

    meaning = Meaning.NOT_OURS


class NothingToShiftError(SwitchError):
    """The first step gives the target no more than it has, or the target is the active colour of a share.

    Choose higher steps; `bluegreen rollback` ends a share.
    """

    meaning = Meaning.NOTHING_BEGUN


class NoWorkflowError(SwitchError):
    """No shift is in progress, or it waits for no approval.

    Run `bluegreen status`: it names the shift and its state.
    """

    meaning = Meaning.NOTHING_BEGUN


class AbortedError(SwitchError):
    """An operator ended the shift or the held share, or the request that set the share failed: rolled back.

    None needed.
    """

    meaning = Meaning.NOTHING_BEGUN


class ApprovalMissingError(SwitchError):
    """A step that needs an approval was sent without one; no traffic was moved.

    Search CloudTrail for the caller that invoked the function past the state machine.
    """

    meaning = Meaning.NOTHING_BEGUN


class ApprovalExpiredError(SwitchError):
    """The approval did not come within its timeout; the shift is rolled back.

    Start the shift again when an approver is available, or with a longer `--approval-timeout`.
    """

    meaning = Meaning.NOTHING_BEGUN


class StepOrderError(SwitchError):
    """A step of a workflow came out of order, or before the last one has baked; no traffic was moved.

    Search CloudTrail for the caller that invoked the function past the state machine.
    """

    meaning = Meaning.NOTHING_BEGUN


class NotWatchedError(SwitchError):
    """The execution that watches a held share could not be started; no traffic was moved.

    Its text names the call: permission, state machine or throttling. Then send the same request again.
    """

    meaning = Meaning.NOTHING_BEGUN


class DeadlineError(SwitchError):
    """The shift did not finish by its deadline; it is rolled back.

    Start it again with a longer `--deadline`, shorter bakes, or when an approver is available.
    """

    meaning = Meaning.NOTHING_BEGUN


class WeightsChangedError(SwitchError):
    """Another client changed the weights during the shift; it is rolled back.

    Search CloudTrail for `ModifyListener`, then begin again.
    """

    meaning = Meaning.NOTHING_BEGUN


class RollbackRefusedError(SwitchError):
    """`--to` is not where the migration came from: that would be a move forward, past all gates.

    Run `bluegreen switch --to …` or `bluegreen shift --to …`.
    """

    meaning = Meaning.NOTHING_BEGUN


class RollbackTargetUnknownError(SwitchError):
    """Neither records nor weights tell where a rollback leads.

    Name the colour: `bluegreen rollback --to blue`.
    """

    meaning = Meaning.NOTHING_BEGUN


class ActiveUnknownError(SwitchError):
    """A share was asked for while nothing tells which colour is active.

    Run `bluegreen reconcile`, or move all traffic with `bluegreen switch`.
    """

    meaning = Meaning.NOTHING_BEGUN


class ListenerStateError(SwitchError):
    """A listener is missing, or has not the declared shape: one forward by weight to blue and green, without
    stickiness, summing to 100.

    `bluegreen reconcile --repair --reason …`; a rollback works from any shape. A listener that is gone:
    [runbook](runbook.md#a-listener-was-deleted)
    """

    meaning = Meaning.NOTHING_BEGUN


class ServiceUnreadableError(SwitchError):
    """ECS has no service of the colour, or the service has no deployment.

    Run `bluegreen plan`: it shows what another client changed.
    """

    meaning = Meaning.NOTHING_BEGUN


class VerificationError(SwitchError):
    """A listener does not show the weights that were just written.

    Search CloudTrail for another client that writes them, then send the same request again.
    """

    meaning = Meaning.INSPECT


class AwsCallError(SwitchError):
    """An AWS call failed for good, after its retries.

    Its text has AWS's words: permission, throttling, outage. Then send the same request again.
    """

    meaning = Meaning.REPEATABLE
    # The same call may succeed a little later, as after throttling or without an answer.
    momentary = False


class OutOfTimeError(SwitchError):
    """Too little of the function's time was left to begin another call.

    Send the same request again; set a longer `[switch] timeout_seconds` if it comes often.
    """

    meaning = Meaning.REPEATABLE


# How Lambda ends a function, or fails to reach it: the request may have run, and may be repeated. Source:
# Step Functions developer guide, "Handling errors"; a function that dies says Runtime.ExitError, one that
# takes too long Sandbox.Timedout (both Lambda.Unknown in older runtimes).
UNHEARD = (
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
)


def named(*meanings: Meaning) -> tuple[str, ...]:
    """Types of the errors of these meanings, in order."""
    found = (kind.__name__ for kind in SwitchError.__subclasses__() if kind.meaning in meanings)
    return tuple(sorted(found))


def meaning_of(error_type: str) -> Meaning:
    """Of an `errorType`. What is none of the function's may have been ended by Lambda in the middle."""
    found = {kind.__name__: kind.meaning for kind in SwitchError.__subclasses__()}
    return found.get(error_type, Meaning.REPEATABLE)
