"""A stack: its blocks, with plain values, and what refers to what.

Blocks are told by type and references, never by what a project calls them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeVar

from stack_gate import blocks
from stack_gate.remembered import remembered
from stack_gate.stack.values import Body, is_true, lookup, objects, plain, strings

_REFERENCE = re.compile(r"(?:data\.)?\b[a-z]\w*\.[A-Za-z_][\w-]*")
WAITS = "depends_on"
# What AWS calls a resource by, in arguments of others.
_IDENTITIES = (
    "name", "arn", "bucket", "function_name", "identifier", "cluster_identifier", "alarm_name", "alias",
)  # fmt: skip

Derived = TypeVar("Derived")


@remembered
def _keys(text: str) -> tuple[str, ...]:
    """The keys of all blocks that a text may refer to."""
    return tuple(_REFERENCE.findall(text)) if "." in text else ()


@dataclass(frozen=True, eq=False)
class Block:
    """One block. `type` is empty unless it is a resource or a data source; `label` is its last label.

    `key`: what expressions call it; `address`: what Terraform and findings call it, with its index.
    """

    kind: str
    type: str
    label: str
    key: str
    address: str
    body: Body = field(repr=False)
    stack: "Stack" = field(repr=False)
    file: str = ""  # in which the block is
    path: str = ""  # of its construct, below the stack

    @property
    def name(self) -> str:
        """The type and the label of a resource or data source; else the label."""
        return f"{self.type}.{self.label}" if self.type else self.label

    @property
    def called(self) -> str:
        """What AWS calls it; its label where the configuration doesn't say."""
        names = (self.get(key) for key in (*_IDENTITIES, "tags.Name"))
        return next((name for name in names if isinstance(name, str) and "${" not in name), self.label)

    def get(self, path: str) -> Any:
        """The argument at a path like `health_check.path`, in the first of several blocks; None if absent."""
        return lookup(self.body, path)

    def blocks(self, path: str) -> list[Body]:
        """The nested blocks at a path, in all blocks on the way; none where there are none."""
        found: list[Body] = [self.body]
        for key in path.split("."):
            found = [block for outer in found for block in objects(outer.get(key))]
        return found

    def flag(self, path: str) -> bool:
        """Whether a boolean argument is true."""
        return is_true(self.get(path))

    def refers(self, path: str, *types: str) -> "list[Block]":
        """The resources of these types that the argument at a path refers to."""
        return self.stack.referred(self.get(path), *types)


class Stack:
    """The blocks of one stack, in the order of its files."""

    def __init__(self, read: Iterable[blocks.Block], name: str = "") -> None:
        self.name = name
        self.blocks = [_block(block, self) for block in read]
        self._at = {block.key: block for block in self.blocks}
        self._derived: dict[Any, Any] = {}

    @cached_property
    def _resources(self) -> list[Block]:
        return [block for block in self.blocks if block.kind == "resource"]

    @cached_property
    def _of_type(self) -> Mapping[str, list[tuple[int, Block]]]:
        """By type; each with its place among all resources."""
        found = defaultdict(list)
        for place, block in enumerate(self._resources):
            found[block.type].append((place, block))
        return found

    @cached_property
    def _identified(self) -> Mapping[tuple[str, str], list[Block]]:
        """By type and what AWS calls it."""
        found: dict[tuple[str, str], list[Block]] = defaultdict(list)
        for block in self.resources():
            for name in {str(block.body[key]) for key in _IDENTITIES if block.body.get(key)}:
                found[block.type, name].append(block)
        return found

    def kind(self, kind: str) -> list[Block]:
        """All blocks of a kind: provider, output, data, …"""
        return [block for block in self.blocks if block.kind == kind]

    def resources(self, *types: str) -> list[Block]:
        """All resources of these types; of all types where none is given."""
        if not types:
            return list(self._resources)
        found = [placed for type_ in dict.fromkeys(types) for placed in self._of_type.get(type_, ())]
        return [block for _, block in (sorted(found, key=itemgetter(0)) if len(types) > 1 else found)]

    def at(self, key: str) -> Block | None:
        """The block that expressions call so, such as `aws_vpc.main` or `data.aws_region.here`."""
        return self._at.get(key)

    def referred(self, value: Any, *types: str) -> list[Block]:
        """The blocks that a value, however nested, refers to, of these types where some are given; and the
        resources of these types that it names as AWS does.
        """
        found: dict[str, Block] = {}
        for text in strings(value):
            for key in _keys(text):
                block = self._at.get(key)
                if block is not None and (not types or block.type in types):
                    found[block.key] = block
            for type_ in types:
                for block in self._identified.get((type_, text), ()):
                    found[block.key] = block
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

    def referrers(self, target: Block, *types: str) -> list[Block]:
        """The resources of these types that refer to `target` anywhere."""
        return [block for block in self.resources(*types) if target.key in self.references[block.key]]

    @cached_property
    def references(self) -> Mapping[str, frozenset[str]]:
        """Resource → resources that it refers to, by key; not those that it only waits for."""
        return {
            block.key: self._named({name: value for name, value in block.body.items() if name != WAITS})
            - {block.key}
            for block in self.resources()
        }

    @cached_property
    def ordered(self) -> Mapping[str, frozenset[str]]:
        """Resource → resources that it waits for (`depends_on`), by key."""
        return {block.key: self._named(block.body.get(WAITS)) for block in self.resources()}

    def _named(self, value: Any) -> frozenset[str]:
        found = (self._at.get(key) for text in strings(value) for key in _keys(text))
        return frozenset(block.key for block in found if block is not None and block.kind == "resource")

    def derived(self, make: type[Derived]) -> Derived:
        """`make(stack)`, made once a stack: a view of it that several policies share."""
        if make not in self._derived:
            self._derived[make] = make(self)  # type: ignore[call-arg]  # every view takes the stack alone
        found: Derived = self._derived[make]
        return found


def _block(source: blocks.Block, stack: Stack) -> Block:
    body = plain(source.body)
    metadata = lookup(body, f"{blocks.COMMENT}.metadata.path")
    body.pop(blocks.COMMENT, None)
    has_type = source.kind in ("resource", "data", "ephemeral")
    return Block(
        kind=source.kind,
        type=source.labels[0] if has_type else "",
        label=source.labels[-1] if has_type else source.name,
        key=blocks.Block.address.__get__(source),
        address=source.address,
        body=body,
        stack=stack,
        file=source.file,
        path=str(metadata or "").partition("/")[2],
    )
