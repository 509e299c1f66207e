"""The arguments of a block, however nested, and JSON documents in its texts."""

import json
from collections.abc import Iterator
from enum import Enum
from typing import Any

from stack_gate.blocks import COMMENT
from stack_gate.document import END, START


class Step(Enum):
    """Steps of a path besides keys and indexes."""

    DECODED = "into the JSON document that a text is"


Path = tuple[str | int | Step, ...]
DROPPED = object()  # in place of a value: there is none any more
_NOT_ARGUMENTS = frozenset({COMMENT, START, END})


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each argument, nested block and item of a list in a value, with its path; the outer one first."""
    if isinstance(value, str) and (document := _decoded(value)) is not None:
        yield from places(document, (*path, Step.DECODED))
    for key, item in _items(value):
        yield (*path, key), item
        yield from places(item, (*path, key))


def _items(value: Any) -> list[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return [(key, item) for key, item in value.items() if key not in _NOT_ARGUMENTS]
    return list(enumerate(value)) if isinstance(value, list) else []


def _decoded(text: str) -> Any:
    """The object or list that a text is as JSON; None where it is none."""
    try:
        found = json.loads(text) if text[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        return None
    return found or None


def replaced(value: Any, path: Path, new: Any) -> Any:
    """The value with another one at the path. What it does not change is shared with the original."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if step is Step.DECODED:
        return json.dumps(replaced(json.loads(value), rest, new))
    copy = value.copy()
    inner = replaced(copy[step], rest, new)
    if inner is DROPPED:
        del copy[step]
    else:
        copy[step] = inner
    return copy


def at(value: Any, path: Path) -> Any:
    """The value at the path."""
    for step in path:
        value = json.loads(value) if step is Step.DECODED else value[step]
    return value


def called(path: Path) -> str:
    """As documents name an argument: `policy.Statement[].Action`, whichever statement it is."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += "[]"
        elif isinstance(step, str):
            text += f".{step}" if text else step
    return text
