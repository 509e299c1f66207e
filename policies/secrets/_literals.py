"""Finds secrets that are written out: by what they look like, and by the key that they stand under."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

# What to say → what such a secret looks like, wherever it stands. Formats as their issuers document them.
_SHAPES = {
    "an AWS access key id": r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY",
    "a JSON Web Token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,})",
    "a Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/T\w+/B\w+/\w+",
    "a payment provider's live key": r"\b[sr]k_live_[A-Za-z0-9]{16,}",
    "a URL with a password": r"[a-zA-Z][\w+.-]*://[^\s:/@]*:(?!\$|[a-z]+_\w+\.)[^\s:/@{}]+@",
}
_SHAPED = {what: re.compile(pattern) for what, pattern in _SHAPES.items()}

_WORDS = (
    "password|passwd|passphrase|pwd|secret|token|credentials?|connection_?string|"
    "(?:access|api|auth|private|secret|shared|signing)_?key|secret_?(?:binary|string)"
)
_SECRET = re.compile(rf"(?:^|_)(?:{_WORDS})(?=_|\d|$)")
# Words at the end of a key that make it speak about a secret, and not be one.
_ABOUT = re.compile(
    r"_(?:id|ids|arn|arns|name|names|path|paths|file|url|uri|type|length|version|versions|days|hours|minutes|seconds|ttl|policy|"
    r"enabled|required|rotation|alias|prefix|header|store|endpoint|host|count|validity|units|usage|expiry|wo_version|users?)$"
)
_CODE_WORDS = frozenset(
    {
        "0",
        "1",
        "true",
        "false",
        "none",
        "null",
        "enabled",
        "disabled",
        "required",
        "optional",
        "minutes",
        "hours",
        "days",
    }
)

# `export DB_PASSWORD=…`, `--token=…`, `Pwd=…;`, `password: …` in a longer text; no variable of a shell.
_ASSIGNED = re.compile(
    rf"(?i)(?:^|[\s;,&?\"'-])((?:[a-z0-9]+[_-])*(?:{_WORDS}))[\"']?\s*(?:=|:(?=\s*[\"']?\S+[\"']?\s*(?:$|[\r\n])))"
    r"\s*[\"']?(?![$<%({\"'])([^\s\"';&,]{4,})",
    re.MULTILINE,
)
_PROSE = ("description", "alarm_description", "comment", "label")
_EXPRESSION = re.compile(
    r"\$\{|%\{|^(?:data\.|var\.|local\.|module\.|path\.|[a-z]\w*_\w+\.[\w-]+[.\[]|\w+\()"
)
_NAMING = re.compile(r"^(?:arn:|/|[\w-]+(?:/[\w-]+)+$)")  # an ARN, a path, the name of a secret or parameter
_NAME_KEYS, _VALUE_KEYS = ("name", "Name", "key", "Key"), ("value", "Value", "insecure_value")
_DEEPEST = 50
_REMEMBERED = 50_000  # texts: blue and green say the same


def literals(value: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """(what it is, the text) of each secret in a value that stands under a key."""
    if depth > _DEEPEST:
        raise ValueError(f"{key} is nested too deeply to be searched for secrets")
    if isinstance(value, dict):
        yield from _in_object(value, depth)
    elif isinstance(value, list):
        for item in value:
            yield from literals(item, key, depth + 1)
    elif isinstance(value, str):
        yield from _in_text(value, key, depth)


def _in_object(body: dict[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    """A pair of name and value, as containers have, is one entry."""
    name = next((str(body[k]) for k in _NAME_KEYS if isinstance(body.get(k), str)), None)
    for inner, item in body.items():
        called = name.rpartition("/")[2] if name and inner in _VALUE_KEYS else inner
        if body.get("type") == "SecureString" and inner in _VALUE_KEYS:
            called = "secret"
        yield from literals(item, str(called), depth + 1)


@lru_cache(_REMEMBERED)
def _in_text(text: str, key: str, depth: int) -> tuple[tuple[str, str], ...]:
    decoded = _decoded(text, key)
    if decoded is not None:
        return tuple(literals(decoded, key if isinstance(decoded, str) else "", depth + 1))
    if shaped := tuple((what, text) for what, pattern in _SHAPED.items() if pattern.search(text)):
        return shaped
    if is_secret_key(key) and _is_literal(text):
        return ((f"a literal value in {key}", text),)
    if key not in _PROSE and (match := _ASSIGNED.search(text)) and _is_literal(match[2]):
        return ((f"a literal {match[1]} in {key or 'its text'}", text),)
    return ()


def _decoded(text: str, key: str) -> Any:
    """A JSON document's value; the text of user data in base64."""
    if text[:1] in ("{", "["):
        try:
            return json.loads(text)
        except ValueError:
            return None
    if "user_data" in key and re.fullmatch(r"[A-Za-z0-9+/\s]{16,}={0,2}\s*", text):
        try:
            return base64.b64decode(text).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None


def is_secret_key(key: str) -> bool:
    """Whether what stands under a key is a secret: db_password, ApiKey; not passwordLength, SECRET_ARN."""
    if ":" in key or "." in key:  # condition keys of policies, names of hosts
        return False
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).replace("-", "_").lower()
    return bool(_SECRET.search(plain)) and not _ABOUT.search(plain)


def _is_literal(text: str) -> bool:
    """Neither an expression, nor something's name, nor a word that switches something."""
    return bool(text.strip()) and not (
        _EXPRESSION.search(text) or _NAMING.match(text) or text.lower() in _CODE_WORDS
    )
