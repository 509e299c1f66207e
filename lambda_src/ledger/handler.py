"""Entry point: `ledger.handler.handler`, of three functions, which differ in duty and rights (settings.py).

Events: `{"action": "setup"}`, `{"action": "status"}`, `{"action": "verify", "fresh": true}`,
`{"action": "reclaim", "source": "blue", "epoch": 7}`, `{"action": "move", "target": "green"}`, which
`{"action": "see"}` goes before, `{"action": "compare"}` before a shift of the traffic, and of the setup
function the four steps of a rotation by Secrets Manager.
Answers are JSON objects. What is raised reaches the caller as `errorType` (the class) and `errorMessage`
(JSON: `what`, `cause`, `state`, `fix`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from ..common.errors import FunctionError
from ..common.logs import configure
from ..contract.values import Colour
from ..rotation.gateway import connect
from . import preflight, reclaim, rotation, secrets, setup, status, verification
from .accounts import Kind
from .errors import LedgerError, MoveRefusedError
from .settings import Duty, Settings
from .setup import Member

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

_log = configure("ledger")
Answer = dict[str, object]
Event = Mapping[str, Any]


class Context(Protocol):
    """The part of Lambda's context object that is used here."""

    @property
    def aws_request_id(self) -> str: ...

    @property
    def function_name(self) -> str: ...


def handler(event: object, context: Context) -> Answer:
    """Carry out one event. Raises LedgerError, FunctionError."""
    started = time.monotonic()
    fields: dict[str, object] = {"request_id": context.aws_request_id}
    try:
        settings = Settings.from_environment(os.environ)
        named, work = _chosen(event, settings)
        fields |= {"action": named}
        answer = work(event if isinstance(event, dict) else {}, settings, context)
    except LedgerError as error:
        _log.error("refused or failed", extra={"fields": fields | _failure(error) | _took(started)})
        raise error.as_message() from None
    except FunctionError as error:
        _log.error("refused or failed", extra={"fields": fields | _failure(error) | _took(started)})
        raise
    if named == "status":
        fields |= _measured(answer, context)
    _log.info("done", extra={"fields": fields | {"answer": answer} | _took(started)})
    return answer


def _chosen(event: object, settings: Settings) -> tuple[str, Callable[[Event, Settings, Context], Answer]]:
    """What an event asks for; raises MoveRefusedError for what isn't this function's duty."""
    if settings.duty is Duty.SETUP and isinstance(event, dict) and "Step" in event:
        return str(event["Step"]), _rotate
    action = event.get("action") if isinstance(event, dict) else None
    allowed = _ACTIONS.get(settings.duty, {})
    if action in allowed:
        return str(action), allowed[str(action)]
    raise MoveRefusedError(
        f"this function does not do that: its actions are {', '.join(allowed)}",
        cause="the event names no action of it",
        state="nothing was changed",
        fix="use `bluegreen ledger`",
    )


def _setup(_: Event, settings: Settings, __: Context) -> Answer:
    """`writer`: who takes the payments."""
    members = {colour: _member(settings, colour) for colour in Colour}
    return {"writer": setup.run(members, retention_hours=settings.retention_hours)}


def _member(settings: Settings, colour: Colour) -> Member:
    client = _client()
    accounts = {kind: secrets.account(client, settings.kinds[colour, kind]) for kind in Kind}
    administrator = secrets.account(client, settings.secrets[colour])
    return Member(settings.places[colour], administrator, accounts)


def _status(_: Event, settings: Settings, __: Context) -> Answer:
    return status.read(settings.places, secrets.accounts(_client(), settings)).to_json()


def _see(_: Event, settings: Settings, __: Context) -> Answer:
    """The row before a move: `writer`, `epoch`, `state`; null where there is no ledger yet."""
    row = status.read(settings.places, secrets.accounts(_client(), settings)).row
    return {
        "writer": row and row.writer.value,
        "epoch": row and row.epoch,
        "state": row and row.state.value,
    }


def _reclaim(event: Event, settings: Settings, _: Context) -> Answer:
    """Without `epoch`: whether it can be reclaimed to `source`. With it: reclaim; `writer`, `epoch`."""
    source, epoch = event.get("source"), event.get("epoch")
    if source not in tuple(Colour) or not (epoch is None or type(epoch) is int):
        raise MoveRefusedError(
            "the ledger was not reclaimed: the event names no colour, or its epoch is no number",
            cause=f"source is {source!r:.20}, epoch is {epoch!r:.20}",
            state="nothing was changed",
            fix='name one, as in {"action": "reclaim", "source": "blue"}',
        )
    movers = {colour: settings.kinds[colour, Kind.MOVER] for colour in Colour}
    accounts = {colour: secrets.account(_client(), arn) for colour, arn in movers.items()}
    if epoch is None:
        return reclaim.check(settings.places, accounts, Colour(source)).to_json()
    row = reclaim.take_back(settings.places, accounts, Colour(source), epoch)
    return {"writer": row.writer.value, "epoch": row.epoch}


def _verify(event: Event, settings: Settings, _: Context) -> Answer:
    """Some seconds of a verification, as verification.py has it. `fresh`: true begins anew."""
    accounts = secrets.accounts(_client(), settings)
    return verification.run(settings.places, accounts, fresh=event.get("fresh") is True).to_json()


def _move(event: Event, settings: Settings, context: Context) -> Answer:
    """`writer`, `epoch`, `pause_ms` (null: it was there already)."""
    target = event.get("target")
    if target not in tuple(Colour):
        raise MoveRefusedError(
            "the ledger was not moved: the event names no colour",
            cause=f"target is {target!r:.20}",
            state="nothing was changed",
            fix='name one, as in {"action": "move", "target": "green"}',
        )
    accounts = secrets.accounts(_client(), settings)
    moved = preflight.move(settings.places, accounts, Colour(target), move_id=context.aws_request_id)
    return moved.to_json()


def _compare(_: Event, settings: Settings, __: Context) -> Answer:
    """`tables`: how many are the same on both databases."""
    return {"tables": preflight.compare(settings.places, secrets.accounts(_client(), settings))}


def _rotate(event: Event, settings: Settings, _: Context) -> Answer:
    return rotation.step(event, settings, _client())


def _measured(answer: Answer, context: Context) -> dict[str, object]:
    """What metric filters read (modules/ledger/watch.py)."""
    found = {"ledger_healthy": int(bool(answer["healthy"])), "function": context.function_name}
    verified = answer["verified"]
    return found | (
        {"ledger_verified_seconds": verified["age_seconds"]} if isinstance(verified, dict) else {}
    )


_ACTIONS: Mapping[Duty, Mapping[str, Callable[[Event, Settings, Context], Answer]]] = {
    Duty.SETUP: {"setup": _setup, "reclaim": _reclaim},
    Duty.WATCH: {"status": _status, "verify": _verify},
    Duty.MOVE: {"see": _see, "compare": _compare, "move": _move},
}


@cache
def _client() -> SecretsManagerClient:
    """Made once a container, not once an invocation; not at import, where a failure would hide the reason."""
    return connect()


def _failure(error: LedgerError | FunctionError) -> dict[str, object]:
    return {"error": type(error).__name__, **error.to_json()}


def _took(started: float) -> dict[str, object]:
    return {"duration_ms": round((time.monotonic() - started) * 1000)}
