"""What a check of the doctor says: one line each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bluegreen.operate.doctor.subject import Subject


class Verdict(StrEnum):
    """`unknown`: it could not be read; `not needed`: the deployment has nothing to check, or not yet."""

    passed = "passed"
    failed = "failed"
    unknown = "unknown"
    not_needed = "not needed"


@dataclass(frozen=True)
class Finding:
    """`found` and `needed`: in words; `fix`: one step, None where there is nothing to do."""

    check: str
    verdict: Verdict
    found: str
    needed: str
    fix: str | None = None


@dataclass(frozen=True)
class Check:
    """One check. `look` asks AWS and changes nothing; `permissions`: the actions that it needs.

    `look` may raise botocore's errors: then the check is unknown.
    """

    name: str
    needed: str
    permissions: tuple[str, ...]
    look: Callable[["Subject"], Iterator["Answer"]]


@dataclass(frozen=True)
class Answer:
    """What `look` answers: a finding of its check. `about`: what of it, where a check has several findings;
    `needed`: where it is not as the check says.
    """

    verdict: Verdict
    found: str
    fix: str | None = None
    about: str = ""
    needed: str = ""

    def of(self, check: Check) -> Finding:
        """The finding."""
        name = f"{check.name}: {self.about}" if self.about else check.name
        return Finding(name, self.verdict, self.found, self.needed or check.needed, self.fix)


def passed(found: str, *, about: str = "", needed: str = "") -> Answer:
    """As it is to be."""
    return Answer(Verdict.passed, found, None, about, needed)


def failed(found: str, fix: str, *, about: str = "", needed: str = "") -> Answer:
    """Not as it is to be: `fix` says what to do."""
    return Answer(Verdict.failed, found, fix, about, needed)


def unknown(found: str, fix: str, *, about: str = "") -> Answer:
    """Not to be read: `fix` says how it would be."""
    return Answer(Verdict.unknown, found, fix, about)


def not_needed(found: str, *, about: str = "") -> Answer:
    """Nothing to check, and why."""
    return Answer(Verdict.not_needed, found, None, about)
