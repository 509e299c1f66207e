"""CloudWatch's metric math, evaluated for one period: whether a result can be above and below a threshold.

Source: CloudWatch user guide, "Using math expressions with CloudWatch metrics". Functions over more than one
period (RATE, DIFF, ANOMALY_DETECTION_BAND, …) and SEARCH are not evaluated.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

LONGEST = 4_000  # characters


class MathError(ValueError):
    """The expression is none that can be evaluated for one period."""


_OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: left / right if right else 0.0,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_OF_MANY: Mapping[str, Callable[[list[float]], float]] = {
    "AVG": lambda values: sum(values) / len(values),
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}
_OF_ONE: Mapping[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": lambda value: float(-(-value // 1)),
    "FLOOR": lambda value: float(value // 1),
    "TIME_SERIES": float,
}


def evaluate(text: str, values: Mapping[str, float]) -> float:
    """The value of an expression; `values`: id of a query → what it gives. Raises MathError."""
    if len(text) > LONGEST:
        raise MathError("it is too long")
    plain = re.sub(r"&&|\bAND\b", " and ", re.sub(r"\|\||\bOR\b", " or ", text))
    try:
        return float(_value(ast.parse(plain.strip(), mode="eval").body, values))
    except (SyntaxError, RecursionError, TypeError, OverflowError, ValueError) as error:
        raise MathError(str(error) or "it is no expression") from error


def _value(node: ast.AST, values: Mapping[str, float]) -> Any:  # noqa: PLR0911 - a case a kind of node
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.List(elts=items):
            return [_value(item, values) for item in items]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, values)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _each(_OPERATORS[type(op)], _value(left, values), _value(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return float(_OPERATORS[type(op)](_value(left, values), _value(right, values)))
        case ast.BoolOp(op=op, values=parts):
            found = [bool(_value(part, values)) for part in parts]
            return float(all(found) if isinstance(op, ast.And) else any(found))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _called(name.upper(), arguments, values)
    raise MathError(f"{ast.unparse(node)} is not evaluated")


def _called(  # noqa: PLR0911 - a case a kind of function
    name: str, arguments: list[ast.expr], values: Mapping[str, float]
) -> Any:
    if name == "METRICS" and not arguments:
        return list(values.values())
    found = [_value(argument, values) for argument in arguments]
    match name, found:
        case "FILL", [value, _]:
            return value
        case "IF", [condition, then]:
            return then if condition else 0.0
        case "IF", [condition, then, otherwise]:
            return then if condition else otherwise
        case _, [list() as items] if name in _OF_MANY and items:
            return _OF_MANY[name](items)
        case _, [float() as value] if name in _OF_MANY:
            return value
        case _, [float() as value] if name in _OF_ONE:
            return _OF_ONE[name](value)
    raise MathError(f"{name} is not evaluated")


def _each(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    if isinstance(left, list):
        return [operation(item, right) for item in left]
    return operation(left, right)
