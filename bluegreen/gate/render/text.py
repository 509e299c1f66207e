"""Text for people: findings by severity, each with its mend; what is waived; what was not evaluated."""

from collections.abc import Iterable
from itertools import groupby
from typing import TextIO

from rich.console import Console
from rich.text import Text

from bluegreen.gate.report import ExitCode, Finding, Problem, Report, Severity, Waived

STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
}
OUTCOMES = {
    ExitCode.PASSED: ("PASSED", "bold green"),
    ExitCode.FINDINGS: ("FINDINGS", "bold red"),
    ExitCode.NOT_EVALUATED: ("NOT EVALUATED: this scan says nothing about what it did not see", "bold red"),
}


def write(report: Report, out: TextIO) -> None:
    """In colour where `out` is a terminal."""
    console = Console(file=out, soft_wrap=True, highlight=False)
    for severity, group in groupby(report.findings, key=lambda finding: finding.severity):
        _section(console, severity, STYLES[severity], map(_finding, group))
    _section(console, "WAIVED", "bold", map(_waived, report.waived))
    _section(console, "NOT EVALUATED", "bold red", map(_problem, report.errors))
    outcome, style = OUTCOMES[report.exit_code]
    console.print(Text(outcome, style))
    console.print(Text(_counts(report)))


def _counts(report: Report) -> str:
    return (
        f"stacks: {len(report.stacks)}, policies: {report.policies}; verdicts: {report.passed} passed, "
        f"{report.not_applicable} not applicable, {len(report.findings)} findings, "
        f"{len(report.waived)} waived, {len(report.errors)} errors"
    )


def _section(console: Console, title: str, style: str, entries: Iterable[Text]) -> None:
    found = list(entries)
    if found:
        console.print(Text(f"{title} ({len(found)})", style))
        for entry in found:
            console.print(entry)
        console.print()


def _finding(finding: Finding) -> Text:
    requirement = f" ({finding.requirement})" if finding.requirement else ""
    more = f"\n    more: {finding.guideline}" if finding.guideline else ""
    return Text.assemble(
        f"  {finding.resource}\n    ",
        (finding.policy, "bold"),
        f"{requirement} {finding.message}\n    mend: {finding.mend}{more}\n    ",
        (f"{finding.file}:{finding.line}", "dim"),
    )


def _waived(item: Waived) -> Text:
    finding = item.finding
    return Text.assemble(
        f"  {finding.resource}\n    ",
        (finding.policy, "bold"),
        f" {finding.message}\n    until {item.expires}: {item.reason}\n    ",
        (f"{finding.file}:{finding.line}", "dim"),
    )


def _problem(problem: Problem) -> Text:
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    return Text.assemble(f"  {problem.message}\n    mend: {problem.mend}\n    ", (place, "dim"))
