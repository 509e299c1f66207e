"""Evaluates Terraform's expressions as far as a stack tells: known, a reference, or unknown.

Known: a Python value (null is None). A `Reference` is what an apply will tell of one block. A `Template` is a
string with references in it. Anything else is `Unknown`: no policy may take it for good.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stack_gate.expressions.functions import (
    FUNCTIONS,
    STRUCTURAL,
    Set,
    boolean,
    encoded,
    number,
    same_type,
    text,
)
from stack_gate.expressions.syntax import ExpressionError, Node, template
from stack_gate.limits import LARGEST, MOST_STEPS, size

# Attributes that a provider always gives.
_NEVER_NULL = frozenset({"arn", "id", "key_id", "dns_name", "arn_suffix"})
_ERRORS = (ArithmeticError, LookupError, TypeError, ValueError)
_Names = Mapping[str, Any]


class EvaluationError(ValueError):
    """Terraform would refuse the expression."""


@dataclass(frozen=True, slots=True)
class Reference:
    """`text`: a path into one block, without ${}."""

    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """`text`: as Terraform's JSON syntax has it."""

    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not to be evaluated. `possible`: the values that it may have, where these are known."""

    possible: tuple[Any, ...] = ()


UNKNOWN = Unknown()
_Open = Reference | Template | Unknown


class Evaluator:
    """Evaluates texts. `lookup` gives the value of `local.x` and `var.x`, or raises KeyError."""

    def __init__(self, lookup: Callable[[str], Any]) -> None:
        self._lookup, self._steps = lookup, 0

    def evaluate(self, written: str) -> Any:
        """The value of a string of the JSON syntax. What Terraform would refuse is unknown."""
        outermost, self._steps = self._steps == 0, self._steps + 1
        try:
            return self._value(template(written), {})
        except (ExpressionError, EvaluationError, *_ERRORS, RecursionError):
            return UNKNOWN
        finally:
            if outermost:
                self._steps = 0

    def _value(self, node: Node, names: _Names) -> Any:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise EvaluationError("too many steps")
        return getattr(self, f"_{node.kind}")(node, names)

    def _constant(self, node: Node, _: _Names) -> Any:
        return node.value

    def _template(self, node: Node, names: _Names) -> Any:
        return joined(part if isinstance(part, str) else self._value(part, names) for part in node.parts)

    def _list(self, node: Node, names: _Names) -> Any:
        return [self._value(part, names) for part in node.parts]

    def _object(self, node: Node, names: _Names) -> Any:
        pairs = [(self._value(key, names), self._value(value, names)) for key, value in node.parts]
        if any(isinstance(key, _Open) for key, _ in pairs):
            return UNKNOWN
        return {text(key): value for key, value in pairs}

    # Paths

    def _name(self, node: Node, names: _Names) -> Any:
        return names.get(node.value, UNKNOWN)

    def _attribute(self, node: Node, names: _Names) -> Any:
        (inner,) = node.parts
        if inner.kind == "name" and inner.value in ("local", "var"):
            return self._lookup(f"{inner.value}.{node.value}")
        if _is_path(node, names):
            return Reference(node.text) if node.text else UNKNOWN
        return _item(self._value(inner, names), node.value)

    def _index(self, node: Node, names: _Names) -> Any:
        if _is_path(node, names):
            return Reference(node.text) if node.text else UNKNOWN
        return _item(*(self._value(part, names) for part in node.parts))

    def _splat(self, node: Node, names: _Names) -> Any:
        found = self._value(node.parts[0], names)
        if isinstance(found, _Open):
            return UNKNOWN
        return found if isinstance(found, list) else [] if found is None else [found]

    # Operators

    def _not(self, node: Node, names: _Names) -> Any:
        found = self._value(node.parts[0], names)
        return UNKNOWN if isinstance(found, _Open) else not boolean(found)

    def _negative(self, node: Node, names: _Names) -> Any:
        found = self._value(node.parts[0], names)
        return UNKNOWN if isinstance(found, _Open) else _product(number(found), -1)

    def _binary(self, node: Node, names: _Names) -> Any:
        left, right = (self._value(part, names) for part in node.parts)
        if node.value in ("&&", "||"):
            return _logical(left, right, decides=node.value == "||")
        if is_open(left) or is_open(right):
            return UNKNOWN
        if node.value in ("==", "!="):
            return _equal(left, right) == (node.value == "==")
        return _OPERATIONS[node.value](number(left), number(right))

    def _conditional(self, node: Node, names: _Names) -> Any:
        condition = self._value(node.parts[0], names)
        if not isinstance(condition, _Open):
            chosen, other = node.parts[1:] if boolean(condition) else node.parts[:0:-1]
            found = self._value(chosen, names)
            try:
                unused = self._value(other, names)
            except _ERRORS:  # Terraform evaluates the chosen one only; both have to be of one type
                return found
            return found if is_open(found) or is_open(unused) else same_type([found, unused])[0]
        either = [self._value(part, names) for part in node.parts[1:]]
        if either[0] == either[1] and not isinstance(either[0], Unknown):
            return either[0]
        possible = [item for value in either for item in (getattr(value, "possible", ()) or (value,))]
        return UNKNOWN if any(isinstance(item, Unknown) for item in possible) else Unknown(tuple(possible))

    # Calls and loops

    def _call(self, node: Node, names: _Names) -> Any:
        name, spread = node.value
        if name in ("try", "can"):
            return self._try(name, node, names)
        arguments = [self._value(part, names) for part in node.parts]
        if spread:
            if isinstance(arguments[-1], _Open):
                return UNKNOWN
            arguments[-1:] = arguments[-1]
        if name not in FUNCTIONS:
            return UNKNOWN
        if any(map(is_open, arguments)):
            return _open_call(name, arguments)
        return called(name, arguments)

    def _try(self, name: str, node: Node, names: _Names) -> Any:
        """What isn't there is passed over. Any other failure may be of this evaluator alone, and ends it."""
        for part in node.parts:
            try:
                found = self._value(part, names)
            except LookupError:
                continue
            if is_open(found):
                return UNKNOWN
            return True if name == "can" else found
        if name == "can":
            return False
        raise EvaluationError("no argument of try is valid")

    def _for(self, node: Node, names: _Names) -> Any:
        (variables, grouped), (collection, first, second, condition) = node.value, node.parts
        found = self._value(collection, names)
        if isinstance(found, _Open) or grouped:
            return UNKNOWN
        items = sorted(found.items()) if isinstance(found, dict) else list(enumerate(found))
        results: list[tuple[Any, Any]] = []
        for key, item in items:
            pair = (key if not isinstance(found, Set) else item, item)
            inner = {**names, **dict(zip(variables, pair[-len(variables) :], strict=True))}
            kept = self._value(condition, inner) if condition else True
            if isinstance(kept, _Open):
                return UNKNOWN
            if boolean(kept):
                results.append((self._value(first, inner), self._value(second, inner) if second else None))
        if second is None:
            return [value for value, _ in results]
        keys = [key for key, _ in results]
        if any(isinstance(key, _Open) for key in keys) or len(set(map(text, keys))) != len(keys):
            return UNKNOWN
        return {text(key): value for key, value in results}


def is_open(value: Any) -> bool:
    """Whether anything in a value is not known."""
    if isinstance(value, dict | list):
        return any(map(is_open, value.values() if isinstance(value, dict) else value))
    return isinstance(value, _Open)


def joined(parts: Any) -> Any:
    """The parts of a template as one string."""
    found = list(parts)
    if any(isinstance(part, Unknown | list | dict) or part is None for part in found):
        if any(part is None or isinstance(part, list | dict) for part in found):
            raise EvaluationError("a part that is no string")
        return UNKNOWN
    is_closed = not any(isinstance(part, _Open) for part in found)
    texts = [text(part) if is_closed else as_text(part) for part in found]
    if sum(map(len, texts)) > LARGEST:
        raise EvaluationError("a text that is too long")
    return "".join(texts) if is_closed else Template("".join(texts))


def as_text(value: Any) -> str:
    """A primitive, a reference or a template as Terraform's JSON syntax has it within a string."""
    if isinstance(value, Reference):
        return f"${{{value.text}}}"
    if isinstance(value, Template):
        return value.text
    return text(value).replace("${", "$${").replace("%{", "%%{")


def as_json(value: Any) -> Any:
    """A value as the JSON syntax has it. Raises ValueError where any of it is unknown."""
    if isinstance(value, Unknown):
        raise ValueError("unknown")  # noqa: TRY004 - its value, not its type
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return as_text(value) if isinstance(value, str | Reference | Template) else value


def called(name: str, arguments: list[Any]) -> Any:
    """What a function gives for known arguments. Raises what Terraform would refuse."""
    types, function = FUNCTIONS[name]
    repeated = types.endswith("+")
    types = types.removesuffix("+")
    if repeated:
        types += types[-1] * (len(arguments) - len(types))
        types = types[: max(len(arguments), 1)] if len(arguments) < len(types) else types
    if size(arguments) > LARGEST or _grows(name, arguments) > LARGEST:
        raise EvaluationError("a value that is too large")
    return function(*(_CONVERT[type_](value) for type_, value in zip(types, arguments, strict=True)))


def _grows(name: str, arguments: list[Any]) -> int:
    """How large the result may be, of functions whose result may be larger than their arguments."""
    if name == "join" and len(arguments) > 1:
        return size(arguments[0]) * (size(arguments[1]) + 1)
    if name == "replace" and len(arguments) > 2:  # noqa: PLR2004 - text, what, by what
        return size(arguments[0]) * (size(arguments[2]) + 1)
    return 0


def _convert_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def _convert_map(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("no map")
    return value


_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "s": text,
    "N": number,
    "b": boolean,
    "L": _convert_list,
    "S": lambda value: [text(item) for item in _convert_list(value)],
    "B": lambda value: [boolean(item) for item in _convert_list(value)],
    "M": _convert_map,
    "*": lambda value: value,
}


def _open_call(name: str, arguments: list[Any]) -> Any:
    """A call with arguments of which something isn't known."""
    if name == "coalesce":
        return _first(arguments)
    if name == "jsonencode" and isinstance(arguments[0], dict | list) and not _has_unknown(arguments):
        return Template(encoded(as_json(arguments[0])))
    if name == "join" and not is_open(arguments[0]) and isinstance(arguments[1], list):
        separated = [part for item in arguments[1] for part in (arguments[0], item)][1:]
        return joined(separated)
    if name in STRUCTURAL and not any(isinstance(value, _Open) for value in arguments):
        return called(name, arguments)
    return UNKNOWN


def _first(arguments: list[Any]) -> Any:
    for value in arguments:
        if isinstance(value, Reference):
            return value if value.text.rpartition(".")[2] in _NEVER_NULL else UNKNOWN
        if isinstance(value, Template):
            return value
        if isinstance(value, Unknown):
            return UNKNOWN
        if value not in (None, ""):
            return value
    raise EvaluationError("no value")


def _has_unknown(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_unknown, value.values() if isinstance(value, dict) else value))
    return isinstance(value, Unknown) or (isinstance(value, Reference | Template) and '"' in value.text)


def _is_path(node: Node, names: _Names) -> bool:
    """Whether a path begins with a block's name, and goes on with constants."""
    while node.kind in ("attribute", "index"):
        if node.kind == "index" and node.parts[1].kind not in ("constant", "template"):
            return False
        node = node.parts[0]
    return node.kind == "name" and node.value not in ("local", "var") and node.value not in names


def _item(found: Any, key: Any) -> Any:
    if isinstance(found, Reference) and isinstance(key, str | int):
        return Reference(f"{found.text}.{key}" if isinstance(key, str) else f"{found.text}[{key}]")
    if isinstance(found, _Open) or isinstance(key, _Open):
        return UNKNOWN
    if isinstance(found, list) and not isinstance(found, Set):
        index = number(key)
        if not isinstance(index, int) or index < 0:
            raise EvaluationError("no such index")
        return found[index]
    if isinstance(found, dict):
        return found[text(key)]
    raise EvaluationError("no collection")


def _logical(left: Any, right: Any, *, decides: bool) -> Any:
    """&& and ||: a side that decides does so whatever the other one is."""
    known = [boolean(value) for value in (left, right) if not isinstance(value, _Open)]
    if decides in known:
        return decides
    return (not decides) if len(known) == 2 else UNKNOWN  # noqa: PLR2004 - both


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    return bool(left == right)


def _product(left: int | float, right: int | float) -> int | float:
    return _positive_zero(number(left * right), left, right)


def _remainder(left: int | float, right: int | float) -> int | float:
    return _positive_zero(number(math.fmod(left, right)), left, right)


def _positive_zero(found: int | float, *operands: int | float) -> int | float:
    """Terraform has a negative zero, whose text is "-0"."""
    if found == 0 and min(operands) < 0:
        raise EvaluationError("zero with a sign")
    return found


def _divided(left: int | float, right: int | float) -> int | float:
    found = left / right
    if Fraction(found) != Fraction(left) / Fraction(right):
        raise EvaluationError("a fraction that a float doesn't hold")
    return _positive_zero(number(found), left, right)


_OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: number(left + right),
    "-": lambda left, right: number(left - right),
    "*": _product,
    "/": _divided,
    "%": _remainder,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
