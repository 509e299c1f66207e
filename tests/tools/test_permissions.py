"""What the recording of permissions changes: every key of the configuration, or why not."""

from collections.abc import Iterator
from typing import Any

from tools.configuration import _tables, schema
from tools.permissions.changes import CHANGES, LEFT


def keys() -> Iterator[str]:
    """Every key that holds a value, with `*` for a colour."""
    whole = schema()
    for path, table in _tables("", whole, whole):
        named = path.partition(" ")[0].replace("<colour>", "*")
        for key, value in table["properties"].items():
            if not named.startswith("[") and not _nested(value, whole):
                yield f"{named}.{key}".lstrip(".")


def _nested(value: dict[str, Any], whole: dict[str, Any]) -> bool:
    options = value.get("oneOf") or value.get("anyOf") or [value]
    found = [whole["$defs"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in options]
    return any("properties" in one for one in found)


def test_every_key_is_changed_or_explained() -> None:
    named = {key.replace(".blue.", ".*.").replace(".green.", ".*.") for key in (*CHANGES, *LEFT)}
    assert set(keys()) == named
