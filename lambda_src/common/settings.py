"""A function's environment, parsed whole: every problem at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .errors import Problem

Parser = Callable[[str], Any]
# Parser that answers None for what it refuses, and what it allows.
Variable = tuple[Parser, str]


def matching(pattern: str, allowed: str) -> Variable:
    return lambda text: text if re.fullmatch(pattern, text) else None, allowed


def number(low: int, high: int) -> Variable:
    def parse(text: str) -> int | None:
        return int(text) if re.fullmatch(r"0|[1-9][0-9]{0,4}", text) and low <= int(text) <= high else None

    return parse, f"an integer from {low} to {high}"


SECRET = matching(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:\S+", "the ARN of a secret")


def read(
    environment: Mapping[str, str], variables: Mapping[str, Variable], distinct: Iterable[tuple[str, str]]
) -> tuple[dict[str, Any], list[Problem]]:
    """Values by the variables' names in lower case, and what is wrong with them. `distinct`: pairs that must
    differ.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, (parse, allowed) in variables.items():
        text = environment.get(name)
        if text is None:
            problems.append(Problem.missing(name, allowed))
            continue
        value = parse(text)
        if value is None:
            problems.append(Problem.of(name, text, "is malformed", allowed))
        values[name.lower()] = value
    for first, second in distinct:
        text = environment.get(second)
        if text is not None and text == environment.get(first):
            problems.append(Problem.of(second, text, f"equals {first}", "a different value"))
    return values, problems
