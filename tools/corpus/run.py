"""One project through the gate, and what is counted of it."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import stack_gate as gate
from stack_gate import Report

from bluegreen.pack import PACK

PROFILE = "general"
# What the gate says where it, Checkov or a policy broke, and not where it can't know a value.
_BROKEN = re.compile(r"the check raises|can't be evaluated: \w+:|got lost in Checkov|analysed")


@dataclass(frozen=True, slots=True)
class Project:
    """`report`: of all its stacks."""

    directory: Path
    report: Report

    @property
    def broken(self) -> list[str]:
        """Where the gate, or a policy, broke."""
        return [error.message for error in self.report.errors if _BROKEN.search(error.message)]

    @property
    def said(self) -> str:
        """A line about it."""
        found = self.report
        return (
            f"{len(found.stacks)} stacks, {len(found.findings)} findings, {len(found.errors)} not evaluated, "
            f"{len(self.broken)} broken"
        )

    def content(self) -> dict[str, Any]:
        """Everything that is to be read, as plain values."""
        return {
            "project": str(self.directory),
            "findings": [asdict(finding) for finding in self.report.findings],
            "errors": [asdict(error) for error in self.report.errors],
        }


def scanned(directory: Path) -> Project:
    """The gate's report of a directory."""
    today = datetime.now(UTC).date()
    return Project(directory, gate.scan(directory, policies=PACK, today=today, profile=PROFILE))


def counts(projects: Iterable[Project]) -> dict[str, Any]:
    """Of all projects together; nothing that names one of them."""
    found = list(projects)
    reports = [project.report for project in found]
    policies = Counter(finding.policy for report in reports for finding in report.findings)
    own = sum(number for policy, number in policies.items() if "_BG_" in policy)
    return {
        "profile": PROFILE,
        "projects": len(found),
        "stacks": sum(len(report.stacks) for report in reports),
        "findings": sum(policies.values()),
        "findings_of_the_pack": own,
        "not_evaluated": sum(len(report.errors) for report in reports),
        "broken": sum(len(project.broken) for project in found),
        "policies": dict(sorted(policies.items())),
    }
