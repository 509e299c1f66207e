"""Puts the values of locals and variables where they are referred to: Python checks see no further than a
resource's own block.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stack_gate.blocks import CHECKED, Block
from stack_gate.document import END, START, DocumentError
from stack_gate.expressions import UNKNOWN, Evaluator, as_json
from stack_gate.limits import LARGEST, LARGEST_STACK, size
from stack_gate.remembered import remembered
from stack_gate.report import Problem

# ${local.x}, ${var.x}, and a path into them: .key, ["key"], [0]. Terraform's escape for a literal ${ is $${.
_REFERENCE = re.compile(r'(?<!\$)\$\{((?:local|var)\.[\w-]+)((?:\.[\w-]+|\["[^"]+"\]|\[\d+\])*)\}')
_STEP = re.compile(r'\.([\w-]+)|\["([^"]+)"\]|\[(\d+)\]')
# ${…} with braces one deep in it; %{…}; strings; and what makes an expression a condition, or a loop.
_EXPRESSION = re.compile(r"(?<![$%])[$%]\{((?:[^{}]|\{[^{}]*\})*)\}")
# A reference to one attribute of a block, which only an apply tells.
_PLAIN = re.compile(r"\$\{(?!local\.|var\.)[A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\])+\}")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_CONDITION = re.compile(r"[=!]=|&&|\|\||[<>?!]|\bfor\b")
# The attribute of one entry of a resource's list, found by a known value: only an apply tells it, as a plain
# reference's. Such as the endpoint of a zone among those of a network firewall.
_ONE_OF = re.compile(
    r"one\(\[for (\w+) in (?!local\.|var\.)[A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\])+ : "
    r'\1(?:\.\w+|\[\d+\])+ if \1(?:\.\w+|\[\d+\])+ == "[\w-]+"\]\)'
)
_CALL = re.compile(r"\b[a-z]\w*\(")
_LOCAL = re.compile(r"(?<!\$)\$\{[^{}]{0,200}?\b(local\.[\w-]+)")
_VARIABLE = re.compile(r"\bvar\.([\w-]+)")
RESOLVED = CHECKED | {"ephemeral", "output"}
_DEPTH = 20  # locals that refer to locals; Terraform refuses circles
_SUBSTITUTION = 10_000  # what one counts for besides its size, so that there are not too many
_MISSING = object()


def expressions(value: Any) -> Iterator[str]:
    """The strings in `value` that Terraform evaluates."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from expressions(item)
    elif isinstance(value, str) and ("${" in value or "%{" in value):
        yield value


def _undecided(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _EXPRESSION.finditer(text) if not _ONE_OF.fullmatch(match[1]))


@dataclass(frozen=True, slots=True)
class _Said:
    """What a text has in it: names of variables and locals, conditions, and calls."""

    variables: tuple[str, ...]
    locals: tuple[str, ...]
    conditions: tuple[str, ...]  # Checkov decides some of them, and some of those wrongly
    calls: tuple[str, ...]  # of functions of what only an apply tells, or that read files


@remembered
def _said(text: str) -> _Said:
    left = [(match[0], _QUOTED.sub("", match[1])) for match in _undecided(text)]
    return _Said(
        tuple(_VARIABLE.findall(text)),
        tuple(_LOCAL.findall(text)),
        tuple(whole for whole, bare in left if whole.startswith("%") or _CONDITION.search(bare)),
        tuple(whole for whole, bare in left if _CALL.search(bare)),
    )


def _problem(block: Block, what: str) -> Problem:
    fix = "decide it in Python, so that the value is in the JSON; or scan the plan"
    return Problem(f"{block.address} {what}", fix, block.file, block.line, resource=block.address)


class References:
    """What `local.x` and `var.x` stand for in one stack."""

    def __init__(self, blocks: list[Block]) -> None:
        self._values: dict[str, Any] = {}
        self._unset: set[str] = set()
        self._evaluated: dict[str, Any] = {}
        self._evaluator = Evaluator(self._value_of)
        self._written = 0
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
        self._written += size(block.body, LARGEST_STACK)
        if self._written > LARGEST_STACK:
            raise DocumentError(
                f"has more than {LARGEST_STACK:,} characters, with its locals in their places"
            )
        if block.kind == "output":
            return []
        applied = [_said(text) for name, value in block.body.items() if name != "lifecycle"
                   for text in expressions(value)]  # fmt: skip
        everywhere = applied + [_said(text) for text in expressions(block.body.get("lifecycle"))]
        used = {name for said in everywhere for name in said.variables}
        found = [
            f"depends on var.{name}, which has no default, and not `sensitive`: its value is not in the JSON"
            for name in sorted(used & self._unset)
        ]
        unresolved = sorted({name for said in everywhere for name in said.locals})
        found += [f"depends on {name}, whose value the gate can't evaluate" for name in unresolved]
        found += [
            f"has the condition {text}, which the gate can't decide"
            for said in applied
            for text in said.conditions
        ]
        found += [
            f"has the call {text}, which the gate can't evaluate" for said in applied for text in said.calls
        ]
        return [_problem(block, what) for what in found]

    def _resolved(self, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return {key: self._resolved(item, depth) for key, item in value.items()}
        if isinstance(value, list):
            return [self._resolved(item, depth) for item in value]
        if not isinstance(value, str) or "${" not in value or depth > _DEPTH:
            return value
        if not _PLAIN.fullmatch(value):
            try:
                found = self._evaluator.evaluate(value)
                if size(found) > LARGEST:
                    raise DocumentError(f"has a value of more than {LARGEST:,} characters")
                return as_json(found)
            except ValueError:
                pass  # unknown: as much of it as can be put in its place
        if (whole := _REFERENCE.fullmatch(value)) is not None:
            found = self._lookup(whole)
            return value if found is _MISSING else self._counted(found, depth + 1)
        return _REFERENCE.sub(lambda part: self._embedded(part, depth), value)

    def _counted(self, value: Any, depth: int) -> Any:
        """A value in the place of a reference to it."""
        self._written += size(value) + _SUBSTITUTION
        if self._written > LARGEST_STACK:
            raise DocumentError(
                f"has more than {LARGEST_STACK:,} characters, with its locals in their places"
            )
        return self._resolved(value, depth)

    def _value_of(self, name: str) -> Any:
        """The value of a local or a variable, evaluated once; unknown in a circle, or where none is given."""
        if name not in self._evaluated:
            self._evaluated[name] = UNKNOWN
            found = self._of(self._values.get(name, UNKNOWN))
            self._evaluated[name] = UNKNOWN if size(found) > LARGEST else found
        return self._evaluated[name]

    def _of(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._of(item) for key, item in value.items() if key not in (START, END)}
        if isinstance(value, list):
            return [self._of(item) for item in value]
        return self._evaluator.evaluate(value) if isinstance(value, str) else value

    def _embedded(self, reference: re.Match[str], depth: int) -> str:
        found = self._counted(self._lookup(reference), depth + 1)
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
