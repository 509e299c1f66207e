"""Values of Terraform's JSON syntax: nested blocks in either spelling, numbers and booleans as strings."""

from typing import Any

from stack_gate.document import END, START

Body = dict[str, Any]

_LINES = frozenset({START, END})


def plain(value: Any) -> Any:
    """The value as it is written, without the line numbers that the gate keeps in every object."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in _LINES}
    return [plain(item) for item in value] if isinstance(value, list) else value


def listed(value: Any) -> list[Any]:
    """Of an argument that may be a list, one value, or absent: the list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def objects(value: Any) -> list[Body]:
    """Of a nested block, an object or a list of objects: the objects."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def lookup(body: Body, path: str) -> Any:
    """The value at `health_check.path`, in the first block where there are several; None if absent."""
    if "." not in path:
        return body.get(path)
    value: Any = body
    for key in path.split("."):
        if isinstance(value, list):
            value = next((item for item in value if isinstance(item, dict)), None)
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def is_true(value: Any) -> bool:
    """Whether Terraform converts the value to true; an expression isn't known to be."""
    return value is True or value in ("true", "1")


def is_false(value: Any) -> bool:
    """Whether Terraform converts the value to false; an absent one, or an expression, isn't known to be."""
    return value is False or value in ("false", "0")


def number(value: Any) -> float | None:
    """The value as a number; None where it is none, or an expression."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def strings(value: Any) -> list[str]:
    """Every string in a value, however nested, keys not included."""
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in items for text in strings(item)]
