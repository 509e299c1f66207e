"""What the recording of permissions changes: every key of the configuration, or why not."""

from collections.abc import Iterator
from typing import Any

from tools.configuration import _tables, schema
from tools.permissions.changes import CHANGES, CREATED, LEFT, NOT_WALKED


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


# What the fixtures of tests/e2e/test_own_configuration.py set.
WALKED = {
    "availability_zones",  # with the region
    "colours.*.service.file_systems",  # with shared
    "iam.path",  # with shared: with all other keys the boundary would be longer than IAM takes
    "iam.permissions_boundary",  # of every deployment on the laptop
    "ledger.replicate",  # false with shared
    "region",
    "shared",
}


def test_every_key_is_changed_or_explained() -> None:
    named = {key.replace(".blue.", ".*.").replace(".green.", ".*.") for key in (*CHANGES, *LEFT)}
    assert set(keys()) == named


def test_the_walk_has_every_key_or_says_why_not() -> None:
    created = {key.replace(".blue.", ".*.").replace(".green.", ".*.") for key in CREATED}
    assert set(LEFT) == (created - set(CHANGES)) | WALKED | set(NOT_WALKED)
    assert not created & (WALKED | set(NOT_WALKED))
