"""Metric math, as far as alarms of this platform use it: arithmetic, FILL, SUM, AVG, MIN and MAX.

Source: CloudWatch user guide, "Using math expressions with CloudWatch metrics".
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence

Series = dict[int, float]  # by the time at which a period begins
Value = Series | float | list[Series]

OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


class MathError(ValueError):
    """The expression says something that is not known here."""


def evaluate(expression: str, metrics: Mapping[str, Series], periods: Sequence[int]) -> Series:
    """The series that an expression gives. `metrics`: by id; `periods`: those that FILL fills.

    Where one operand has no value, or a divisor is zero, the result has none. Raises MathError.
    """
    try:
        tree = ast.parse(expression, mode="eval")  # its syntax is Python's, as far as it goes
    except SyntaxError as error:
        raise MathError(f"{expression!r} can't be read") from error
    result = _Evaluation(metrics, periods).value(tree.body)
    if isinstance(result, dict):
        return result
    if isinstance(result, list):
        raise MathError(f"{expression!r} gives several series")
    return dict.fromkeys(periods, result)


class _Evaluation:
    def __init__(self, metrics: Mapping[str, Series], periods: Sequence[int]) -> None:
        self._metrics, self._periods = metrics, periods

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name) if name in self._metrics:
                return self._metrics[name]
            case ast.List(elts=elements):
                return [self._series(element) for element in elements]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return _both(type(op), self._single(left), self._single(right))
            case ast.Call(func=ast.Name(id="FILL"), args=[series, filling]):
                return dict.fromkeys(self._periods, self._number(filling)) | self._series(series)
            case ast.Call(func=ast.Name(id=name), args=[array]) if name in AGGREGATES:
                return _aggregate(AGGREGATES[name], self.value(array))
        raise MathError(f"{ast.unparse(node)!r} is not known here")

    def _single(self, node: ast.expr) -> Series | float:
        value = self.value(node)
        if isinstance(value, list):
            raise MathError(f"{ast.unparse(node)!r} is an array")
        return value

    def _series(self, node: ast.expr) -> Series:
        value = self.value(node)
        if not isinstance(value, dict):
            raise MathError(f"{ast.unparse(node)!r} is no series")
        return value

    def _number(self, node: ast.expr) -> float:
        value = self.value(node)
        if not isinstance(value, float):
            raise MathError(f"{ast.unparse(node)!r} is no number")
        return value


def _both(kind: type[ast.operator], left: Series | float, right: Series | float) -> Series | float:
    calculate = OPERATORS[kind]
    if isinstance(left, float) and isinstance(right, float):
        if kind is ast.Div and right == 0:
            raise MathError("division by zero")
        return calculate(left, right)
    times = [set(side) for side in (left, right) if isinstance(side, dict)]
    pairs = {
        time: (
            left[time] if isinstance(left, dict) else left,
            right[time] if isinstance(right, dict) else right,
        )
        for time in set.intersection(*times)
    }
    return {time: calculate(*pair) for time, pair in pairs.items() if not (kind is ast.Div and pair[1] == 0)}


def _aggregate(calculate: Callable[[Sequence[float]], float], array: Value) -> Value:
    """Of an array a series: each period's values. Of a series a number: all of its values."""
    if isinstance(array, float):
        raise MathError("an aggregate needs series")
    if isinstance(array, dict):
        if not array:
            raise MathError("an aggregate of no values")
        return calculate(list(array.values()))
    times = {time for series in array for time in series}
    return {time: calculate([series[time] for series in array if time in series]) for time in times}
