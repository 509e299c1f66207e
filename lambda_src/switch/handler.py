"""Entry point: `switch.handler.handler`. Event and answer: event.py and outcome.py; failures: errors.py."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import Protocol

from .errors import SwitchError
from .event import parse_request
from .gateway import Clients, Gateway, connect
from .logic import perform
from .logs import configure
from .settings import Settings

_log = configure("switch")


class Context(Protocol):
    """The part of Lambda's context object that is used here."""

    @property
    def aws_request_id(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: object, context: Context) -> dict[str, object]:
    """Parse, carry out, answer. What is raised reaches the caller as `errorType` and `errorMessage`."""
    started = time.monotonic()
    fields: dict[str, object] = {"request_id": context.aws_request_id}
    try:
        request = parse_request(event)
        fields |= {"action": request.action, "target": request.target, "reason": request.reason}
        _log.info("request", extra={"fields": fields})
        settings = Settings.from_environment(os.environ)
        gateway = Gateway(settings, _clients(), lambda: context.get_remaining_time_in_millis() / 1000)
        answer = perform(request, gateway).to_json(context.aws_request_id)
    except SwitchError as error:
        _log.error("refused or failed", extra={"fields": fields | _failure(error) | _duration(started)})
        raise
    _log.info("done", extra={"fields": fields | {"answer": answer} | _duration(started)})
    return answer


@cache
def _clients() -> Clients:
    """Made once a container, not once an invocation; not at import, where a failure would hide the reason."""
    return connect()


def _failure(error: SwitchError) -> dict[str, object]:
    return {"error": type(error).__name__, **error.to_json()}


def _duration(started: float) -> dict[str, object]:
    return {"duration_ms": round((time.monotonic() - started) * 1000)}
