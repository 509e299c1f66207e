"""Entry point: `migrate.handler.handler`.

Event: `{"action": "migrate", "request_id": …, "sql": "ALTER TABLE …", "no_way_back": false, "reason": …,
"attestation": …}`, of which the attestation (lambda_src/contract/attestation.py) says who sends it. Answer:
`writer`, `statements`, `done`. What is raised reaches the caller as of the ledger's other functions.
"""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from ..common.errors import FunctionError
from ..common.logs import configure
from ..contract.attestation import KEY, Attestation, digest_of
from ..contract.limits import ID_LIMIT, REASON_LIMIT
from ..ledger import secrets
from ..ledger.errors import LedgerError, MigrationRefusedError
from ..ledger.settings import Settings
from ..rotation.gateway import connect
from ..switch.attestation import prove
from ..switch.aws import Caller
from ..switch.serving import Context, clients
from . import applying
from .lock import ACTION, Lock
from .statements import LONGEST_TEXT, parse

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

_log = configure("migrate")
_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{ID_LIMIT}}}")
_KEYS = {"action", "request_id", "sql", "no_way_back", "reason", KEY}


def handler(event: object, context: Context) -> dict[str, object]:
    """Carry out a migration. Raises LedgerError, FunctionError."""
    started = time.monotonic()
    fields: dict[str, object] = {"request_id": context.aws_request_id, "action": ACTION}
    try:
        answer = _migrate(_checked(event), context)
    except LedgerError as error:
        _log.error("refused or failed", extra={"fields": fields | _failed(error, started)})
        raise error.as_message() from None
    except FunctionError as error:
        _log.error("refused or failed", extra={"fields": fields | _failed(error, started)})
        raise
    _log.info("done", extra={"fields": fields | {"answer": answer, "duration_ms": _taken(started)}})
    return answer


def _migrate(event: dict[str, Any], context: Context) -> dict[str, object]:
    settings = Settings.from_environment(os.environ)
    statements = parse(event["sql"])
    caller = Caller(clients(), lambda: context.get_remaining_time_in_millis() / 1000)
    lock = Lock(settings.control_table, caller, lambda: datetime.now(UTC))
    attestation = Attestation(event[KEY], digest_of(event)) if event.get(KEY) else None
    by = prove(lock, attestation, event["request_id"], context.invoked_function_arn)
    accounts = secrets.accounts(_client(), settings)
    shown = tuple(str(change) for change in statements)
    entry = lock.begin(event["request_id"], by=by, reason=event.get("reason", ""), schema=shown)
    try:
        migrated = applying.run(
            settings.places, accounts, statements, contract=event.get("no_way_back") is True
        )
    except BaseException as error:
        lock.end(entry, error if isinstance(error, Exception) else RuntimeError(type(error).__name__))
        raise
    lock.end(entry, None)
    return migrated.to_json()


def _checked(event: object) -> dict[str, Any]:
    """Raises MigrationRefusedError for what is no event of this function."""
    wrong = None
    if not isinstance(event, dict) or event.get("action") != ACTION or event.keys() - _KEYS:
        wrong = f"it has other keys than {', '.join(sorted(_KEYS))}, or another action than {ACTION}"
    elif not _ID.fullmatch(str(event.get("request_id", ""))):
        wrong = "request_id is no id"
    elif not isinstance(event.get("sql"), str) or len(event["sql"]) > LONGEST_TEXT:
        wrong = f"sql is no text of at most {LONGEST_TEXT} characters"
    elif not isinstance(event.get("reason", ""), str) or len(event.get("reason", "")) > REASON_LIMIT:
        wrong = f"reason is no text of at most {REASON_LIMIT} characters"
    elif not isinstance(event.get(KEY, ""), str):
        wrong = f"{KEY} is no text"
    if wrong:
        raise MigrationRefusedError(
            f"the request is malformed: {wrong}",
            cause="the event is not what `bluegreen ledger migrate` sends",
            state="nothing was changed",
            fix="use `bluegreen ledger migrate`",
        )
    assert isinstance(event, dict)  # noqa: S101 - as checked above
    return event


@cache
def _client() -> SecretsManagerClient:
    """Made once a container, not once an invocation."""
    return connect()


def _failed(error: LedgerError | FunctionError, started: float) -> dict[str, object]:
    return {"error": type(error).__name__, **error.to_json(), "duration_ms": _taken(started)}


def _taken(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
