"""What a scan found, and the exit code that follows from it."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

ALL = "all"  # the profile that has every policy of the pack


class ExitCode(IntEnum):
    """There is no fourth case."""

    PASSED = 0  # every policy was evaluated, and passed or is waived with a reason and an expiry date
    FINDINGS = 1
    NOT_EVALUATED = 2  # something kept a policy from being evaluated


class Severity(StrEnum):
    """From worst to least."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """A policy that does not hold."""

    policy: str
    requirement: str | None  # R…, where the policy guards one
    severity: Severity
    resource: str  # Terraform address; the stack's name where something is absent from the whole stack
    file: str
    line: int
    message: str
    fix: str
    guideline: str | None = None  # URL of more about the policy


@dataclass(frozen=True, slots=True)
class Waived:
    """An accepted finding: next to the resource, with a reason, until a date."""

    finding: Finding
    reason: str
    expires: str  # YYYY-MM-DD, the last day on which the waiver holds


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that kept policies from being evaluated; `policy`, `resource` where it is about one only."""

    message: str
    fix: str
    file: str = ""
    line: int = 0
    policy: str | None = None
    resource: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one scan; the lists are sorted, worst first."""

    findings: tuple[Finding, ...] = ()
    waived: tuple[Waived, ...] = ()
    errors: tuple[Problem, ...] = ()
    passed: int = 0  # verdicts: one policy on one resource
    not_applicable: int = 0  # verdicts where a policy says that the resource is none of its business
    stacks: tuple[str, ...] = ()
    policies: int = 0  # how many were loaded
    profile: str = ALL  # which of the pack's

    @property
    def exit_code(self) -> ExitCode:
        """An error outweighs findings: with it the list of findings can't be complete."""
        if self.errors:
            return ExitCode.NOT_EVALUATED
        return ExitCode.FINDINGS if self.findings else ExitCode.PASSED


def order(finding: Finding) -> tuple[int, str, int, str, str]:
    """Sort key: worst first, then by place."""
    return finding.severity.rank, finding.file, finding.line, finding.policy, finding.resource
