"""The client of the deployed switch function: one request, one result or one typed error.

It talks to the function as any client would, through Lambda's Invoke API. A failure's type says what it means
for the traffic: `NotReachableError`: the function did not run; `FunctionFailedError`: it ran and said why;
`OutcomeUnknownError`: unknown.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bluegreen.aws import Access
from bluegreen.operate.identity import IdentityUnknownError, arn_of, attest
from lambda_src.contract.actions import Action
from lambda_src.contract.aliases import READS, Alias, alias_for, read_of, unqualified
from lambda_src.contract.attestation import KEY

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# What changes nothing needs no proof of who asks.
UNSIGNED = READS | {Action.DEPLOYMENT}
MAXIMUM_FUNCTION_TIMEOUT_SECONDS = 900  # Lambda's own limit, for a function whose timeout isn't known
ANSWER_MARGIN_SECONDS = 15  # cold start and the way back, on top of the function's timeout
# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
MAY_HAVE_RUN = frozenset({"ServiceException", "InternalFailure", "InternalServerError"})
HINTS = {
    "AccessDeniedException": "use an identity that may lambda:InvokeFunction on {name}",
    "ExpiredTokenException": "log in again: the credentials have expired",
    "ResourceNotFoundException": "check account and region; `--function ARN` names one without the state. A "
    "platform of an earlier version has no {name}: apply this one",
    "TooManyRequestsException": "wait a minute and send the same request again",
    "UnrecognizedClientException": "use credentials of the account that the function is in",
}

Weights = dict[str, int]
Verdict = Mapping[str, Any]  # one gate's: gate, colour (None: of both), passed, value, threshold


class SwitchError(Exception):
    """A request to the switch function failed. The message says what, where, why, and what to do."""


class NotReachableError(SwitchError):
    """The function did not run: none there, no way to it, no permission, no capacity. Nothing was changed."""


class OutcomeUnknownError(SwitchError):
    """The request was sent, no answer came: the function may have run, may be running, or never started."""


class FunctionFailedError(SwitchError):
    """The function ran and raised, or Lambda ended it.

    `error_type`: the function's (GatesNotPassedError, ...) or Lambda's (Sandbox.Timedout, ...); `weights`:
    production weights as they stood when it failed, None where the function could not say; `gates`: the
    verdicts that it had reached by then; `message`: without the fix.
    """

    def __init__(
        self,
        error_type: str,
        message: str,
        weights: Weights | None,
        gates: Sequence[Verdict] = (),
        fix: str = "",
    ) -> None:
        self.error_type = error_type
        self.message = message
        self.weights = weights
        self.gates = tuple(gates)
        self.fix = fix
        super().__init__(f"{message}\n  fix: {fix}" if fix else message)


@dataclass(frozen=True)
class Function:
    """Where a function is. `name`: or its ARN. `endpoint_url` None: AWS itself; `environment` None: boto3's
    own credentials.
    """

    name: str
    region: str
    endpoint_url: str | None = None
    environment: Mapping[str, str] | None = field(default=None, repr=False)
    timeout_seconds: int = MAXIMUM_FUNCTION_TIMEOUT_SECONDS

    def invoke(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send `request` (`action`, and `target`, `percent`, `reason` where it has them); return the result.

        Sent once, never again: only the caller knows whether repeating is right. Raises SwitchError.
        """
        # Imported here: boto3 takes longer to load than most verbs of the command line take to run.
        from botocore import exceptions  # noqa: PLC0415

        client, asked = self._client, self._asked(request)
        given = self._given(request)
        try:
            answer = client.invoke(FunctionName=asked, Payload=json.dumps(given).encode())
            payload = answer["Payload"].read()
        except exceptions.ClientError as error:
            raise self._lambda_failed(error.response["Error"], asked) from error
        except (exceptions.HTTPClientError, exceptions.IncompleteReadError) as error:
            raise OutcomeUnknownError(f"{self} gave no answer to {request}: {error}") from error
        except exceptions.BotoCoreError as error:  # no connection, no credentials: nothing was sent
            raise NotReachableError(f"{self} was not reached: {error}") from error
        if "FunctionError" in answer:
            raise function_failed(payload)
        result: dict[str, Any] = json.loads(payload)
        return result

    def __str__(self) -> str:
        return f"function {unqualified(self.name).rpartition(':')[2]} in {self.access}"

    def _asked(self, _: Mapping[str, Any]) -> str:
        """What is invoked for the request."""
        return self.name

    def _given(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What is sent for it."""
        return dict(request)

    @property
    def access(self) -> Access:
        """The AWS that the function is in."""
        return Access(self.region, self.endpoint_url, self.environment)

    @cached_property
    def _client(self) -> "LambdaClient":
        """Made once: who follows a shift asks again and again."""
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415

        try:
            client: LambdaClient = self.access.client(
                "lambda", read_timeout=self.timeout_seconds + ANSWER_MARGIN_SECONDS, attempts=1
            )
        except (BotoCoreError, ValueError) as error:  # no such profile, malformed endpoint or region
            raise NotReachableError(f"{self} can't be called: {error}") from error
        return client

    def _lambda_failed(self, error: Mapping[str, Any], asked: str) -> SwitchError:
        """The error of Invoke itself; its 5xx ones may come after the function was started."""
        code, message = error.get("Code", ""), error.get("Message", "")
        if code in MAY_HAVE_RUN or code.startswith("5"):
            return OutcomeUnknownError(f"Lambda failed while it held the request to {self}: {code} {message}")
        hint = HINTS.get(code)
        return NotReachableError(
            f"{self} did not run: {code} {message}" + (f"\n  fix: {hint.format(name=asked)}" if hint else "")
        )


@dataclass(frozen=True)
class SwitchFunction(Function):
    """The switch, by its name or ARN without an alias.

    What only reads is asked of the function that reads, a new version of the alias that deploys, all else of
    the one for operators: each has a permission of its own (lambda_src/contract/aliases.py).
    """

    def attest(self, alias: Alias, request_id: str, document: Mapping[str, Any]) -> str:
        """Proof of who asks, for one request to one alias. Raises NotReachableError."""
        try:
            arn = arn_of(self.access, unqualified(self.name))
            return attest(self.access, f"{arn}:{alias}", request_id, document)
        except IdentityUnknownError as error:
            raise NotReachableError(f"{self} was not asked: no proof of who asks. {error}") from error

    def _signed(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """With an id and a proof of its own: whoever repeats a request sends another one."""
        given = {"request_id": uuid.uuid4().hex} | dict(request)
        return given | {KEY: self.attest(alias_for(given["action"]), given["request_id"], given)}

    def _asked(self, request: Mapping[str, Any]) -> str:
        action = str(request.get("action"))
        return read_of(self.name) if action in READS else f"{unqualified(self.name)}:{alias_for(action)}"

    def _given(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return dict(request) if request.get("action") in UNSIGNED else self._signed(request)


def function_failed(payload: bytes | str) -> FunctionFailedError:
    """All shapes of Lambda's error payload: the switch's own JSON message, Lambda's plain text, neither."""
    text = payload if isinstance(payload, str) else payload.decode(errors="replace")
    whole = json_object(text) or {"errorType": "Unhandled", "errorMessage": text}
    error_type, text = str(whole.get("errorType", "Unhandled")), str(whole.get("errorMessage", ""))
    details = json_object(text)
    if details is None:
        return FunctionFailedError(error_type, f"{error_type}: {text or 'no message'}", None)
    lines = [f"{error_type}: {details.get('what', text)}"]
    lines += [f"  {_problem(problem)}" for problem in details.get("problems", ())]
    lines += [f"  {key}: {details[key]}" for key in ("where", "cause", "state") if details.get(key)]
    gates, fix = details.get("gates") or (), str(details.get("fix") or "")
    return FunctionFailedError(error_type, "\n".join(lines), details.get("weights"), gates, fix)


def json_object(text: str) -> dict[str, Any] | None:
    """The JSON object that `text` is; None when it is something else."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _problem(problem: Mapping[str, Any]) -> str:
    value = "" if problem.get("value") is None else f" = {problem['value']}"
    return f"{problem['key']}{value} {problem['problem']}; allowed: {problem['allowed']}"
