"""Plain Python values out of the form in which Checkov's graph keeps them.

Checkov wraps a scalar as `[x]`, a list as `[[…]]`, an object as `[{…}]`; tags and policy documents it leaves.
Terraform takes numbers and booleans as strings, too: compare them by `number` and `is_true`.
"""

import re
from typing import Any

Body = dict[str, Any]

_BOOKKEEPING = re.compile(r"__\w+__")
_ABSENT = object()


def plain(value: Any) -> Any:
    """A scalar, a list of scalars, or, for nested blocks and objects, always a list of dicts."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if not _BOOKKEEPING.fullmatch(str(key))}
    if not isinstance(value, list):
        return value
    if len(value) == 1 and not isinstance(value[0], dict):
        return value[0]
    return [plain(item) for item in value]


def listed(value: Any) -> list[Any]:
    """Of an argument that may be a list, one value, or absent: the list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def objects(value: Any) -> list[Body]:
    """Of a nested block, however often it is there: the blocks."""
    return [item for item in listed(value) if isinstance(item, dict)]


def lookup(body: Body, path: str) -> Any:
    """The value at `health_check.path`, in the first block where there are several; None if absent."""
    value: Any = body
    for key in path.split("."):
        inner = objects(value)
        value = inner[0].get(key, _ABSENT) if inner else _ABSENT
        if value is _ABSENT:
            return None
    return value


def is_true(value: Any) -> bool:
    """Whether Terraform takes the value for true; an expression isn't known to be."""
    return value is True or value == "true"


def number(value: Any) -> float | None:
    """The value as a number; None where it is none, or an expression."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def strings(value: Any) -> list[str]:
    """Every string in a value, however nested, keys not included."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []
