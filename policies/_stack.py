"""A stack as policies read it: its blocks, with plain values, and what refers to what.

Built from Checkov's graph, in which locals and variables are resolved already. A reference to an attribute
whose value the configuration gives (a name, say) is rendered to it there: resources are found by name, too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from policies._values import Body, lookup, objects, plain, strings

_REFERENCE = re.compile(r"(?:data\.)?\b[a-z]\w*\.[A-Za-z_][\w-]*")
# What AWS calls a resource by, in arguments of others.
_IDENTITIES = ("name", "arn", "bucket", "function_name", "identifier", "cluster_identifier", "alias")

Derived = TypeVar("Derived")


@dataclass(frozen=True, eq=False)
class Block:
    """One block. `type` is empty unless it is a resource or a data source."""

    kind: str
    name: str
    type: str
    body: Body
    stack: "Stack" = field(repr=False)
    file: str = ""  # in which the block is
    # Addresses of the blocks that Checkov took a value of an argument from, by the argument's path.
    origins: dict[str, list[str]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """As findings call it."""
        prefix = {"resource": "", "variable": "var."}.get(self.kind, f"{self.kind}.")
        return f"{prefix}{self.name}"

    def get(self, path: str) -> Any:
        """The argument at a path like `health_check.path`; None where it is absent."""
        return lookup(self.body, path)

    def blocks(self, path: str) -> list[Body]:
        """The nested blocks at a path; none where there are none."""
        return objects(self.get(path))

    def refers(self, path: str, *types: str) -> "list[Block]":
        """The resources of these types that the argument at a path refers to."""
        return self.stack.referred(self.get(path), *types)


class Stack:
    """The blocks of one stack. `graph` is Checkov's; ask for it with `of`."""

    def __init__(self, graph: Any) -> None:
        self.blocks = [_block(attributes, self) for _, attributes in graph.nodes()]
        self._derived: dict[Any, Any] = {}

    @cached_property
    def _by_address(self) -> dict[str, Block]:
        return {block.address: block for block in self.blocks}

    @cached_property
    def _by_identity(self) -> dict[tuple[str, str], Block]:
        found: dict[tuple[str, str], Block] = {}
        for block in self.resources():
            for key in _IDENTITIES:
                if isinstance(value := block.body.get(key), str):
                    found.setdefault((block.type, value), block)
        return found

    def kind(self, kind: str) -> list[Block]:
        """All blocks of a kind: provider, output, data, …"""
        return [block for block in self.blocks if block.kind == kind]

    def resources(self, *types: str) -> list[Block]:
        """All resources of these types; of all types where none is given."""
        return [b for b in self.blocks if b.kind == "resource" and (not types or b.type in types)]

    def at(self, address: str) -> Block | None:
        """The block with this address."""
        return self._by_address.get(address)

    def referred(self, value: Any, *types: str) -> list[Block]:
        """The resources of these types that a value, however nested, refers to or names."""
        found: dict[str, Block] = {}
        for text in strings(value):
            for name in _REFERENCE.findall(text):
                block = self._by_address.get(name)
                if block is not None and (not types or block.type in types):
                    found[block.address] = block
            for type_ in types:
                if (block := self._by_identity.get((type_, text))) is not None:
                    found[block.address] = block
        return list(found.values())

    def one(self, value: Any, *types: str) -> Block | None:
        """The only resource of these types that a value refers to; None where it isn't exactly one."""
        found = self.referred(value, *types)
        return found[0] if len(found) == 1 else None

    def users(self, target: Block, path: str, *types: str) -> Iterator[Block]:
        """The resources of these types whose argument at `path` refers to `target`."""
        for block in self.resources(*types):
            if target in self.referred(block.get(path), target.type):
                yield block

    def derived(self, make: "type[Derived]") -> Derived:
        """`make(stack)`, made once a stack: a view of it that several policies share."""
        if make not in self._derived:
            self._derived[make] = make(self)  # type: ignore[call-arg]  # every view takes the stack alone
        found: Derived = self._derived[make]
        return found


_latest: tuple[Any, Stack] | None = None


def of(graph: Any) -> Stack:
    """The stack in Checkov's graph; the one asked for last is kept, as every policy asks for it."""
    global _latest  # noqa: PLW0603 - Checkov gives a check nothing else to share by
    if _latest is None or _latest[0] is not graph:
        _latest = (graph, Stack(graph))
    return _latest[1]


def _block(attributes: Body, stack: Stack) -> Block:
    kind, name = attributes["block_type_"], attributes["block_name_"]
    conf, type_ = attributes["config_"], ""
    if kind in ("resource", "data"):
        type_, _, label = name.partition(".")
        conf = conf[type_][label]
    elif name in conf:
        conf = conf[name]
    elif kind == "provider":
        conf = conf[name.partition(".")[0]]
    origins = {
        path: [origin["name"] for origin in trail]
        for path, trail in (attributes.get("rendering_breadcrumbs_") or {}).items()
    }
    return Block(
        kind,
        name,
        type_,
        plain(conf) if isinstance(conf, dict) else {},
        stack,
        attributes.get("file_path_", ""),
        origins,
    )
