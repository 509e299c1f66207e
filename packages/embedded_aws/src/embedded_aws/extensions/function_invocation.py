"""Stock moto runs functions in Docker containers, and without Docker not at all.

Here they run from their zip package in a subprocess (`functions/`), and an asynchronous event that keeps
failing goes to the function's dead-letter queue.

The Invoke API, and with it Step Functions and EventBridge, comes through `LambdaBackend.invoke`, which knows
by which ARN a function is called: that of an alias, a version or neither. SNS, event source mappings and
rotation by Secrets Manager come through `LambdaFunction.invoke`. Extensions use `invoke_function`.
"""

import base64
import json
import logging
import threading
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.awslambda.utils import get_backend
from moto.core.utils import unix_time_millis
from moto.utilities.arns import parse_arn

from embedded_aws.access.refusals import Denied
from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.encryption import Use
from embedded_aws.clients import Credentials
from embedded_aws.extensions import Server, replace
from embedded_aws.extensions.function_settings import dead_letter_target, logging_settings
from embedded_aws.functions import dead_letters, packages, report
from embedded_aws.functions.deployment import deployed
from embedded_aws.functions.model import Deployed, Outcome, Request
from embedded_aws.functions.pool import Pool, Throttled
from iam_evaluation import Caller

PRINCIPAL = "lambda.amazonaws.com"
DEFAULT_RETRIES = 2
LOG_TAIL_BYTES = 4096

log = logging.getLogger(__name__)


class TooManyRequests(LambdaClientError):  # noqa: N818 - named after the API's error
    """https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors"""

    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


class InvalidRequestContent(LambdaClientError):  # noqa: N818 - named after the API's error
    """https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors"""

    def __init__(self, error: ValueError) -> None:
        super().__init__("InvalidRequestContentException", f"Could not parse request body into json: {error}")


class KeyDenied(LambdaClientError):  # noqa: N818 - named after the API's error
    """https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors"""

    code = 502

    def __init__(self) -> None:
        super().__init__(
            "KMSAccessDeniedException",
            "Lambda was unable to decrypt the environment variables because KMS access was denied.",
        )


class Runner:
    """Runs the functions of one server."""

    def __init__(self, server: Server) -> None:
        self._endpoint, self._server = server.endpoint, server
        self._code = server.functions_dir / "code"
        self._sdk = server.functions_dir / "sdk"
        self._pool = Pool(server.functions_dir / "environments")
        server.closers.append(self._pool.close)
        packages.provide_sdk(self._sdk)

    def invoke(
        self,
        _: Callable[..., Any],
        function: LambdaFunction,
        body: str | bytes,
        request_headers: Mapping[str, str],
        response_headers: MutableMapping[str, str],
    ) -> bytes:
        """In the place of `LambdaFunction.invoke`."""
        arn = function.function_arn
        return self._invoke(function, arn, body, request_headers, response_headers)

    def invoke_by(
        self,
        _: Callable[..., Any],
        backend: LambdaBackend,
        name: str,
        qualifier: str | None,
        *call: Any,
    ) -> bytes:
        """In the place of `LambdaBackend.invoke`: the function is told the ARN that it is called by.

        `call`: event, headers, and those of the answer.

        https://docs.aws.amazon.com/lambda/latest/dg/python-context.html, `invoked_function_arn`
        """
        function = backend.get_function(name, qualifier)
        by = name.rpartition("function:")[2].partition(":")[2] or qualifier
        arn = _unqualified(function.function_arn) + (f":{by}" if by else "")
        payload = self._invoke(function, arn, *call)
        call[-1]["Content-Length"] = str(len(payload))
        return payload

    def _invoke(
        self,
        function: LambdaFunction,
        arn: str,
        body: str | bytes,
        request_headers: Mapping[str, str],
        response_headers: MutableMapping[str, str],
    ) -> bytes:
        """Run; for `Event` begin to run; for `DryRun` only check."""
        request = Request(str(uuid.uuid4()), _parse(body), arn)
        credentials = self._credentials(function)
        self._prepare(function)
        what = deployed(function, self._endpoint, credentials, self._code, self._sdk)
        response_headers["x-amz-executed-version"] = str(function.version)
        match request_headers.get("X-Amz-Invocation-Type", "RequestResponse"):
            case "DryRun":
                return b""
            case "Event":
                threading.Thread(target=self._run_event, args=(function, what, request), daemon=True).start()
                return b""
        try:
            outcome, lines = self._run(function, what, request, patient=False)
        except Throttled as error:
            raise TooManyRequests from error
        if outcome.failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        tail = "\n".join(lines).encode()[-LOG_TAIL_BYTES:]
        response_headers["x-amz-log-result"] = base64.b64encode(tail).decode()
        return outcome.payload.encode()

    def _run(
        self, function: LambdaFunction, what: Deployed, request: Request, *, patient: bool
    ) -> tuple[Outcome, list[str]]:
        # Concurrency is the function's, for all versions together; a version is a copy of an earlier moment.
        latest = get_backend(function.account_id, function.region).get_function(function.function_name)
        reserved = None if latest.reserved_concurrency is None else int(latest.reserved_concurrency)
        outcome, environment = self._pool.run(what, request, reserved, patient=patient)
        lines = report.lines(environment, request, outcome)
        self._write_logs(function, environment.log_stream, lines)
        return outcome, lines

    def _run_event(self, function: LambdaFunction, what: Deployed, request: Request) -> None:
        """Try as often as AWS would, without its minutes in between; what still fails is a dead letter."""
        error = {"errorMessage": "the function's reserved concurrency is zero"}
        try:
            for _ in range(1 + _retries(function)):
                outcome, _ = self._run(function, what, request, patient=True)
                if not outcome.failed:
                    return
                error = json.loads(outcome.payload)
        except Throttled as throttled:
            log.warning("event %s for %s not run: %s", request.id, function.function_name, throttled)
        if target := dead_letter_target(function):
            credentials = self._credentials(function)
            dead_letters.send(self._endpoint, credentials, target, request, error["errorMessage"])

    def _credentials(self, function: LambdaFunction) -> Credentials:
        """The function acts as its own role, so that each of its calls shows whose it is."""
        arn, name = function.function_arn, function.function_name
        try:
            return self._server.assume(PRINCIPAL, function.role, function.region, name, _unqualified(arn))
        except Denied as denied:
            raise LambdaClientError(
                "AccessDeniedException", "The role defined for the function cannot be assumed by Lambda."
            ) from denied

    def _prepare(self, function: LambdaFunction) -> None:
        """What Lambda does with the role before the code runs. Raises KeyDenied."""
        caller, arn = Caller.role(function.role, function.function_name), _unqualified(function.function_arn)
        use = Use(function.kms_key_arn or "", ("Decrypt",), "lambda", (("aws:lambda:FunctionArn", arn),))
        if function.environment_vars and not self._allows_use(use, caller, function.region):
            raise KeyDenied
        if function.tracing_config.get("Mode") == "Active":
            for action in ("xray:PutTraceSegments", "xray:PutTelemetryRecords"):
                self._server.authority.allows(Check(caller, action, "*"), f"trace of {arn}")

    def _allows_use(self, use: Use, caller: Caller, region: str) -> bool:
        return self._server.authority.allows_use(use, caller, region, f"environment of {use.pairs[0][1]}")

    def _write_logs(self, function: LambdaFunction, stream: str, lines: list[str]) -> None:
        """With the role: without its permission there is no log.

        https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
        """
        caller = Caller.role(function.role, function.function_name)
        where = f"arn:aws:logs:{function.region}:{function.account_id}"
        to = f"{where}:log-group:{logging_settings(function)['LogGroup']}:log-stream:{stream}"
        checks = [Check(caller, f"logs:{action}", to) for action in ("CreateLogStream", "PutLogEvents")]
        if all(self._server.authority.allows(check, f"log of {function.function_arn}") for check in checks):
            _write_logs(function, stream, lines)


def install(server: Server) -> None:
    """Extend moto's functions."""
    runner = Runner(server)
    replace(LambdaFunction, "invoke", runner.invoke)
    replace(LambdaBackend, "invoke", runner.invoke_by)
    replace(LambdaResponse, "invoke", _invoke_with_qualifier)


def invoke_function(arn: str, event: Any) -> tuple[Any, bool]:
    """Run a function and wait for its result and False, or its error (errorMessage, errorType) and True."""
    where = parse_arn(arn)
    headers: dict[str, str] = {}
    payload = get_backend(where.account, where.region).invoke(arn, None, json.dumps(event), {}, headers)
    return json.loads(payload or "null"), "x-amz-function-error" in headers


def _invoke_with_qualifier(stock: Callable[[LambdaResponse], Any], response: LambdaResponse) -> Any:
    """Stock looks for the version under another name than AWS's, and then in the event."""
    response.querystring["qualifier"] = response.querystring.get("Qualifier", [None])
    return stock(response)


def _unqualified(arn: str) -> str:
    return ":".join(arn.split(":")[:7])


def _parse(body: str | bytes) -> Any:
    try:
        return json.loads(body or "{}")
    except ValueError as error:
        raise InvalidRequestContent(error) from error


def _retries(function: LambdaFunction) -> int:
    configured = function.event_invoke_config[0].config if function.event_invoke_config else {}
    return int(configured.get("MaximumRetryAttempts", DEFAULT_RETRIES))


def _write_logs(function: LambdaFunction, stream: str, lines: list[str]) -> None:
    logs, group = function.logs_backend, logging_settings(function)["LogGroup"]
    logs.ensure_log_group(group)
    if stream not in logs.groups[group].streams:
        logs.create_log_stream(group, stream)
    now = int(unix_time_millis())
    logs.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines])
