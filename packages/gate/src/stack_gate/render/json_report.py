"""JSON for programs: stable."""

from dataclasses import asdict
from typing import Any, TextIO

from safe_io import document

from stack_gate.report import Report


def write(report: Report, out: TextIO) -> None:
    """`findings`, `waived`, `errors`: lists; `passed`, `not_applicable`: counts of (policy, resource)."""
    out.write(document(content(report), indent=2) + "\n")


def content(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "exit_code": int(report.exit_code),
        "stacks": list(report.stacks),
        "policies": report.policies,
        "profile": report.profile,
        "passed": report.passed,
        "not_applicable": report.not_applicable,
        "findings": [asdict(finding) for finding in report.findings],
        "waived": [
            asdict(item.finding) | {"reason": item.reason, "expires": item.expires} for item in report.waived
        ],
        "errors": [asdict(problem) for problem in report.errors],
    }
