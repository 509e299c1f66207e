"""The states of a Step Functions state machine as data, and the definition made of them.

Source: Amazon States Language specification; Step Functions developer guide, "State types" and "Handling
errors". Paths are JSONPath.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

Json = Mapping[str, Any]
EVERYTHING = ("States.ALL",)


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Tries again `attempts` times: after `seconds`, then after twice as long, but never `at_most` seconds.

    Each wait is a random part of that, so that many who were refused together don't come back together.
    """

    errors: Sequence[str]
    seconds: int
    attempts: int
    at_most: int

    def to_json(self) -> Json:
        """In the States Language."""
        return {
            "ErrorEquals": list(self.errors),
            "IntervalSeconds": self.seconds,
            "BackoffRate": 2,
            "MaxAttempts": self.attempts,
            "MaxDelaySeconds": self.at_most,
            "JitterStrategy": "FULL",
        }


@dataclass(frozen=True, kw_only=True)
class Catch:
    """Goes on at the state `then` with `{"Error", "Cause"}` at the path `at`; `at` "$": with nothing else."""

    errors: Sequence[str] = EVERYTHING
    then: str
    at: str

    def to_json(self) -> Json:
        """In the States Language."""
        return {"ErrorEquals": list(self.errors), "ResultPath": self.at, "Next": self.then}


@dataclass(frozen=True, kw_only=True)
class State:
    """`comment` tells the operator who looks at the execution what happens here."""

    comment: str
    kind: ClassVar[str]

    def to_json(self) -> Json:
        """In the States Language, what is not said left out."""
        found = {"Type": self.kind, "Comment": self.comment, **self.fields()}
        return {key: value for key, value in found.items() if value is not None}

    def fields(self) -> Json:
        """What this kind of state has besides type and comment."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Task(State):
    """Calls a service. `keep` picks from its result (ResultSelector) what goes to the path `at`.

    `at` None: the result is dropped. `timeout`: seconds, or a path to them.
    """

    resource: str
    parameters: Json
    timeout: int | str
    keep: Json | None = None
    at: str | None = None
    retry: Sequence[Retry] = ()
    catch: Sequence[Catch] = ()
    then: str
    kind = "Task"

    def to_json(self) -> Json:
        """A dropped result has to be said: without a ResultPath it would replace the input."""
        return {**super().to_json(), "ResultPath": self.at}

    def fields(self) -> Json:
        """See the class."""
        timeout = "TimeoutSecondsPath" if isinstance(self.timeout, str) else "TimeoutSeconds"
        return {
            "Resource": self.resource,
            "Parameters": self.parameters,
            timeout: self.timeout,
            "ResultSelector": self.keep,
            "Retry": [retry.to_json() for retry in self.retry] or None,
            "Catch": [catch.to_json() for catch in self.catch] or None,
            "Next": self.then,
        }


@dataclass(frozen=True, kw_only=True)
class Pass(State):
    """Makes `parameters` and puts them at the path `at`."""

    parameters: Json
    at: str = "$"
    then: str
    kind = "Pass"

    def fields(self) -> Json:
        """See the class."""
        return {"Parameters": self.parameters, "ResultPath": self.at, "Next": self.then}


@dataclass(frozen=True, kw_only=True)
class Wait(State):
    """Waits for as many seconds as stand at the path `seconds`."""

    seconds: str
    then: str
    kind = "Wait"

    def fields(self) -> Json:
        """See the class."""
        return {"SecondsPath": self.seconds, "Next": self.then}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Goes on at `then` if the value at the path `variable` passes `test` (such as BooleanEquals)."""

    variable: str
    test: str
    value: object
    then: str

    def to_json(self) -> Json:
        """In the States Language."""
        return {"Variable": self.variable, self.test: self.value, "Next": self.then}


@dataclass(frozen=True, kw_only=True)
class Choice(State):
    """The first rule that holds, or else `otherwise`."""

    rules: Sequence[Rule]
    otherwise: str
    kind = "Choice"

    def fields(self) -> Json:
        """See the class."""
        return {"Choices": [rule.to_json() for rule in self.rules], "Default": self.otherwise}


@dataclass(frozen=True, kw_only=True)
class Succeed(State):
    """The execution has SUCCEEDED; its output is what stands at the path `output`."""

    output: str
    kind = "Succeed"

    def fields(self) -> Json:
        """See the class."""
        return {"OutputPath": self.output}


@dataclass(frozen=True, kw_only=True)
class Fail(State):
    """The execution has FAILED with `error`; `cause` is a path or an intrinsic function."""

    error: str
    cause: str
    kind = "Fail"

    def fields(self) -> Json:
        """See the class."""
        return {"Error": self.error, "CausePath": self.cause}


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A state machine that begins at `start`; `timeout` in seconds for an execution as a whole."""

    comment: str
    start: str
    timeout: int
    states: Mapping[str, State] = field(default_factory=dict)

    def to_json(self) -> Json:
        """In the States Language."""
        return {
            "Comment": self.comment,
            "StartAt": self.start,
            "TimeoutSeconds": self.timeout,
            "States": {name: state.to_json() for name, state in self.states.items()},
        }
