"""The client of the state machine that shifts traffic step by step: start one execution, look at one.

The errors are those of `client.py`, and mean the same for the traffic. Other than a request to the function,
a start is repeated by itself: Step Functions takes the same name with the same input for the same execution.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from bluegreen.aws import Access
from bluegreen.operate.client import NotReachableError, OutcomeUnknownError, SwitchError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_stepfunctions import SFNClient

READ_TIMEOUT_SECONDS = 10
PAUSES_SECONDS = (0.2, 0.8, 3.2)  # between attempts
THROTTLED = frozenset({"ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"})
HINTS = {
    "AccessDeniedException": "use an identity that may StartExecution and DescribeExecution of it",
    "ExecutionLimitExceeded": "wait for other executions of this account to end, then repeat it",
    "ExpiredTokenException": "log in again: the credentials have expired",
    "StateMachineDoesNotExist": "check account and region: `--state-machine ARN` names one without the state",
    "UnrecognizedClientException": "use credentials of the account that the state machine is in",
}

Answer = TypeVar("Answer")


class NoExecutionError(SwitchError):
    """There is no execution of that name: it never began, or Step Functions has forgotten it (90 days)."""


class NameTakenError(SwitchError):
    """Another execution, with another plan, has that name already; nothing was started."""


class _TransientError(NotReachableError):
    """It did not run, and may the next time."""


@dataclass(frozen=True)
class Execution:
    """`status`: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED; `error` and `cause` of one that failed,
    `output`, JSON, of one that succeeded.
    """

    name: str
    arn: str
    status: str
    error: str | None = None
    cause: str | None = None
    output: str | None = None

    @property
    def running(self) -> bool:
        return self.status in {"RUNNING", "PENDING_REDRIVE"}


@dataclass(frozen=True)
class ShiftMachine:
    """The state machine at `arn`, of the AWS and with the credentials of `access`."""

    arn: str
    access: Access

    def start(self, name: str, plan: dict[str, Any]) -> Execution:
        """Begin to carry out `plan` under `name`; the same again changes nothing. Raises SwitchError."""
        given = json.dumps(plan, sort_keys=True)
        client = self._client
        try:
            started = self._call(
                lambda: client.start_execution(stateMachineArn=self.arn, name=name, input=given)
            )
        except NameTakenError:
            # A first attempt whose answer was lost, and that has already ended, looks like this, too.
            found = self._describe(name)
            if json.loads(found["input"]) != plan:
                raise
            return _execution(found)
        return Execution(name, started["executionArn"], "RUNNING")

    def describe(self, name: str) -> Execution:
        """The execution called `name` as it is now. Raises SwitchError."""
        return _execution(self._describe(name))

    def __str__(self) -> str:
        return f"state machine {self.arn.rpartition(':')[2]} in {self.access}"

    def _describe(self, name: str) -> Mapping[str, Any]:
        arn = f"{self.arn.replace(':stateMachine:', ':execution:')}:{name}"
        client = self._client
        return self._call(lambda: client.describe_execution(executionArn=arn))

    @cached_property
    def _client(self) -> "SFNClient":
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - loading it takes long

        try:
            client: SFNClient = self.access.client(
                "stepfunctions", read_timeout=READ_TIMEOUT_SECONDS, attempts=1
            )
        except (BotoCoreError, ValueError) as error:  # no such profile, malformed endpoint or region
            raise NotReachableError(f"{self} can't be called: {error}") from error
        return client

    def _call(self, call: Callable[[], Answer]) -> Answer:
        """Repeated here and not by botocore, which tells of its last attempt only: an earlier one may have
        begun something.
        """
        unknown: SwitchError | None = None
        failure: SwitchError
        for pause in (*PAUSES_SECONDS, None):
            try:
                return self._once(call)
            except OutcomeUnknownError as error:
                failure = unknown = error
            except _TransientError as error:
                failure = error
            if pause is not None:
                time.sleep(pause)
        raise unknown or failure

    def _once(self, call: Callable[[], Answer]) -> Answer:
        from botocore import exceptions  # noqa: PLC0415 - as above

        try:
            return call()
        except exceptions.ClientError as error:
            raise self._refused(error) from error
        except exceptions.HTTPClientError as error:
            raise OutcomeUnknownError(f"{self} gave no answer: {error}") from error
        except exceptions.ConnectionError as error:
            raise _TransientError(f"{self} was not reached: {error}") from error
        except exceptions.BotoCoreError as error:  # no credentials: nothing was sent
            raise NotReachableError(f"{self} was not reached: {error}") from error

    def _refused(self, error: "ClientError") -> SwitchError:
        code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return OutcomeUnknownError(f"Step Functions failed, called for {self}: {code} {message}")
        match code:
            case "ExecutionDoesNotExist":
                return NoExecutionError(f"{self} has no such execution: {message}")
            case "ExecutionAlreadyExists":
                return NameTakenError(f"{self} has had an execution of that name: {message}")
        hint = HINTS.get(code)
        said = f"{self} refused it: {code} {message}"
        kind = _TransientError if code in THROTTLED else NotReachableError
        return kind(said + (f"\n  fix: {hint}" if hint else ""))


def _execution(described: Mapping[str, Any]) -> Execution:
    return Execution(
        described["name"],
        described["executionArn"],
        described["status"],
        described.get("error"),
        described.get("cause"),
        described.get("output"),
    )
