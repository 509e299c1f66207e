"""SARIF 2.1.0, for code-scanning tools. Source: OASIS, "Static Analysis Results Interchange Format 2.1.0"."""

import hashlib
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from safe_io import document, line, sarif

from stack_gate.report import Finding, Problem, Report, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "2.0"}


def write(report: Report, out: TextIO) -> None:
    """Open findings are results, errors notifications of an unsuccessful run.

    Waived findings are left out: GitHub code scanning doesn't read `suppressions` and would open an alert for
    each. A finding that is waived later is missing from the next upload, which closes its alert.
    """
    out.write(document(content(report), indent=2) + "\n")


def content(report: Report) -> dict[str, Any]:
    """The report as a SARIF log."""
    rules = {finding.policy: _rule(finding) for finding in report.findings}
    results = [_result(finding) for finding in report.findings]
    driver = {"name": "bluegreen scan", "rules": [rules[policy] for policy in sorted(rules)]}
    invocation = {
        "executionSuccessful": not report.errors,
        "exitCode": int(report.exit_code),
        "toolExecutionNotifications": [_notification(problem) for problem in report.errors],
    }
    run = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    run["properties"] = {"profile": report.profile}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(finding: Finding) -> dict[str, Any]:
    tags = ["security", *([finding.requirement] if finding.requirement else [])]
    rule: dict[str, Any] = {
        "id": finding.policy,
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {"security-severity": SCORES[finding.severity], "tags": tags},
    }
    # The schema wants an absolute URI; the pack's own documentation is a file of the repository.
    absolute = "://" in (finding.guideline or "")
    return rule | ({"helpUri": finding.guideline} if absolute else {})


def _result(finding: Finding) -> dict[str, Any]:
    location = _location(finding.file, finding.line)
    location["logicalLocations"] = [{"fullyQualifiedName": line(finding.resource), "kind": "resource"}]
    identity = "\n".join((finding.policy, finding.resource, finding.file))
    return {
        "ruleId": finding.policy,
        "level": LEVELS[finding.severity],
        "message": {"text": sarif(f"{line(finding.resource)}: {finding.message}\nmend: {finding.fix}")},
        "locations": [location],
        # lines move with every synthesis; what a finding is about does not
        "partialFingerprints": {"policyOnResource/v1": hashlib.sha256(_bytes(identity)).hexdigest()},
    }


def _notification(problem: Problem) -> dict[str, Any]:
    text = {"message": {"text": sarif(f"{problem.message}\nmend: {problem.fix}")}, "level": "error"}
    return text | ({"locations": [_location(problem.file, problem.line)]} if problem.file else {})


def _location(file: str, line: int) -> dict[str, Any]:
    uri = f"{'file://' if Path(file).is_absolute() else ''}{quote(_bytes(file))}"
    place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    return {"physicalLocation": place | ({"region": {"startLine": line}} if line else {})}


def _bytes(text: str) -> bytes:
    """Names of files may hold halves of surrogate pairs, for bytes that are no UTF-8."""
    return text.encode("utf-8", "surrogatepass")
