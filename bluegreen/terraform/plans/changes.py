"""What a plan changes, attribute by attribute: what an approver says yes to. No secret is in it.

Redacted is what Terraform marks as sensitive, and whatever has a secret's name. Source: Terraform
documentation, "JSON Output Format", change representation.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambda_src.contract.images import Image

# By what is lost when it goes wrong: the first ones have to be seen first.
ORDER = ("delete", "replace", "forget", "update", "create", "read")
KNOWN_LATER, SENSITIVE, REDACTED, ABSENT = "(known after apply)", "(sensitive)", "(redacted)", "(none)"
VALUES = ("value", "Value")  # beside a name, as in the environment of a container
LONGEST = 300  # characters of one value
_SECRET = re.compile(
    r"(?:^|[_.\-])(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|connection_?string|"
    r"(?:access|api|auth|private|shared|signing)_?key)(?:s)?(?=[_.\-\d]|$)"
)
# What a key ends with that speaks about a secret, and is none.
_ABOUT = re.compile(
    r"_(?:id|arn|name|path|url|uri|type|version|days|hours|minutes|seconds|policy|enabled|required|rotation|"
    r"alias|endpoint|status|kms_key_id)s?$"
)


@dataclass(frozen=True)
class Attribute:
    """`path`: such as `environment[0].variables.WINDOWS`; `before` and `after`: as they are shown."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Changed:
    """`action`: one of ORDER; `replaced_by`: the attributes whose change replaces the resource."""

    address: str
    action: str
    attributes: tuple[Attribute, ...]
    replaced_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeptImage:
    """`configured`: what the configuration names for a colour, which runs `live`."""

    colour: str
    configured: str
    live: str


def kept_images(document: Mapping[str, Any]) -> list[KeptImage]:
    """The images that an apply keeps although the configuration names others: those that were deployed."""
    configured = {
        resource["address"]: resource["expressions"].get("insecure_value", {}).get("constant_value", "")
        for resource in document.get("configuration", {}).get("root_module", {}).get("resources", ())
        if resource["type"] == "aws_ssm_parameter"
    }
    found = []
    for resource in document.get("planned_values", {}).get("root_module", {}).get("resources", ()):
        named, live = configured.get(resource["address"], ""), resource["values"].get("insecure_value")
        if Image.read(named) and live and live != named:
            found.append(KeptImage(resource["values"]["tags"]["Colour"], named, live))
    return sorted(found, key=lambda kept: kept.colour)


def changes(document: Mapping[str, Any]) -> list[Changed]:
    """Of what `terraform show -json` says of a plan: deletions and replacements first."""
    found = [
        Changed(
            change["address"] + (" (deposed)" if change.get("deposed") else ""),
            action,
            tuple(_attributes(change["change"])),
            tuple(sorted({_path(path) for path in change["change"].get("replace_paths") or ()})),
        )
        for change in document.get("resource_changes", ())
        if (action := _action(change["change"]["actions"])) != "no-op"
    ]
    return sorted(found, key=lambda changed: (ORDER.index(changed.action), changed.address))


def _action(actions: Sequence[str]) -> str:
    return "replace" if len(actions) > 1 and "delete" in actions else actions[0]


def _attributes(change: Mapping[str, Any]) -> Iterator[Attribute]:
    before = dict(_leaves(change.get("before"), change.get("before_sensitive"), None))
    after = dict(_leaves(change.get("after"), change.get("after_sensitive"), change.get("after_unknown")))
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old != new:
            yield Attribute(path, _shown(path, old), _shown(path, new))


Leaf = tuple[Any, bool, bool]  # value, whether it is sensitive, whether it is not known yet


def _leaves(value: Any, sensitive: Any, unknown: Any, path: str = "") -> Iterator[tuple[str, Leaf]]:
    """Path → leaf. Text that is JSON is looked into: of a policy, one statement changes, not all of it."""
    if sensitive is True or unknown is True:
        yield path, (value, sensitive is True, unknown is True)
        return
    if isinstance(value, str) and value.startswith(("{", "[")):
        value = _decoded(value)
    if isinstance(value, Mapping) or isinstance(unknown, Mapping):
        given = value if isinstance(value, Mapping) else {}
        for key in sorted(given.keys() | (unknown.keys() if isinstance(unknown, Mapping) else set())):
            inner = f"{path}.{key}" if path else str(key)
            named = key in VALUES and is_secret(str(given.get("name", given.get("Name", ""))))
            yield from _leaves(given.get(key), named or _of(sensitive, key), _of(unknown, key), inner)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, _of(sensitive, index), _of(unknown, index), f"{path}[{index}]")
    elif value not in (None, "", False):
        yield path, (value, False, False)


def _of(marks: Any, key: Any) -> Any:
    if isinstance(marks, Mapping):
        return marks.get(key)
    return marks[key] if isinstance(marks, list) and isinstance(key, int) and key < len(marks) else None


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _shown(path: str, leaf: Leaf | None) -> str:
    if leaf is None:
        return ABSENT
    value, sensitive, unknown = leaf
    if sensitive:
        return SENSITIVE
    if unknown:
        return KNOWN_LATER
    if is_secret(path):
        return REDACTED
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"


def is_secret(path: str) -> bool:
    """By any of the names on the way, such as `environment[0].variables.DB_PASSWORD`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path)  # connectionString
    names = re.sub(r"\[\d+\]", "", spaced).lower().split(".")
    return any(_SECRET.search(name) and not _ABOUT.search(name) for name in names)


def _path(parts: Sequence[Any]) -> str:
    found = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return found.removeprefix(".")
