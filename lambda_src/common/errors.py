"""Errors of the functions: raised, never returned, so that Lambda, its callers and AWS see a failure.

Lambda answers with `errorType` (the class name) and `errorMessage` (`str(error)`), which is a JSON document:
`{"what", "where", "cause", "fix": str, "problems": [...]}`.
https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass

# Values come from outside: however large or deep they are, an error shows their beginning.
_SHOWN = 80
_shortened = reprlib.Repr()
_shortened.maxstring = _shortened.maxother = _SHOWN


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input. `value` is its shortened repr; None when it is missing or
    secret.
    """

    key: str
    value: str | None
    problem: str
    allowed: str

    @classmethod
    def of(cls, key: str, value: object, problem: str, allowed: str) -> Problem:
        return cls(key[:_SHOWN], _shortened.repr(value), problem, allowed)

    @classmethod
    def missing(cls, key: str, allowed: str) -> Problem:
        return cls(key, None, "is missing", allowed)


def listed(problems: Iterable[Problem]) -> str:
    return "; ".join(f"{problem.key} {problem.problem}" for problem in problems)


class FunctionError(Exception):
    """Base of everything that a function raises on purpose."""

    def __init__(
        self, *, what: str, where: str, cause: str, fix: str, problems: Iterable[Problem] = ()
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.cause = cause
        self.fix = fix
        self.problems = tuple(problems)

    def to_json(self) -> dict[str, object]:
        return {
            "what": self.what,
            "where": self.where,
            "cause": self.cause,
            "fix": self.fix,
            "problems": [asdict(problem) for problem in self.problems],
        }

    def __str__(self) -> str:
        return json.dumps(self.to_json())
