"""Rotation as Secrets Manager does it. Stock moto lets RotateSecret wait for the function, ignores its
failures, calls it with the secret's name in place of its ARN, can't rotate a secret that has no value yet
(500), and forgets the function at the next RotateSecret.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
Unlike in AWS, a rotation that failed is not tried again by itself, and none begins when it is due.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from moto.awslambda.utils import get_backend
from moto.secretsmanager.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    OperationNotPermittedOnReplica,
    ResourceNotFoundException,
    SecretNotFoundException,
    SecretsManagerClientError,
)
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend, secretsmanager_backends
from moto.utilities.arns import parse_arn

from embedded_aws.authorisation.authority import Authority
from embedded_aws.authorisation.checks import Check
from embedded_aws.extensions import Server, replace
from embedded_aws.extensions.secret_versions import CURRENT, PENDING, changing, holder
from embedded_aws.handle import LocalAwsError
from iam_evaluation import Caller

PRINCIPAL = Caller.service("secretsmanager.amazonaws.com")
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
MAXIMUM_DAYS = 1000
DAY_SECONDS = 24 * 3600
CALLS, BUSY_SECONDS = 60, 1.0
LONGEST_WAIT_SECONDS = 9.0  # less than clients of the control endpoint wait
ROTATION, RULES = "bluegreen_rotation", "bluegreen_rotation_rules"

log = logging.getLogger(__name__)


@dataclass
class Rotation:
    """A secret's last rotation. `error`: what its function raised, or why it could not run."""

    token: str
    running: bool = True
    error: str | None = None


class AccessDenied(SecretsManagerClientError):  # noqa: N818 - named after the API's error
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html"""

    def __init__(self, function_arn: str) -> None:
        super().__init__(
            "AccessDeniedException",
            f"Secrets Manager cannot invoke the specified Lambda function {function_arn}. Ensure that the "
            "function policy grants access to the principal secretsmanager.amazonaws.com.",
        )


def install(server: Server) -> None:
    """Extend moto's Secrets Manager."""
    replace(SecretsManagerBackend, "rotate_secret", partial(_rotate_secret, server.authority))
    replace(FakeSecret, "to_dict", _to_dict)


def await_rotation(secret_arn: str) -> dict[str, Any]:
    """Wait until a secret's last rotation has ended, for LONGEST_WAIT_SECONDS at most: `running` and `error`
    of it.
    """
    where = parse_arn(secret_arn)
    secret = secretsmanager_backends[where.account][where.region].secrets.get(secret_arn)
    rotation: Rotation | None = vars(secret).get(ROTATION) if secret else None
    if rotation is None:
        raise LocalAwsError(f"no rotation of a secret {secret_arn} has begun: RotateSecret begins one")
    with changing:
        changing.wait_for(lambda: not rotation.running, LONGEST_WAIT_SECONDS)
        return {"running": rotation.running, "error": rotation.error}


def _rotate_secret(
    authority: Authority,
    _: Callable[..., str],
    backend: SecretsManagerBackend,
    *,
    secret_id: str,
    client_request_token: str | None,
    rotation_lambda_arn: str | None,
    rotation_rules: dict[str, Any] | None,
    rotate_immediately: bool,
) -> str:
    secret = _rotatable(backend, secret_id)
    _configure(authority, secret, rotation_lambda_arn, rotation_rules)
    token = backend._from_client_request_token(client_request_token)
    unfinished = holder(secret, PENDING)
    if unfinished and CURRENT not in secret.versions[unfinished]["version_stages"]:
        _begin(authority, secret, unfinished, STEPS)
        if unfinished != token:
            raise InvalidRequestException(
                "A previous rotation isn't complete. That rotation will be reattempted."
            )
    elif token not in secret.versions:
        _announce(secret, token, with_value=not rotate_immediately)
        _begin(authority, secret, token, STEPS if rotate_immediately else ("testSecret",))
    return secret.to_short_dict(version_id=token)


def _rotatable(backend: SecretsManagerBackend, secret_id: str) -> FakeSecret:
    secret = backend.secrets.get(secret_id)
    if secret is None:
        raise SecretNotFoundException
    if not isinstance(secret, FakeSecret):
        raise OperationNotPermittedOnReplica
    if secret.is_deleted():
        raise InvalidRequestException("You can't rotate a secret that was marked for deletion.")
    return secret


def _configure(
    authority: Authority, secret: FakeSecret, function_arn: str | None, rules: dict[str, Any] | None
) -> None:
    """What a call leaves out stays as it was."""
    function_arn = function_arn or secret.rotation_lambda_arn
    if not function_arn:
        raise InvalidRequestException("No Lambda rotation function ARN is associated with this secret.")
    _require_invocable(authority, function_arn, secret)
    if rules and not 1 <= rules.get("AutomaticallyAfterDays", 1) <= MAXIMUM_DAYS:
        raise InvalidParameterException("RotationRules.AutomaticallyAfterDays must be within 1-1000.")
    secret.rotation_lambda_arn = function_arn
    secret.rotation_requested = secret.rotation_enabled = True
    vars(secret)[RULES] = rules or vars(secret).get(RULES, {})
    _plan_next(secret)


def _require_invocable(authority: Authority, function_arn: str, secret: FakeSecret) -> None:
    where = parse_arn(function_arn)
    function = get_backend(where.account, where.region).get_function_by_arn(function_arn)
    if function is None:
        raise ResourceNotFoundException(f"Lambda function {function_arn} does not exist.")
    if not _may_invoke(authority, secret, function_arn):
        raise AccessDenied(function_arn)


def _may_invoke(authority: Authority, secret: FakeSecret, function_arn: str) -> bool:
    """It calls under its own name, with the secret's ARN and account."""
    context = {"aws:SourceArn": secret.arn, "aws:SourceAccount": parse_arn(secret.arn).account}
    check = Check(PRINCIPAL, "lambda:InvokeFunction", function_arn, context)
    return authority.allows(check, f"rotation of {secret.name}")


def _plan_next(secret: FakeSecret) -> None:
    days = vars(secret)[RULES].get("AutomaticallyAfterDays")
    secret.next_rotation_date = int(time.time()) + days * DAY_SECONDS if days else None


def _announce(secret: FakeSecret, token: str, *, with_value: bool) -> None:
    """AWSPENDING on a version without a value; for a mere test, with that of AWSCURRENT."""
    current = secret.versions.get(holder(secret, CURRENT) or "", {}) if with_value else {}
    value = {name: current[name] for name in ("secret_string", "secret_binary") if name in current}
    announced = {"createdate": int(time.time()), "version_id": token, "version_stages": [PENDING]}
    secret.remove_version_stages_from_old_versions([PENDING])
    secret.versions[token] = announced | value


def _begin(authority: Authority, secret: FakeSecret, token: str, steps: tuple[str, ...]) -> None:
    """Have the function run for a version, unless it is at it already."""
    last: Rotation | None = vars(secret).get(ROTATION)
    if last is None or not last.running:
        rotation = vars(secret)[ROTATION] = Rotation(token)
        threading.Thread(target=_run, args=(authority, secret, rotation, steps), daemon=True).start()


def _run(authority: Authority, secret: FakeSecret, rotation: Rotation, steps: tuple[str, ...]) -> None:
    error: str | None = "it was broken off: see the log of the embedded AWS"
    try:
        error = _call_function(authority, secret, rotation.token, steps)
    finally:
        with changing:
            _end(secret, rotation, steps, error)
            changing.notify_all()


def _invoke(arn: str, event: dict[str, str]) -> tuple[Any, bool]:
    """A function that is busy is called again."""
    # Imported here: it brings all of moto's functions along, which a secret without rotation doesn't need.
    from embedded_aws.extensions.function_invocation import (  # noqa: PLC0415
        TooManyRequests,
        invoke_function,
    )

    for _ in range(CALLS):
        try:
            return invoke_function(arn, event)
        except TooManyRequests:
            time.sleep(BUSY_SECONDS)
    return invoke_function(arn, event)


def _call_function(
    authority: Authority, secret: FakeSecret, token: str, steps: tuple[str, ...]
) -> str | None:
    """The error that ended the rotation."""
    for step in steps:
        if not _may_invoke(authority, secret, secret.rotation_lambda_arn):
            return f"{step}: the function's policy doesn't let Secrets Manager invoke it"
        event = {"Step": step, "SecretId": secret.arn, "ClientRequestToken": token}
        answer, failed = _invoke(secret.rotation_lambda_arn, event)
        if failed:
            return f"{step}: {answer['errorType']}: {answer['errorMessage']}"
    return None


def _end(secret: FakeSecret, rotation: Rotation, steps: tuple[str, ...], error: str | None) -> None:
    """AWS takes AWSPENDING away after a rotation that succeeded, and the version itself after a mere test."""
    rotation.running, rotation.error = False, error
    if steps != STEPS:
        del secret.versions[rotation.token]
    elif error is None:
        secret.remove_version_stages_from_old_versions([PENDING])
        secret.last_rotation_date = int(time.time())
        _plan_next(secret)
    else:
        log.warning("rotation of %s failed at %s", secret.name, error)


def _to_dict(stock: Callable[[FakeSecret], dict[str, Any]], secret: FakeSecret) -> dict[str, Any]:
    described = stock(secret)
    return described | {"RotationRules": vars(secret)[RULES]} if RULES in vars(secret) else described
