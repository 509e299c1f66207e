"""Every value of a stack's blocks, with what is in JSON documents within them."""

import json
from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Stack

_TEXTS = frozenset({"comment", "description", "tags", "tags_all"})  # they name nothing to AWS
Path = tuple[str, ...]


class Values:
    """Block → (path, value) of each value in it. A data source's document is where it is used."""

    def __init__(self, stack: Stack) -> None:
        self.of = {
            block: list(walk(block.body))
            for block in stack.blocks
            if block.kind in ("resource", "data", "ephemeral") and block.type != "aws_iam_policy_document"
        }


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """(path, value) of each value; a JSON document in a text is gone into, but a policy document, which comes
    whole.
    """
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _TEXTS:
                yield from walk(item, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from walk(item, path)
    elif isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            inner = json.loads(value)
        except ValueError:
            yield path, value
            return
        yield from [(path, inner)] if isinstance(inner, dict) and "Statement" in inner else walk(inner, path)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield path, value
