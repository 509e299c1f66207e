"""The element Condition: operators with their set forms and IfExists, and when they hold.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" (a missing key: false, of negated
operators true; IfExists; Null), "Conditions with multiple context keys or values" (AND over keys, OR over
values, NOR for negated operators) and "Single-valued vs. multivalued context keys" (ForAllValues,
ForAnyValue; an empty string counts as no value there and for Null).

What a plain operator does with a key of several values isn't documented (set operators are *required*): here
nothing fits it.
"""

import operator
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from iam_evaluation import comparisons
from iam_evaluation.comparisons import Builder
from iam_evaluation.context import Context, Values
from iam_evaluation.patterns import Check

# Name → comparison, and whether the operator is its negation.
OPERATORS: dict[str, tuple[Builder, bool]] = {
    "StringEquals": (comparisons.strings(), False),
    "StringNotEquals": (comparisons.strings(), True),
    "StringEqualsIgnoreCase": (comparisons.strings(ignore_case=True), False),
    "StringNotEqualsIgnoreCase": (comparisons.strings(ignore_case=True), True),
    "StringLike": (comparisons.strings(wildcards=True), False),
    "StringNotLike": (comparisons.strings(wildcards=True), True),
    "NumericEquals": (comparisons.numbers(operator.eq), False),
    "NumericNotEquals": (comparisons.numbers(operator.eq), True),
    "NumericLessThan": (comparisons.numbers(operator.lt), False),
    "NumericLessThanEquals": (comparisons.numbers(operator.le), False),
    "NumericGreaterThan": (comparisons.numbers(operator.gt), False),
    "NumericGreaterThanEquals": (comparisons.numbers(operator.ge), False),
    "DateEquals": (comparisons.dates(operator.eq), False),
    "DateNotEquals": (comparisons.dates(operator.eq), True),
    "DateLessThan": (comparisons.dates(operator.lt), False),
    "DateLessThanEquals": (comparisons.dates(operator.le), False),
    "DateGreaterThan": (comparisons.dates(operator.gt), False),
    "DateGreaterThanEquals": (comparisons.dates(operator.ge), False),
    "Bool": (comparisons.booleans, False),
    "BinaryEquals": (comparisons.binaries, False),
    "IpAddress": (comparisons.addresses, False),
    "NotIpAddress": (comparisons.addresses, True),
    "ArnEquals": (comparisons.arns, False),
    "ArnLike": (comparisons.arns, False),
    "ArnNotEquals": (comparisons.arns, True),
    "ArnNotLike": (comparisons.arns, True),
}
NULL = "Null"
IF_EXISTS = "IfExists"
_BY_NAME = {name.lower(): name for name in (*OPERATORS, NULL)}


class Over(StrEnum):
    """How an operator takes the request's values."""

    ONE = ""
    ALL = "ForAllValues"
    ANY = "ForAnyValue"


@dataclass(frozen=True)
class Condition:
    """One key under one operator. `operator`, `key` and `wanted` as the policy writes them."""

    operator: str
    key: str
    wanted: Values
    over: Over = field(repr=False)
    if_exists: bool = field(repr=False)
    negated: bool = field(repr=False)
    fits: Check | None = field(repr=False)  # None: the operator Null
    _lower: str = field(repr=False)

    def holds(self, context: Context) -> bool:
        """Whether the request meets it."""
        found = context.get(self._lower)
        if self.fits is None:
            return (_is_null(found)) == (self.wanted[0].lower() == "true")
        if self.if_exists and not found:
            return True
        if self.over is Over.ONE:
            return (len(found) == 1 and self.fits(found[0], context)) != self.negated
        if _is_null(found):
            return self.over is Over.ALL
        every = (self.fits(value, context) != self.negated for value in found)
        return all(every) if self.over is Over.ALL else any(every)

    def found(self, context: Context) -> Values:
        """What the request has for the key."""
        return context.get(self._lower)


def _is_null(found: Values) -> bool:
    return not found or found == ("",)


def parse_condition(name: str, key: str, values: Values, *, variables: bool) -> Condition:
    """Raises ValueError, with what is wrong."""
    over, base, if_exists = _split(name)
    if base == NULL:
        if len(values) != 1 or values[0].lower() not in ("true", "false"):
            raise ValueError(f'{name} takes "true" (the key is absent) or "false"')
        return Condition(name, key, values, over, False, False, None, key.lower())
    builder, negated = OPERATORS[base]
    fits = builder(values, variables) if values else _nothing
    return Condition(name, key, values, over, if_exists, negated, fits, key.lower())


def _nothing(_value: str, _context: Context) -> bool:
    return False


def _split(name: str) -> tuple[Over, str, bool]:
    prefix, colon, rest = name.partition(":")
    over = Over.ONE
    if colon:
        over = next((one for one in (Over.ALL, Over.ANY) if one.lower() == prefix.lower()), Over.ONE)
        if over is Over.ONE:
            raise ValueError(f"{prefix!r} is no set operator: {Over.ALL} or {Over.ANY}")
    base = rest if colon else name
    if_exists = base.lower().endswith(IF_EXISTS.lower())
    base = base[: -len(IF_EXISTS)] if if_exists else base
    known = _BY_NAME.get(base.lower())
    if known is None or (known == NULL and (if_exists or colon)):
        raise ValueError(f"{name!r} is no condition operator; {_nearest(base)}")
    return over, known, if_exists


def _nearest(base: str) -> str:
    near = get_close_matches(base, [*OPERATORS, NULL], n=2, cutoff=0.3) or ["StringEquals"]
    return f"did you mean {' or '.join(near)}?"
