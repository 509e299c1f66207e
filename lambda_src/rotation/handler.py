"""Entry point: `rotation.handler.handler`. Event: event.py; steps: logic.py; failures: errors.py."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from ..common.logs import configure
from . import administrator, age
from .database import Database
from .errors import RotationError
from .event import parse_request, require_secret
from .gateway import Cluster, Gateway, connect, connect_to_rds
from .logic import perform
from .settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_rds.client import RDSClient
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

_log = configure("rotation")


class Context(Protocol):
    """The part of Lambda's context object that is used here."""

    @property
    def aws_request_id(self) -> str: ...


def handler(event: object, context: Context) -> dict[str, object]:
    """Carry out one step of a rotation, or tell the secret's age (age.py). Secrets Manager only looks whether
    it raises.
    """
    started = time.monotonic()
    fields: dict[str, object] = {"request_id": context.aws_request_id}
    try:
        answer = _age(event, fields) if age.is_asked(event) else _step(event, fields)
    except RotationError as error:
        _log.error("refused or failed", extra={"fields": fields | _failure(error) | _duration(started)})
        raise
    message = "age" if age.is_asked(event) else "done"
    _log.info(message, extra={"fields": fields | answer | _duration(started)})
    return answer


def _step(event: object, fields: dict[str, object]) -> dict[str, object]:
    """`{"step", "done"}`."""
    request = parse_request(event)
    fields |= {"step": request.step, "secret": request.secret_arn, "version": request.token}
    settings = Settings.from_environment(os.environ)
    if request.secret_arn == settings.admin_secret_arn:
        own = settings.of_administrator()
        gateway, cluster = Gateway(own, _client()), Cluster(own, _rds())
        done = administrator.perform(request, gateway, Database(own), cluster)
    else:
        require_secret(request, settings.secret_arn)
        done = perform(request, settings, Gateway(settings, _client()), Database(settings))
    return {"step": request.step, "done": done}


def _age(event: Any, fields: dict[str, object]) -> dict[str, object]:
    """`{"step", "age_days"}`."""
    settings = Settings.from_environment(os.environ)
    age.require_own(event, settings.secret_arn)
    fields["secret"] = settings.secret_arn
    described = Gateway(settings, _client()).described()
    return {"step": age.STEP, "age_days": age.in_days(described, datetime.now(UTC))}


@cache
def _client() -> SecretsManagerClient:
    """Made once a container, not once an invocation; not at import, where a failure would hide the reason."""
    return connect()


@cache
def _rds() -> RDSClient:
    return connect_to_rds()


def _failure(error: RotationError) -> dict[str, object]:
    return {"error": type(error).__name__, **error.to_json()}


def _duration(started: float) -> dict[str, object]:
    return {"duration_ms": round((time.monotonic() - started) * 1000)}
