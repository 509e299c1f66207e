"""Puts the values of locals and variables where they are referred to: Python checks see no further than a
resource's own block.
"""

import re
from collections.abc import Iterator
from typing import Any

from stack_gate.blocks import CHECKED, Block
from stack_gate.document import END, START
from stack_gate.report import Problem

# ${local.x}, ${var.x}, and a path into them: .key, ["key"], [0]. Terraform's escape for a literal ${ is $${.
_REFERENCE = re.compile(r'(?<!\$)\$\{((?:local|var)\.[\w-]+)((?:\.[\w-]+|\["[^"]+"\]|\[\d+\])*)\}')
_STEP = re.compile(r'\.([\w-]+)|\["([^"]+)"\]|\[(\d+)\]')
# ${…} with braces one deep in it; %{…}; strings; and what makes an expression a condition, or a loop.
_EXPRESSION = re.compile(r"(?<![$%])[$%]\{((?:[^{}]|\{[^{}]*\})*)\}")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_CONDITION = re.compile(r"[=!]=|&&|\|\||[<>?!]|\bfor\b")
_VARIABLE = re.compile(r"\bvar\.([\w-]+)")
RESOLVED = CHECKED | {"ephemeral", "output"}
_DEPTH = 20  # locals that refer to locals; Terraform refuses circles
_MISSING = object()


def expressions(value: Any) -> Iterator[str]:
    """The strings in `value` that Terraform evaluates."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from expressions(item)
    elif isinstance(value, str) and ("${" in value or "%{" in value):
        yield value


def _conditions(value: Any) -> Iterator[str]:
    """The conditions in `value`. Checkov decides some of them, and some of those wrongly."""
    for text in expressions(value):
        for match in _EXPRESSION.finditer(text):
            if match[0].startswith("%") or _CONDITION.search(_QUOTED.sub("", match[1])):
                yield match[0]


def _problem(block: Block, what: str) -> Problem:
    fix = "decide it in Python, so that the value is in the JSON; or scan the plan"
    return Problem(f"{block.address} {what}", fix, block.file, block.line, resource=block.address)


class References:
    """What `local.x` and `var.x` stand for in one stack."""

    def __init__(self, blocks: list[Block]) -> None:
        self._values: dict[str, Any] = {}
        self._unset: set[str] = set()
        for block in blocks:
            if block.kind == "locals":
                pairs = block.body.items()
                self._values |= {f"local.{name}": value for name, value in pairs if name not in (START, END)}
            elif block.kind == "variable" and "default" in block.body:
                self._values[block.address] = block.body["default"]
            elif block.kind == "variable" and block.body.get("sensitive") is not True:
                self._unset.add(block.labels[0])

    def resolve(self, block: Block) -> list[Problem]:
        """Changes `block.body` in place; reports the variables in it that have no value to put there.

        A sensitive variable without a default is no problem: it is a secret, and its value nobody's to check.
        """
        if block.kind not in RESOLVED:
            return []
        block.body = self._resolved(block.body, 0)
        if block.kind == "output":
            return []
        used = {name for text in expressions(block.body) for name in _VARIABLE.findall(text)}
        found = [
            f"depends on var.{name}, which has no default, and not `sensitive`: its value is not in the JSON"
            for name in sorted(used & self._unset)
        ]
        applied = {name: value for name, value in block.body.items() if name != "lifecycle"}  # it says when
        found += [f"has the condition {text}, which the gate can't decide" for text in _conditions(applied)]
        return [_problem(block, what) for what in found]

    def _resolved(self, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return {key: self._resolved(item, depth) for key, item in value.items()}
        if isinstance(value, list):
            return [self._resolved(item, depth) for item in value]
        if not isinstance(value, str) or depth > _DEPTH:
            return value
        if (whole := _REFERENCE.fullmatch(value)) is not None:
            found = self._lookup(whole)
            return value if found is _MISSING else self._resolved(found, depth + 1)
        return _REFERENCE.sub(lambda part: self._embedded(part, depth), value)

    def _embedded(self, reference: re.Match[str], depth: int) -> str:
        found = self._resolved(self._lookup(reference), depth + 1)
        if isinstance(found, bool):
            return str(found).lower()
        return str(found) if isinstance(found, str | int | float) else reference[0]

    def _lookup(self, reference: re.Match[str]) -> Any:
        value = self._values.get(reference[1], _MISSING)
        for key, quoted, index in _STEP.findall(reference[2]):
            try:
                value = value[int(index)] if index else value[key or quoted]
            except (TypeError, KeyError, IndexError):
                return _MISSING
        return value
