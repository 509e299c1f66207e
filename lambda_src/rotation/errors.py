"""Errors of the rotation function: raised, never returned, so that Secrets Manager sees a failed step.

Lambda answers with `errorType` (the class name here) and `errorMessage` (`str(error)`), which is a JSON
document: `{"what", "where", "why", "mend": str, "problems": [...]}`. No value of a secret and no text of an
SQL statement ever becomes part of one: errors of the database driver, which quotes statements, end in
database.py.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass

# Values come from outside: however large or deep they are, an error shows their beginning.
_shortened = reprlib.Repr()
_shortened.maxstring = _shortened.maxother = 80


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
        return cls(key, _shortened.repr(value), problem, allowed)

    @classmethod
    def missing(cls, key: str, allowed: str) -> Problem:
        return cls(key, None, "is missing", allowed)


def listed(problems: Iterable[Problem]) -> str:
    return "; ".join(f"{problem.key} {problem.problem}" for problem in problems)


class RotationError(Exception):
    """Base of everything that this function raises on purpose."""

    def __init__(
        self, *, what: str, where: str, why: str, mend: str, problems: Iterable[Problem] = ()
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.mend = mend
        self.problems = tuple(problems)

    def to_json(self) -> dict[str, object]:
        return {
            "what": self.what,
            "where": self.where,
            "why": self.why,
            "mend": self.mend,
            "problems": [asdict(problem) for problem in self.problems],
        }

    def __str__(self) -> str:
        return json.dumps(self.to_json())


class ValidationError(RotationError):
    """The event is malformed, or names a secret that isn't this function's; nothing was read or changed."""


class ConfigurationError(RotationError):
    """The function's environment is incomplete or malformed; nothing was read or changed."""


class RotationStateError(RotationError):
    """The secret's versions are in no state in which this step may run; nothing was changed."""


class SecretValueError(RotationError):
    """A secret holds something else than it should; nothing was changed."""


class AwsCallError(RotationError):
    """An AWS call failed for good, after its retries."""


class DatabaseError(RotationError):
    """The database refused, or wasn't reached, or isn't who it should be. AWSCURRENT was not touched."""


class LoginRefusedError(DatabaseError):
    """The database knows no such user, or no such password of it."""


class PrivilegesDifferError(DatabaseError):
    """A user logs in, but has other privileges than it is to have."""
