"""What the secrets hold.

The application's: `{"engine", "host", "readerHost", "port", "dbname", "username", "password"}`, the structure
that AWS's drivers, caching clients and console expect, and `readerHost`, for which AWS has no name.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
The administrator's: `{"username", "password"}`, as RDS writes it.
"""

from __future__ import annotations

import json
from typing import Any

from ..common.errors import Problem, listed
from .errors import SecretValueError
from .models import Credentials
from .settings import Settings

# MySQL's limit, and more than any password that RDS makes.
_LONGEST = {"username": 32, "password": 256}


def compose(settings: Settings, credentials: Credentials) -> str:
    place = _place(settings)
    return json.dumps(place | {"username": credentials.username, "password": credentials.password})


def parse_credentials(text: str, where: str) -> Credentials:
    """User and password, whatever else the value holds; raises SecretValueError, which shows none of it."""
    return _credentials(_document(text, where), where)


def parse_own(text: str, settings: Settings, where: str) -> Credentials:
    """Credentials from a value that must be what `compose` makes of them with these settings."""
    document = _document(text, where)
    credentials = _credentials(document, where)
    problems = [
        Problem(key, None, "is another than this deployment's", str(value))
        for key, value in _place(settings).items()
        if document.get(key) != value
    ]
    if credentials.username not in settings.users:
        problems.append(Problem("username", None, "is none of the two users", str(settings.users)))
    if problems:
        raise _refusal(problems, where)
    return credentials


def _place(settings: Settings) -> dict[str, object]:
    return {
        "engine": "mysql",
        "host": settings.db_host,
        "readerHost": settings.db_reader_host,
        "port": settings.db_port,
        "dbname": settings.db_name,
    }


def _document(text: str, where: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _refusal([Problem("value", None, "is not a JSON object", "an object")], where)
    return document


def _credentials(document: dict[str, Any], where: str) -> Credentials:
    problems = [
        Problem(key, None, "is missing or malformed", f"1 to {longest} printable ASCII characters")
        for key, longest in _LONGEST.items()
        if not _is_plain(document.get(key), longest)
    ]
    if problems:
        raise _refusal(problems, where)
    return Credentials(document["username"], document["password"])


def _is_plain(value: object, longest: int) -> bool:
    """The driver can't encode more than Latin-1, and its error would quote the character that it can't."""
    plain = isinstance(value, str) and value.isascii() and value.isprintable()
    return plain and 1 <= len(str(value)) <= longest


def _refusal(problems: list[Problem], where: str) -> SecretValueError:
    return SecretValueError(
        what=listed(problems),
        where=where,
        cause="a value from elsewhere can't be rotated without guessing; nothing was changed",
        fix="of an AWSPENDING version, take the label away (`aws secretsmanager update-secret-version-stage "
        "--version-stage AWSPENDING --remove-from-version-id …`) and rotate again; else fix the value",
        problems=problems,
    )
