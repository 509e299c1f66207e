"""Reads synthesized Terraform JSON as a graph: blocks by type, and what a reference in one names."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

REFERENCE = re.compile(r"\$\{(?:data\.)?([a-z0-9_]+)\.([A-Za-z0-9_-]+)(?:\.([a-z_0-9]+))?\}")


@dataclass(frozen=True)
class Resource:
    """One resource block. `block[...]` reads an argument."""

    type: str
    name: str
    block: dict[str, Any] = field(compare=False)

    def __getitem__(self, argument: str) -> Any:
        return self.block[argument]

    @property
    def path(self) -> str:
        """The construct's path below the stack, such as `load-balancer/https`."""
        path: str = self.block["//"]["metadata"]["path"]
        return path.split("/", 1)[1]

    def policy(self, argument: str = "policy") -> list[dict[str, Any]]:
        """The statements of the policy document that this argument holds as JSON."""
        statements: list[dict[str, Any]] = json.loads(self.block[argument])["Statement"]
        return statements


class Stack:
    """A parsed `cdk.tf.json`."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def all(self, type_: str) -> list[Resource]:
        """All resources of a type."""
        blocks = self.document["resource"].get(type_, {})
        return [Resource(type_, name, block) for name, block in blocks.items()]

    def one(self, type_: str) -> Resource:
        """The only resource of a type."""
        (only,) = self.all(type_)
        return only

    def at(self, path: str) -> Resource:
        """The resource whose construct path is `path`."""
        (found,) = [
            resource
            for type_ in self.document["resource"]
            for resource in self.all(type_)
            if resource.path == path
        ]
        return found

    def named(self, reference: str) -> Resource:
        """The resource that a whole-string reference such as `${aws_vpc.x.id}` names."""
        match = REFERENCE.fullmatch(reference)
        assert match, f"{reference!r} is no reference to a resource"
        return Resource(match[1], match[2], self.document["resource"][match[1]][match[2]])

    def output(self, name: str) -> Any:
        """The value of an output."""
        return self.document["output"][name]["value"]
