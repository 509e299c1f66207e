"""Finds secrets that are written out: by what they look like, and by the name that they stand under.

No search takes longer than a time proportional to the text. Each repetition in an expression is bounded, or
possessive and begins only where a run of its characters begins (tests/policies/test_time.py).
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from stack_gate.secret_names import Said, is_secret_name, said

__all__ = ["is_secret_key", "literals"]
is_secret_key = is_secret_name

# What to say → what such a secret looks like, wherever it stands. Formats as their issuers document them.
_SHAPES = {
    "an AWS access key id": r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "a private key": r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY|PuTTY-User-Key-File-",
    "a JSON Web Token": r"(?<![\w-])eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+\.[\w-]{8}",
    "a GitHub token": r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22})",
    "a GitLab token": r"(?<![A-Za-z0-9])glpat-[\w-]{20}",
    "a Slack token": (
        r"(?<![A-Za-z0-9])xox[abeprs]-[A-Za-z0-9-]{10}|hooks\.slack\.com/services/T\w{1,20}/B\w{1,20}/\w"
    ),
    "a payment provider's live key": r"(?<![A-Za-z0-9])[sr]k_live_[A-Za-z0-9]{16}",
    "a package registry's token": r"(?<![A-Za-z0-9])(?:npm_[A-Za-z0-9]{36}|pypi-[\w-]{16})",
    "a key of Google's": r"(?<![\w-])AIza[\w-]{35}(?![\w-])",
    "a vault token": r"(?<![A-Za-z0-9])hv[sbr]\.[\w-]{20}",
    "a URL with a password": r"://[^\s:/@]{0,256}:(?!\$|[a-z]{1,64}_\w{1,64}\.)[^\s:/@{}$]{1,256}+@",
    "a data source name with a password": (
        r"(?<![\w./:@-])(?!mailto:|data:|sha256:)[\w.-]{1,64}[:/](?!\$)[^\s:/@{}$,;\"']{4,256}+@"
        r"(?!sha256:)(?:[a-z]{2,5}\(|//|[\w-]{1,63}(?:\.[\w-]{1,63})*:\d)"
    ),
    "credentials in a header": (
        r"(?i)authorization[\"']?\s{0,8}[:=]\s{0,8}[\"']?(?:basic|bearer|token|digest)\s{1,8}"
        r"(?![$<{%])[\w+/=.~-]{6}"
    ),
    "a password after -p": (
        r"(?<![\w-])(?:mysql|mysqldump|mysqladmin|mariadb)\s(?:[^\s]{1,64}\s){0,8}-p(?![$\s])\S{4}"
    ),
    "a password in XML": r"(?i)<(?:\w{1,32}[:._-])?(?:password|passwd|secret|token)>(?!\$)[^<\s]{4}",
    "credentials of a user": (
        r"(?<![\w-])(?:-u|--user|--proxy-user)[\s=]{1,8}[\"']?[\w.@-]{1,64}:(?!\$)[^\s\"']{4}"
    ),
}
_SHAPED = {what: re.compile(pattern) for what, pattern in _SHAPES.items()}

_CODE_WORDS = frozenset({
    "0", "1", "true", "false", "none", "null", "enabled", "disabled", "required", "optional", "minutes",
    "hours", "days", "external", "managed", "iam", "internal", "default",
})  # fmt: skip

# `DB_PASSWORD=…`, `--token …`, `Pwd=…;`, `"password": …` in a longer text: where a name begins and ends.
_NAME = re.compile(r"(?<![\w.-])(--?)?([A-Za-z_][\w.-]*+)([\"']?+\s{0,8}+[=:]|[ \t]{1,8}+)?")
_VALUE = re.compile(r"\s{0,8}[\"']?(?![$<%({\"'])([^\s\"';&,]{4,256})")
_PROSE = ("description", "alarm_description", "comment", "Comment", "label", "error_message", "fix")
_EXPRESSION = re.compile(
    r"\$\{|%\{|^(?:data\.|var\.|local\.|module\.|path\.|(?=[a-z0-9]{1,64}_)\w++\.[\w-]++[.\[]|\w++\()"
)
_QUOTED = re.compile(r'(?<!\\)"((?:[^"\\]|\\.){4,512})"')
_NAMING = re.compile(
    r"^(?:arn:|/|[\w-]++(?:/[\w-]++)++$)"
)  # an ARN, a path, the name of a secret or parameter
_HEX = re.compile(r"[0-9a-fA-F]{16,}+")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{16,}+={0,2}\s{0,8}")
_NAME_KEYS = ("name", "Name", "key", "Key", "http_header_name")
_VALUE_KEYS = ("value", "values", "Value", "insecure_value", "value_wo")
_MYSQL, _PASSED = ("mysql", "mysqldump", "mysqladmin", "mariadb"), re.compile(r"-p(?!\$)\S{4}")
_CREDENTIALS = re.compile(r"(?i)(?:basic|bearer|token|digest)\s{1,8}(?![$<{%])[\w+/=.~-]{6}")
_DEEPEST = 50
_REMEMBERED = 50_000  # texts: blue and green say the same
_SHORT = 6  # characters: nothing shorter looks like a secret
_LARGEST = 4_000_000  # bytes that are unpacked


def literals(value: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """(what it is, the text) of each secret in a value that stands under a key."""
    if depth > _DEEPEST:
        raise ValueError(f"{key[:64]} is nested too deeply to be searched for secrets")
    if isinstance(value, dict):
        yield from _in_object(value, depth)
    elif isinstance(value, list):
        yield from _in_list(value, key, depth)
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


def _in_list(items: list[Any], key: str, depth: int) -> Iterator[tuple[str, str]]:
    """Also the argument after a flag, as commands have them."""
    flag, of_mysql = "", bool(items) and str(items[0]).rpartition("/")[2] in _MYSQL
    for item in items:
        if flag and isinstance(item, str) and not item.startswith("-") and _is_written_out(flag, item):
            yield f"a literal value after {flag}", item
        if of_mysql and _PASSED.match(str(item)):
            yield "a literal value after -p", str(item)
        flag = item if isinstance(item, str) and item.startswith("-") and "=" not in item else ""
        yield from literals(item, key, depth + 1)


@lru_cache(_REMEMBERED)
def _in_text(  # noqa: PLR0911 - a case a kind of text
    text: str, key: str, depth: int
) -> tuple[tuple[str, str], ...]:
    decoded = _decoded(text)
    if decoded is not None and not isinstance(decoded, str):
        return tuple(literals(decoded, "", depth + 1))
    if isinstance(decoded, str) and (inside := tuple(literals(decoded, key, depth + 1))):
        return tuple((what, text) for what, _ in inside)
    if shaped := tuple((what, text) for what, pattern in _SHAPED.items() if pattern.search(text)):
        return shaped
    if _is_written_out(key, text) or (key.lower() == "authorization" and _CREDENTIALS.match(text)):
        return ((f"a literal value in {key}", text),)
    if "${" in text and (inside := _in_expressions(text, key)):
        return inside
    if name := _assigned(text, only="=" if key in _PROSE else ""):
        return ((f"a literal {name[-64:]} in {key or 'its text'}", text),)
    return ()


def _in_expressions(text: str, key: str) -> tuple[tuple[str, str], ...]:
    """What the strings of its expressions hold: `${sensitive("…")}`."""
    for match in _QUOTED.finditer(text):
        if _is_written_out(key, match[1]) or any(shape.search(match[1]) for shape in _SHAPED.values()):
            return ((f"a literal value in {key or 'an expression'}", text),)
    return ()


def _assigned(text: str, only: str = "") -> str | None:
    """The name of a secret that a longer text gives a value; with `only`, by this sign alone."""
    for match in _NAME.finditer(text):
        flag, name, sign = match.groups()
        if not sign or (sign.isspace() and not flag) or (only and not sign.endswith(only)):
            continue
        if (how := said(name)) is Said.NOTHING or not (value := _VALUE.match(text, match.end())):
            continue
        if sign == ":" and not text[match.end() : match.end() + 1].isspace():
            continue  # part of an ARN, a URL, an image
        if sign.endswith(":") and not _ends_the_line(text, value.end()) and not _looks_secret(value[1]):
            continue  # a sentence
        if _is_literal(value[1]) and (how is Said.SECRET or _looks_secret(value[1])):
            return name
    return None


def _ends_the_line(text: str, at: int) -> bool:
    rest = text[at : at + 8].lstrip("\"' ,")
    return not rest or rest[0] in "\r\n}"


def _decoded(text: str) -> Any:
    """A JSON document's value; the text of base64, perhaps compressed."""
    if text[:1] in ("{", "["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    if len(text) % 2 == 0 and _HEX.fullmatch(text):
        readable = bytes.fromhex(text).decode("ascii", "replace")
        return readable if readable.isprintable() and readable.isascii() else None
    if len(text) % 4 == 0 and _BASE64.fullmatch(text) and not text.isalpha() and not text.isdecimal():
        try:
            found = base64.b64decode(text, validate=False)
            if found[:2] == b"\x1f\x8b":
                found = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(found, _LARGEST)
            readable = found.decode("utf-8")
        except (binascii.Error, UnicodeDecodeError, zlib.error):
            return None
        return (
            readable
            if all(character.isprintable() or character.isspace() for character in readable)
            else None
        )
    return None


def _is_written_out(key: str, text: str) -> bool:
    """Whether a value is a secret because of the name that it stands under."""
    how = said(key)
    return how is not Said.NOTHING and _is_literal(text) and (how is Said.SECRET or _looks_secret(text))


def _is_literal(text: str) -> bool:
    """Neither an expression, nor something's name, nor a word that switches something."""
    return bool(text.strip()) and not (
        _EXPRESSION.search(text) or _NAMING.match(text) or text.lower() in _CODE_WORDS
    )


def _looks_secret(text: str) -> bool:
    """One word of mixed characters, which no person reads: not `external`, `payments-api`, `10.0.0.1`."""
    if len(text) < _SHORT or len(text) > _LARGEST or any(map(str.isspace, text)):
        return False
    has_letters, has_digits = any(map(str.isalpha, text)), any(map(str.isdecimal, text))
    return has_letters and (has_digits or (text != text.lower() and not text.isalpha()))
