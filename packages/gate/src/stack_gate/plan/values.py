"""What an argument of a planned resource is: its value where that is known, a reference where it is not.

A reference to one other resource stays one, known or not: it is how checks see what is connected to what, and
the same stack is judged alike before and after its first apply.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from stack_gate.plan.configuration import Module, references_in
from stack_gate.plan.document import is_unknown

NOTHING = object()  # the argument is not there
_LEAF = frozenset({"constant_value", "references"})
_EXPRESSION = re.compile(r"(?<![$%])[$%]\{(.*?)\}", re.DOTALL)
_TRAVERSAL = re.compile(r'([a-z]\w*\.[\w-]+(?:\[(?:\d+|"[^"]*")\])?)((?:\.[\w-]+|\[\d+\])*)')


@dataclass(frozen=True)
class Evaluator:
    """Evaluates the arguments of one block. `labels`: address, and block if it has one instance only, →
    `type.name` by which the gate's blocks call it.
    """

    module: Module
    labels: Mapping[str, str]
    variables: Mapping[str, Any]

    def block(self, expressions: Mapping[str, Any], values: Any, unknown: Any) -> dict[str, Any]:
        """The arguments that are configured."""
        values = values if isinstance(values, dict) else {}
        unknown = unknown if isinstance(unknown, dict) else dict.fromkeys(expressions, unknown)
        found = {
            name: self.argument(expression, values.get(name), unknown.get(name))
            for name, expression in expressions.items()
        }
        return {name: value for name, value in found.items() if value is not NOTHING}

    def argument(self, expression: Any, value: Any, unknown: Any) -> Any:
        """An attribute, a nested block, or a list of those."""
        if isinstance(expression, list):
            values = value if isinstance(value, list) else []
            unknowns = unknown if isinstance(unknown, list) else [unknown] * len(expression)
            pairs = list(zip_longest(values[: len(expression)], unknowns[: len(expression)]))
            return [self.argument(part, *_taken(part, pairs)) for part in expression]
        if expression.keys() <= _LEAF:
            return self._attribute(expression, value, unknown)
        if isinstance(value, list):  # one block, which the provider keeps as a list
            value, unknown = (value or [None])[0], (unknown if isinstance(unknown, list) else [unknown])[0]
        return self.block(expression, value, unknown)

    def _attribute(self, expression: Mapping[str, Any], value: Any, unknown: Any) -> Any:
        references = references_in(expression)
        written = expression.get("constant_value", NOTHING)
        if references and written is not NOTHING:
            connected = self._connected(written)
            if connected is not NOTHING:
                return connected
        if not references and written is not NOTHING:
            return written
        if not is_unknown(unknown):
            if value is None and any(one.startswith("ephemeral.") for one in references):
                return self._reference(references)  # a write-only argument, which is null in every plan
            return NOTHING if value is None else value
        if not references:
            return NOTHING
        return _filled(value, unknown, self._reference(references))

    def _connected(self, written: Any) -> Any:
        """What is written, if all its expressions are references to one resource each."""
        if isinstance(written, list):
            items = [self._connected(item) for item in written]
            return NOTHING if NOTHING in items else items
        if isinstance(written, dict):
            pairs = {name: self._connected(item) for name, item in written.items()}
            return NOTHING if NOTHING in pairs.values() else pairs
        if not isinstance(written, str):
            return written
        texts = {match[0]: self._traversal(match[1]) for match in _EXPRESSION.finditer(written)}
        if not all(texts.values()):
            return NOTHING
        return _EXPRESSION.sub(lambda match: f"${{{texts[match[0]]}}}", written)

    def _traversal(self, expression: str) -> str | None:
        match = _TRAVERSAL.fullmatch(expression.strip())
        label = self.labels.get(f"{self.module.prefix}{match[1]}") if match else None
        return f"{label}{match[2]}" if match and label else None

    def _reference(self, references: list[str]) -> Any:
        """Something that says: a resource of this stack will give it. Else it is unknown."""
        if (
            references[0].startswith("var.")
            and not self.module.prefix
            and references[0][4:] in self.variables
        ):
            return self.variables[references[0][4:]].get("value")
        blocks = sorted(self.module.resolve(references))
        known = [self.labels[block] for block in blocks if block in self.labels]
        return f"${{{known[0]}.id}}" if known else f"${{{references[0]}}}"


def _taken(expressions: Mapping[str, Any], pairs: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Takes values and unknowns of one nested block out of `pairs`: the provider orders sets as it likes."""
    constants = {
        name: expression["constant_value"]
        for name, expression in expressions.items()
        if isinstance(expression, dict) and "constant_value" in expression and not references_in(expression)
    }
    for pair in pairs:
        if isinstance(pair[0], dict) and all(pair[0].get(name) == value for name, value in constants.items()):
            pairs.remove(pair)
            return pair
    return pairs.pop(0) if pairs else (None, None)


def _filled(value: Any, unknown: Any, reference: Any) -> Any:
    """`value` with `reference` where it is unknown."""
    if isinstance(unknown, list) and isinstance(value, list):
        return [_filled(item, hidden, reference) for item, hidden in zip_longest(value, unknown)]
    if isinstance(unknown, dict) and isinstance(value, dict):
        names = dict.fromkeys([*value, *unknown])
        return {name: _filled(value.get(name), unknown.get(name), reference) for name in names}
    return reference if value is None or is_unknown(unknown) else value
