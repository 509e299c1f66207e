"""Commands that change something, wherever a text of ours names one: found by the structure of the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.workspaces import ROOT

PACKAGES = ("bindings", "embedded_aws", "gate", "iam", "safe_io")
SOURCES = ("bluegreen", "lambda_src", "modules", *(f"packages/{name}/src" for name in PACKAGES))
# What changes traffic, resources or a state. Verbs that only read (status, plan, output, init) are none.
TERRAFORM = (
    r"terraform (?:-chdir=\S* )?(?:apply|destroy|import|taint|untaint|force-unlock|state (?:push|rm|mv))"
)
OWN = r"bluegreen (?:apply|switch|shift|rollback|reconcile|abort|approve|unfreeze|local (?:up|down))"
AWS = r"aws [\w-]+ (?:modify|delete|update|create|put|remove|rotate)[\w-]*"
WORDS = r"apply (?:it|the deployment)"
CHANGING = re.compile("|".join((TERRAFORM, OWN, AWS, WORDS)))


def in_code() -> Iterator[tuple[str, str]]:
    """(file, command) of every string in the code that is no docstring, f-strings included."""
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            where = str(path.relative_to(ROOT))
            for text in _strings(path):
                yield from ((where, found) for found in CHANGING.findall(text))


def in_needs() -> Iterator[tuple[str, str]]:
    """(file, command) of each Terraform command that is made for an operator to type."""
    for where in ("bluegreen/terraform/recovery/needs.py", "bluegreen/cli/unfinished.py"):
        for node in ast.walk(ast.parse((ROOT / where).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"terraform", "command"}:
                words = [part.value for part in node.args if isinstance(part, ast.Constant)]
                yield where, f"terraform {' '.join(str(word) for word in words)}"


def in_errors() -> Iterator[tuple[str, str]]:
    """(error, command) of the last column of docs/errors.md, which says what to do."""
    document = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) > 2:
            yield from ((cells[0].strip("`"), found) for found in CHANGING.findall(cells[-1]))


def _strings(path: Path) -> Iterator[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    docstrings = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    joined = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    left_out = docstrings | joined
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and id(node) not in left_out:
            yield str(node.value)
