"""The mutants of a file."""

import ast
import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator

from tools.mutation import noise
from tools.mutation.operators import operators


@dataclass(frozen=True)
class Mutant:
    """`path` from the root of the project, `lines` those that it changes; `source` is the whole file."""

    path: str
    operator: str
    within: (
        str  # the function or class, e.g. "Gates.targets", a number where it has several such; "" at the top
    )
    lines: tuple[int, int]
    before: str
    after: str
    source: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What stays the same when code above it moves."""
        return self.path, self.within, self.before, self.after

    def __str__(self) -> str:
        return f"{self.path}:{self.lines[0]} {self.within}\n    - {self.before}\n    + {self.after}"


def mutants_of(path: Path, root: Path) -> list[Mutant]:
    """All of them, in a fixed order, each with another source than the others."""
    source = path.read_text(encoding="utf-8")
    original = _Original.of(str(path.relative_to(root)), source)
    found = {
        mutant.source: mutant
        for name, operator in operators().items()
        for mutant in _of_operator(original, name, operator)
    }
    return _numbered(sorted(found.values(), key=lambda each: (each.lines, each.operator, each.after)))


def _numbered(mutants: list[Mutant]) -> list[Mutant]:
    """So that each has a key of its own."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    numbered = []
    for mutant in mutants:
        seen[mutant.key] += 1
        number = seen[mutant.key]
        numbered.append(replace(mutant, within=f"{mutant.within} {number}") if number > 1 else mutant)
    return numbered


@dataclass(frozen=True)
class _Original:
    """A file, and what is asked of it once for each mutant."""

    path: str
    source: str
    tree: ast.Module
    dump: str
    nodes: list[Any]
    silent: list[noise.Span]
    arithmetic: list[noise.Span]

    @classmethod
    def of(cls, path: str, source: str) -> "_Original":
        tree, nodes = ast.parse(source), list(ast_nodes(parso.parse(source)))
        return cls(path, source, tree, ast.dump(tree), nodes, noise.spans(source), _arithmetic(tree))

    def says_something(self, name: str, start: tuple[int, int], end: tuple[int, int]) -> bool:
        if noise.covers(self.silent, start, end):
            return False
        return "BinaryOperator" not in name or any(first <= start < last for first, last in self.arithmetic)

    def is_same(self, changed: str) -> bool:
        """Whether it is no other program, or none at all."""
        try:
            return ast.dump(ast.parse(changed)) == self.dump
        except SyntaxError:
            return True


def _of_operator(original: _Original, name: str, operator: Operator) -> Iterator[Mutant]:
    positions = [position for node in original.nodes for position in operator.mutation_positions(node)]
    for number, (start, end) in enumerate(positions):
        if not original.says_something(name, start, end):
            continue
        changed = mutate_code(original.source, operator, number)
        if changed is None or original.is_same(changed):
            continue
        before, after = _difference(original.source, changed)
        within = _within(original.tree, start[0])
        yield Mutant(original.path, name, within, (start[0], end[0]), before, after, changed)


def _arithmetic(tree: ast.Module) -> list[noise.Span]:
    """Between the operands of binary operations: `*` and `**` are found elsewhere, too."""
    return [
        (
            (node.left.end_lineno or 0, node.left.end_col_offset or 0),
            (node.right.lineno, node.right.col_offset),
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp)
    ]


def _within(tree: ast.Module, line: int) -> str:
    names = [
        (node.lineno, node.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return ".".join(name for _, name in sorted(names))


def _difference(source: str, changed: str) -> tuple[str, str]:
    """The lines that differ, each without its indentation, joined."""
    lines = list(difflib.ndiff(source.splitlines(), changed.splitlines()))
    removed, added = ([line[2:].strip() for line in lines if line[0] == sign] for sign in "-+")
    return " ".join(removed), " ".join(added)
