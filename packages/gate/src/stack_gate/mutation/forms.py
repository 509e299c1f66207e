"""How a stack is written: as it is, or under names that say nothing and behind locals."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

from stack_gate.blocks import COMMENT, Block
from stack_gate.document import END, START
from stack_gate.mutation.places import DROPPED, Path, Step, at, places, replaced

_NAMED = re.compile(r"(?<![\w.-])((?:data\.)?[a-z]\w*)\.([A-Za-z_][\w-]*)")
# Terraform takes literals and references there, and no locals.
_LITERAL = frozenset(
    {"lifecycle", "depends_on", "provider", "count", "for_each", "provisioner", "connection"}
)
_HIDEABLE = frozenset({"resource", "data", "output"})
Rename = Callable[[Any], Any]


def renaming(blocks: Sequence[Block]) -> Rename:
    """Gives every resource and data source another name, in any value."""
    known = {
        (f"data.{block.labels[0]}" if block.kind == "data" else block.labels[0], block.labels[1])
        for block in blocks
        if block.kind in ("resource", "data")
    }

    def other(match: re.Match[str]) -> str:
        return f"{match[1]}.{new_name(match[2])}" if (match[1], match[2]) in known else match[0]

    def rename(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: item if key == COMMENT else rename(item) for key, item in value.items()}
        if isinstance(value, list):
            return [rename(item) for item in value]
        return _NAMED.sub(other, value) if isinstance(value, str) else value

    return rename


def new_name(name: str) -> str:
    """Says nothing, and is the same whatever else is in the stack."""
    return f"thing-{crc32(name.encode())}"


def renamed(block: Block, rename: Rename) -> Block:
    """A block under its other name, if it is one that has a name of its own."""
    labels = block.labels
    if block.kind in ("resource", "data"):
        labels = (labels[0], new_name(labels[1]))
    return Block(block.kind, labels, rename(block.body), block.file, block.line)


def hidden(block: Block, path: Path) -> tuple[Block, list[Block]]:
    """The value at a path behind a local, which a variable gives where it refers to nothing; and both blocks.

    Of a value in a JSON document the whole document is hidden. What can't be hidden stays as it is.
    """
    if Step.DECODED in path:
        path = path[: path.index(Step.DECODED)]
    if block.kind not in _HIDEABLE or not path or path[0] in _LITERAL:
        return block, []
    value = at(block.body, path)
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(i, dict) for i in value)):
        return block, []
    name = f"hidden_{crc32(repr((block.address, path)).encode())}"
    body = replaced(block.body, path, f"${{local.{name}}}")
    lines = {START: block.line, END: block.line}
    added = [Block("locals", (), {name: value, **lines}, block.file, block.line)]
    if "${" not in str(value):
        variable = Block("variable", (name,), {"default": value, **lines}, block.file, block.line)
        added = [Block("locals", (), {name: f"${{var.{name}}}", **lines}, block.file, block.line), variable]
    return Block(block.kind, block.labels, body, block.file, block.line), added


def all_hidden(block: Block) -> tuple[Block, list[Block]]:
    """Every argument of a block behind a local of its own."""
    added: list[Block] = []
    for path, value in places(block.body):
        if Step.DECODED not in path and not isinstance(value, dict | list) and value is not None:
            block, more = hidden(block, path)
            added += more
    return block, added


def changed(block: Block, path: Path, value: Any) -> Block | None:
    """The block with another value at the path; None where it is taken out as a whole."""
    if not path and value is DROPPED:
        return None
    return Block(block.kind, block.labels, replaced(block.body, path, value), block.file, block.line)
