"""From an untrusted event to a Request, or one ValidationError that names every problem."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..common.errors import Problem, listed
from .errors import ValidationError
from .models import Request, Step

# https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
_TOKEN = re.compile(r"[!-~]{32,64}")
_ALLOWED: Mapping[str, str] = {
    "Step": ", ".join(Step),
    "SecretId": "the ARN of a secret that this function rotates",
    "ClientRequestToken": "32 to 64 printable characters: the id of the version that AWSPENDING is on",
}


def parse_request(event: object) -> Request:
    """Event: `{"Step", "SecretId", "ClientRequestToken"}`. Other keys are AWS's own business: it added
    `RotationToken`, which only a function in another account needs. Raises ValidationError.
    """
    if not isinstance(event, dict):
        raise _refusal([Problem.of("event", event, "is not a JSON object", "an object")])
    problems = [
        Problem.of(key, event[key], "is malformed", allowed)
        if key in event
        else Problem.missing(key, allowed)
        for key, allowed in _ALLOWED.items()
        if not _is_well_formed(key, event.get(key))
    ]
    if problems:
        raise _refusal(problems)
    return Request(Step(event["Step"]), event["SecretId"], event["ClientRequestToken"])


def require_secret(request: Request, arn: str) -> None:
    """One function rotates one application's secret: no caller may lead it to another."""
    if request.secret_arn != arn:
        problem = Problem.of("SecretId", request.secret_arn, "is not this function's secret", arn)
        raise _refusal([problem])


def _is_well_formed(key: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    if key == "Step":
        return value in tuple(Step)
    return bool(value) if key == "SecretId" else bool(_TOKEN.fullmatch(value))


def _refusal(problems: list[Problem]) -> ValidationError:
    return ValidationError(
        what=listed(problems),
        where="event of the rotation function",
        cause="a rotation that isn't understood could lock the application out; nothing was read or changed",
        fix="leave the invocation to Secrets Manager: `aws secretsmanager rotate-secret --secret-id …`",
        problems=problems,
    )
