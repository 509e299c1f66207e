"""What both functions do with an event: parse, admit, carry out, answer; log and measure it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Protocol, cast

from ..common.logs import configure
from ..contract.actions import Action
from ..contract.aliases import READ_SUFFIX
from ..contract.errors import SwitchError
from ..contract.event import parse_request
from ..contract.request import Request
from .aws import Caller, Clients
from .invocation import Invocation
from .metrics import measured
from .settings import Settings

_log = configure("switch")


class Context(Protocol):
    """The part of Lambda's context object that is used here."""

    @property
    def aws_request_id(self) -> str: ...

    @property
    def function_name(self) -> str: ...

    @property
    def invoked_function_arn(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


Admit = Callable[[Invocation], Invocation]
Perform = Callable[[Invocation], dict[str, object]]


def serve(event: object, context: Context, admit: Admit, perform: Perform) -> dict[str, object]:
    """Parse, admit, carry out, answer. What is raised reaches the caller as `errorType` and `errorMessage`.

    `admit`: whether this way in is one for the request; the invocation, with who asks for it.
    """
    started = time.monotonic()
    fields: dict[str, object] = {"request_id": context.aws_request_id}
    action = "invalid"
    measure = _Measures(context)
    try:
        request = parse_request(event, context.aws_request_id)
        action = request.action.value
        fields |= {"correlation_id": request.workflow or request.id, "action": action}
        fields |= {"target": request.target, "reason": request.reason, "step": request.step}
        invocation = admit(_invocation(request, context))
        fields |= {"by": invocation.request.by}
        _log.info("request", extra={"fields": fields})
        answer = perform(invocation)
    except SwitchError as error:
        taken = _milliseconds(started)
        failure = {"error": type(error).__name__, **error.to_json(), "duration_ms": taken}
        _log.error("refused or failed", extra={"fields": fields | failure})
        measure.failed(action, taken, error)
        raise
    taken = _milliseconds(started)
    _log.info("done", extra={"fields": fields | {"answer": answer, "duration_ms": taken}})
    measure.done(action, taken, answer)
    return answer


class _Measures:
    """Under the name of the switch function, whichever function it is."""

    def __init__(self, context: Context) -> None:
        self._deployment = context.function_name.removesuffix(READ_SUFFIX)

    def failed(self, action: str, taken: int, error: SwitchError) -> None:
        weights = error.weights.to_json() if error.weights else None
        self._log(measured(self._deployment, action, taken, weights, gates=error.gates))

    def done(self, action: str, taken: int, answer: dict[str, object]) -> None:
        weights = cast(dict[str, int] | None, answer.get("after") or answer.get("weights"))
        moved = cast(Mapping[str, object], answer["ledger"]) if action == Action.LEDGER else None
        self._log(measured(self._deployment, action, taken, weights, moved=moved))

    def _log(self, lines: list[dict[str, object]]) -> None:
        for line in lines:
            _log.info("metric", extra={"fields": line})


def _invocation(request: Request, context: Context) -> Invocation:
    caller = Caller(clients(), lambda: context.get_remaining_time_in_millis() / 1000)
    return Invocation(request, Settings.from_environment(os.environ), caller, lambda: datetime.now(UTC))


@cache
def clients() -> Clients:
    """Made once a container, not once an invocation; not at import, where a failure would hide the reason."""
    return Clients()


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
