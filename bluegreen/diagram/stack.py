"""The synthesized JSON of one stack as a graph: resources with plain values, and what refers to what.

Resources are told by type and references, never by what a project calls them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

_ADDRESS = re.compile(r"(?:data\.)?\b[a-z]\w*\.[A-Za-z_][\w-]*")
# What AWS calls a resource by, in arguments of others.
_IDENTITIES = ("name", "arn", "bucket", "function_name", "identifier", "cluster_identifier", "alarm_name")


@dataclass(frozen=True, eq=False)
class Resource:
    """One resource block. `body`: its arguments; nested blocks are dicts, or lists of them."""

    type: str
    label: str
    body: Mapping[str, Any] = field(repr=False)

    @property
    def address(self) -> str:
        """As Terraform calls it."""
        return f"{self.type}.{self.label}"

    @property
    def name(self) -> str:
        """As AWS calls it, else by its label."""
        names = (self.get(key) for key in (*_IDENTITIES, "tags.Name"))
        return next((name for name in names if isinstance(name, str) and "${" not in name), self.label)

    def get(self, path: str) -> Any:
        """The argument at a path like `health_check.path`, in the first block of several; None if absent."""
        *outer, last = path.split(".")
        found = self.blocks(".".join(outer)) if outer else [self.body]
        value = found[0].get(last) if found else None
        return value[0] if isinstance(value, list) and len(value) == 1 else value

    def blocks(self, path: str) -> list[Mapping[str, Any]]:
        """The nested blocks at a path; none where there are none."""
        found: list[Mapping[str, Any]] = [self.body]
        for key in path.split("."):
            found = [block for outer in found for block in objects(outer.get(key))]
        return found

    def flag(self, path: str) -> bool:
        """Whether a boolean argument is true; Terraform takes the string, too."""
        return self.get(path) in (True, "true")


class Stack:
    """The resources of one stack, by address, in the order of the file."""

    def __init__(self, name: str, resources: Iterable[Resource], provider: Mapping[str, Any]) -> None:
        self.name = name
        self.provider = provider
        self.resources = {resource.address: resource for resource in resources}

    def of(self, *types: str) -> list[Resource]:
        """All resources of these types."""
        return [resource for resource in self.resources.values() if resource.type in types]

    def referred(self, value: Any, *types: str) -> list[Resource]:
        """The resources of these types, of any where none is given, that a value refers to or names."""
        found: dict[str, Resource] = {}
        for text in strings(value):
            for address in _ADDRESS.findall(text):
                if (resource := self.resources.get(address)) and (not types or resource.type in types):
                    found[address] = resource
            if named := self._named.get(text):
                found |= {resource.address: resource for resource in named if resource.type in types}
        return list(found.values())

    def users(self, target: Resource, *types: str) -> list[Resource]:
        """The resources of these types that refer to `target` anywhere."""
        return [user for user in self.of(*types) if target.address in self.references[user.address]]

    @cached_property
    def references(self) -> dict[str, frozenset[str]]:
        """Address → addresses that it refers to or depends on."""
        return {
            address: frozenset(
                found
                for text in strings(resource.body)
                for found in _ADDRESS.findall(text)
                if found in self.resources and found != address
            )
            for address, resource in self.resources.items()
        }

    @cached_property
    def _named(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for resource in self.resources.values():
            for key in _IDENTITIES:
                if isinstance(name := resource.body.get(key), str) and "${" not in name:
                    found[name].append(resource)
        return found


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Of a nested block, however it is written: the blocks."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]


def strings(value: Any) -> list[str]:
    """Every string in a value, however nested, keys not included."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []
