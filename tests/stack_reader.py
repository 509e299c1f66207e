"""A synthesized stack for tests: the gate's reader, with what tests ask for besides."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from stack_gate import stack

REFERENCE = re.compile(r"\$\{(?:data\.)?([a-z0-9_]+)\.([A-Za-z0-9_-]+)(?:\.([a-z_0-9]+))?\}")


@dataclass(frozen=True)
class Resource:
    """One resource. `resource[...]` reads an argument. `path`: of its construct, such as `backup/vault`."""

    type: str
    name: str
    block: dict[str, Any] = field(compare=False)
    path: str = field(compare=False)

    def __getitem__(self, argument: str) -> Any:
        return self.block[argument]

    def policy(self, argument: str = "policy") -> list[dict[str, Any]]:
        """The statements of the policy document that this argument holds as JSON."""
        statements: list[dict[str, Any]] = json.loads(self.block[argument])["Statement"]
        return statements


class Stack:
    """A parsed `cdk.tf.json`."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._stack = stack.parse(json.dumps(document))

    def all(self, type_: str) -> list[Resource]:
        """All resources of a type."""
        return [_resource(block) for block in self._stack.resources(type_)]

    def one(self, type_: str) -> Resource:
        """The only resource of a type."""
        (only,) = self.all(type_)
        return only

    def at(self, path: str) -> Resource:
        """The resource whose construct path is `path`."""
        (found,) = [block for block in self._stack.resources() if block.path == path]
        return _resource(found)

    def named(self, reference: str) -> Resource:
        """The resource that a whole-string reference such as `${aws_vpc.x.id}` names."""
        assert REFERENCE.fullmatch(reference), f"{reference!r} is no reference to a resource"
        (found,) = self._stack.referred(reference)
        return _resource(found)

    def output(self, name: str) -> Any:
        """The value of an output."""
        return self.document["output"][name]["value"]


def _resource(block: stack.Block) -> Resource:
    return Resource(block.type, block.label, block.body, block.path)
