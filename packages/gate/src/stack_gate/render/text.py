"""Text for people: findings by severity, each with its fix; what is waived; what was not evaluated."""

from collections.abc import Iterable
from itertools import groupby
from typing import TextIO

from rich.console import Console
from rich.text import Text as RichText
from safe_io import Text, line
from safe_io import console as out_console

from stack_gate.report import ExitCode, Finding, Problem, Report, Severity, Waived

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
    console = out_console(out, wrap=False)
    for severity, group in groupby(report.findings, key=lambda finding: finding.severity):
        _section(console, severity, STYLES[severity], map(_finding, group))
    _section(console, "WAIVED", "bold", map(_waived, report.waived))
    _section(console, "NOT EVALUATED", "bold red", map(_problem, report.errors))
    outcome, style = OUTCOMES[report.exit_code]
    console.print(Text(outcome, style))
    console.print(Text(_counts(report)))


def _counts(report: Report) -> str:
    return (
        f"profile: {line(report.profile)}; stacks: {len(report.stacks)}, policies: {report.policies}; "
        f"verdicts: {report.passed} passed, "
        f"{report.not_applicable} not applicable, {len(report.findings)} findings, "
        f"{len(report.waived)} waived, {len(report.errors)} errors"
    )


def _section(console: Console, title: str, style: str, entries: Iterable[RichText]) -> None:
    found = list(entries)
    if found:
        console.print(Text(f"{title} ({len(found)})", style))
        for entry in found:
            console.print(entry)
        console.print()


def _finding(finding: Finding) -> RichText:
    requirement = f" ({finding.requirement})" if finding.requirement else ""
    more = f"\n    more: {line(finding.guideline)}" if finding.guideline else ""
    return _entry(finding, f"{requirement} {_within(finding.message)}\n    fix: {_within(finding.fix)}{more}")


def _waived(item: Waived) -> RichText:
    why = f"\n    until {item.expires}: {_within(item.reason)}"
    return _entry(item.finding, f" {_within(item.finding.message)}{why}")


def _entry(finding: Finding, said: str) -> RichText:
    return Text.assemble(
        f"  {line(finding.resource)}\n    ",
        (line(finding.policy), "bold"),
        f"{said}\n    ",
        (f"{line(finding.file)}:{finding.line}", "dim"),
    )


def _problem(problem: Problem) -> RichText:
    place = f"{line(problem.file)}:{problem.line}" if problem.line else line(problem.file)
    said = f"  {_within(problem.message)}\n    fix: {_within(problem.fix)}\n    "
    return Text.assemble(said, (place, "dim"))


def _within(text: str) -> str:
    """Of several lines: all beneath the entry that they belong to, so that none looks like another entry."""
    return text.replace("\n", "\n      ")
