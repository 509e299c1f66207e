"""Errors of the switch function: raised, never returned, so that Lambda, Step Functions and callers see a
failure.

Lambda answers with `errorType` (the class name here) and `errorMessage` (`str(error)`), which is a JSON
document: `{"what", "where", "why", "mend": str, "weights": {"blue": int, "green": int} | null, "problems":
[...], "gates": [...]}`. `weights` are the production weights as they stand when the error leaves the
function; null when they could not be read. `gates`: the verdicts of a refusal, see gates.py.
https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Verdict, Weights

# Values come from outside: however large or deep they are, an error shows their beginning.
_SHOWN = 80
_shortened = reprlib.Repr()
_shortened.maxstring = _shortened.maxother = _SHOWN


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input. `value` is its shortened repr; None when the key is missing."""

    key: str
    value: str | None
    problem: str
    allowed: str

    @classmethod
    def of(cls, key: str, value: object, problem: str, allowed: str) -> Problem:
        return cls(key[:_SHOWN], _shortened.repr(value), problem, allowed)

    @classmethod
    def missing(cls, key: str, allowed: str) -> Problem:
        return cls(key, None, "is missing", allowed)


class SwitchError(Exception):
    """Base of everything that this function raises on purpose."""

    def __init__(
        self, *, what: str, where: str, why: str, mend: str, problems: Iterable[Problem] = ()
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.mend = mend
        self.problems = tuple(problems)
        self.weights: Weights | None = None
        self.gates: tuple[Verdict, ...] = ()

    def to_json(self) -> dict[str, object]:
        return {
            "what": self.what,
            "where": self.where,
            "why": self.why,
            "mend": self.mend,
            "weights": self.weights.to_json() if self.weights else None,
            "problems": [asdict(problem) for problem in self.problems],
            "gates": [gate.to_json() for gate in self.gates],
        }

    def __str__(self) -> str:
        return json.dumps(self.to_json())


class ValidationError(SwitchError):
    """The event is malformed; nothing was read or changed."""


class ConfigurationError(SwitchError):
    """The function's environment is incomplete or malformed; nothing was read or changed."""


class ListenerStateError(SwitchError):
    """A listener is missing, or has not the declared shape: one forward by weight to exactly blue and green,
    without stickiness, weights summing to 100. Nothing was changed.
    """


class GatesNotPassedError(SwitchError):
    """The side that would gain traffic is not fit for it, or that can't be seen; no traffic was moved."""


class LockedError(SwitchError):
    """Another request or workflow holds the lock; nothing was changed."""


class LockLostError(SwitchError):
    """Somebody else has taken the lock over: this request writes nothing more."""


class NothingToShiftError(SwitchError):
    """The workflow would not give the target more than it has, or would lead back; nothing was changed."""


class NoWorkflowError(SwitchError):
    """There is no such workflow in progress, or it doesn't wait for what was sent; nothing was changed."""


class AbortedError(SwitchError):
    """An operator wants the workflow to end: it moves no further."""


class ApprovalMissingError(SwitchError):
    """The workflow's plan has somebody approve this step, and nobody has: it moves no further."""


class ApprovalExpiredError(SwitchError):
    """The approval that the workflow waited for did not come in time: the workflow rolls back."""


class StepOrderError(SwitchError):
    """A workflow's request came out of order, or before the last step has baked; nothing was changed."""


class NotWatchedError(SwitchError):
    """The execution that watches a held share could not be started; no traffic was moved."""


class DeadlineError(SwitchError):
    """The workflow is not where it was to be by its deadline: it moves no further."""


class WeightsChangedError(SwitchError):
    """Somebody moved the weights past the workflow that is in progress."""


class RollbackRefusedError(SwitchError):
    """The target of a rollback is not where the migration came from; nothing was changed."""


class RollbackTargetUnknownError(SwitchError):
    """Neither the records nor the live weights tell where a rollback leads; nothing was changed."""


class ActiveUnknownError(SwitchError):
    """A partial shift was asked for while nothing tells which side is active; nothing was changed."""


class VerificationError(SwitchError):
    """A listener doesn't show the weights that were just written to it."""


class AwsCallError(SwitchError):
    """An AWS call failed for good, after its retries.

    `momentary`: the same call may succeed a little later, as after throttling or without an answer.
    """

    momentary = False


class OutOfTimeError(SwitchError):
    """Too little of the function's timeout is left to begin another AWS call."""
