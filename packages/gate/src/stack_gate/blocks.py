"""Takes a document of Terraform's JSON syntax apart into blocks, whichever of its spellings it uses.

Source: Terraform documentation, "JSON Configuration Syntax".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stack_gate.document import END, START
from stack_gate.report import Problem

COMMENT = "//"  # Terraform ignores it in every body; CDKTF keeps its metadata there, we the waivers

LABELS = {
    "resource": 2, "data": 2, "ephemeral": 2,
    "provider": 1, "module": 1, "variable": 1, "output": 1, "check": 1,
    "terraform": 0, "locals": 0, "import": 0, "moved": 0, "removed": 0,
}  # fmt: skip

CHECKED = frozenset({"resource", "data", "provider", "module"})  # the kinds that Checkov has checks for

# The kinds that Checkov's graph doesn't hold. A pack may judge them.
OUTSIDE_CHECKOV = frozenset({"check", "ephemeral", "import", "moved", "removed"})


@dataclass(slots=True)
class Block:
    """One block of the configuration. `body` is the block's own: stages before the evaluation change it."""

    kind: str
    labels: tuple[str, ...]
    body: dict[str, Any]
    file: str
    line: int

    @property
    def name(self) -> str:
        """As Checkov's graph calls it."""
        alias = self.body.get("alias") if self.kind == "provider" else None
        return ".".join((*self.labels, alias) if isinstance(alias, str) else self.labels)

    @property
    def address(self) -> str:
        """As Terraform calls it."""
        prefix = {"resource": "", "variable": "var."}.get(self.kind, f"{self.kind}.")
        return f"{prefix}{self.name}".rstrip(".")


def split(document: dict[str, Any], file: str) -> tuple[list[Block], list[Problem]]:
    """Every block of `document`, and what in it is none that this gate knows."""
    blocks: list[Block] = []
    problems: list[Problem] = []
    for kind, content in document.items():
        if kind in (COMMENT, START, END):
            continue
        if kind not in LABELS:
            fix = "write it in another way, or teach packages/gate/src/stack_gate/blocks.py to evaluate it"
            problems.append(
                Problem(f'the block "{kind}" is not known to this gate', fix, file, document[START])
            )
            continue
        for labels, body in _bodies(content, LABELS[kind]):
            if isinstance(body, dict):
                blocks.append(Block(kind, labels, body, file, body[START]))
                blocks += _inside_check(body, file) if kind == "check" else ()
            else:
                where = ".".join((kind, *labels))
                problems.append(_not_a_block(where, file, document[START]))
    return blocks, problems


def _inside_check(body: dict[str, Any], file: str) -> Iterator[Block]:
    """The data sources of a check block. Terraform reads them as it reads others."""
    for labels, inner in _bodies(body.get("data", {}), LABELS["data"]):
        if isinstance(inner, dict):
            yield Block("data", labels, inner, file, inner[START])


def _bodies(content: Any, depth: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Labels and body of each block; on any level an array stands for several blocks."""
    for part in content if isinstance(content, list) else [content]:
        if depth == 0 or not isinstance(part, dict):
            yield (), part
            continue
        for label, inner in part.items():
            if label not in (COMMENT, START, END):
                for labels, body in _bodies(inner, depth - 1):
                    yield (label, *labels), body


def _not_a_block(where: str, file: str, line: int) -> Problem:
    return Problem(f"{where} is not a block", "synthesize again; `terraform validate` says more", file, line)


def repeated(blocks: list[Block]) -> list[Problem]:
    """Blocks, and local values, of one stack that have the same address."""
    seen: set[str] = set()
    problems = []
    for address, place in [(address, block) for block in blocks for address in _addresses(block)]:
        if address in seen:
            message = f"{address} is there twice, and only one of them would be evaluated"
            problems.append(Problem(message, "give them different names", place.file, place.line))
        seen.add(address)
    return problems


def _addresses(block: Block) -> list[str]:
    if block.kind == "locals":
        return [f"local.{name}" for name in block.body if name not in (COMMENT, START, END)]
    return [block.address] if block.labels else []
