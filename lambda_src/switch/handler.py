"""Entry point: `switch.handler.handler`. Events: event.py; failures: errors.py. Answers are JSON objects that
begin with `action` and `request_id`; what follows is said where it is made: outcome.py for what moves
traffic, status.py for what reads, steps.py for the state machine's, operators.py for the rest.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from functools import cache
from typing import Protocol, cast

from ..common.logs import configure
from ..contract.errors import SwitchError
from ..contract.event import parse_request
from ..contract.request import Request
from .aws import Caller, Clients
from .invocation import Invocation
from .logic import perform
from .metrics import measured
from .settings import Settings

_log = configure("switch")


class Context(Protocol):
    """The part of Lambda's context object that is used here."""

    @property
    def aws_request_id(self) -> str: ...

    @property
    def function_name(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: object, context: Context) -> dict[str, object]:
    """Parse, carry out, answer. What is raised reaches the caller as `errorType` and `errorMessage`."""
    started = time.monotonic()
    fields: dict[str, object] = {"request_id": context.aws_request_id}
    action = "invalid"
    try:
        request = parse_request(event, context.aws_request_id)
        action = request.action.value
        fields |= {"correlation_id": request.workflow or request.id, "action": action}
        fields |= {"target": request.target, "reason": request.reason, "by": request.by, "step": request.step}
        _log.info("request", extra={"fields": fields})
        answer = perform(_invocation(request, context))
    except SwitchError as error:
        taken = _milliseconds(started)
        failure = {"error": type(error).__name__, **error.to_json(), "duration_ms": taken}
        _log.error("refused or failed", extra={"fields": fields | failure})
        weights = error.weights.to_json() if error.weights else None
        _measure(measured(context.function_name, action, taken, weights, error.gates))
        raise
    taken = _milliseconds(started)
    _log.info("done", extra={"fields": fields | {"answer": answer, "duration_ms": taken}})
    weights = cast(dict[str, int] | None, answer.get("after") or answer.get("weights"))
    _measure(measured(context.function_name, action, taken, weights))
    return answer


def _invocation(request: Request, context: Context) -> Invocation:
    caller = Caller(_clients(), lambda: context.get_remaining_time_in_millis() / 1000)
    return Invocation(request, Settings.from_environment(os.environ), caller, lambda: datetime.now(UTC))


@cache
def _clients() -> Clients:
    """Made once a container, not once an invocation; not at import, where a failure would hide the reason."""
    return Clients()


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _measure(lines: list[dict[str, object]]) -> None:
    for line in lines:
        _log.info("metric", extra={"fields": line})
