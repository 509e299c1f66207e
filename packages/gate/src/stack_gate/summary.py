"""From verdicts and waivers to the report."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from stack_gate import catalogue, profiles, waivers
from stack_gate.engine import Evaluation
from stack_gate.report import ALL, Finding, Problem, Report, Waived, order
from stack_gate.verdict import Outcome, Verdict


def report(
    evaluations: Iterable[Evaluation],
    problems: list[Problem],
    today: date,
    policies: int,
    profile: str = ALL,
) -> Report:
    """`policies` is how many were evaluated. A waiver covers every verdict of its check on its resource."""
    found = list(evaluations)
    findings, waived, errors = [], [], list(problems)
    for evaluation in found:
        errors += evaluation.problems
        parts = _parts(evaluation, today, profile)
        findings += parts[0]
        waived += parts[1]
        errors += parts[2]
    errors = profiles.listed_once(errors, profile)
    outcomes = [verdict.outcome for evaluation in found for verdict in evaluation.verdicts]
    return Report(
        findings=tuple(sorted(findings, key=order)),
        waived=tuple(sorted(waived, key=lambda item: order(item.finding))),
        errors=tuple(sorted(errors, key=lambda item: (item.file, item.line, item.message))),
        passed=outcomes.count(Outcome.PASSED),
        not_applicable=outcomes.count(Outcome.NOT_APPLICABLE),
        stacks=tuple(evaluation.stack.name for evaluation in found),
        policies=policies,
        profile=profile,
    )


def _parts(
    evaluation: Evaluation, today: date, profile: str
) -> tuple[list[Finding], list[Waived], list[Problem]]:
    judged = [(waiver, waivers.not_holding(waiver, today)) for waiver in evaluation.waivers]
    holding = {(waiver.resource, waiver.check): waiver for waiver, finding in judged if finding is None}
    findings = [finding for _, finding in judged if finding is not None]
    waived: list[Waived] = []
    errors: list[Problem] = []
    explained = {problem.resource for problem in evaluation.problems if problem.resource}
    for verdict in _not_passed(evaluation):
        finding = _finding(verdict, evaluation)
        waiver = holding.get((finding.resource, finding.policy))
        if waiver is not None and getattr(verdict.check, "needs_owner", False) and not waiver.owner:
            errors.append(waivers.without_owner(waiver))
        elif waiver is not None:
            by = f" (owner: {waiver.owner})" if waiver.owner else ""
            waived.append(Waived(finding, waiver.reason + by, waiver.expires.isoformat()))
        elif verdict.outcome is Outcome.FAILED:
            findings.append(finding)
        elif finding.resource not in explained:  # else the cause is among the problems, once for all checks
            errors.append(_error(finding, verdict.check))
    used = {(item.finding.resource, item.finding.policy) for item in waived}
    idle = [waiver for key, waiver in holding.items() if key not in used]
    findings += [waivers.unused(waiver) for waiver in idle if profiles.asks(profile, waiver.check)]
    return findings, waived, errors


def _not_passed(evaluation: Evaluation) -> Iterator[Verdict]:
    done = (Outcome.PASSED, Outcome.NOT_APPLICABLE)
    return (verdict for verdict in evaluation.verdicts if verdict.outcome not in done)


def _finding(verdict: Verdict, evaluation: Evaluation) -> Finding:
    check, block = verdict.check, verdict.block
    evaluated = verdict.outcome is Outcome.FAILED
    return Finding(
        policy=check.id,
        requirement=catalogue.requirement(check),
        severity=catalogue.severity(check),
        resource=block.address if block else evaluation.stack.name,
        file=block.file if block else evaluation.stack.files[0].as_posix(),
        line=block.line if block else 1,
        message=verdict.message or check.name if evaluated else f"not evaluated: {verdict.message}",
        fix=catalogue.fix(check),
        guideline=catalogue.guideline(check),
    )


def _error(finding: Finding, check: Any) -> Problem:
    message = f"{finding.policy} on {finding.resource}: {finding.message}"
    fix = "give the value literally, or scan the plan; correct a check that raises; or waive it there"
    if hasattr(check, "unknown"):  # a policy that says what it can't evaluate says how to fix it
        fix = finding.fix
    return Problem(message, fix, finding.file, finding.line, finding.policy, finding.resource)
