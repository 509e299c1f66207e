"""From verdicts and waivers to the report."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from stack_gate import catalogue, profiles, registries, waivers, yielding
from stack_gate.discovery import Stack
from stack_gate.engine import Evaluation
from stack_gate.report import ALL, Finding, Problem, Report, Waived, order
from stack_gate.verdict import Outcome, Verdict
from stack_gate.waivers import Waiver

Item = TypeVar("Item")


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
    idle: list[set[Waiver]] = []
    for evaluation in found:
        errors += evaluation.problems
        parts = _parts(evaluation, today)
        findings += parts.findings
        waived += parts.waived
        errors += parts.errors
        idle.append(parts.idle)
    for waiver in _unused(found, idle):
        if profiles.asks(profile, waiver.check):
            findings.append(waivers.unused(waiver))
    errors = profiles.listed_once(list(dict.fromkeys(errors)), profile)
    outcomes = [verdict.outcome for evaluation in found for verdict in evaluation.verdicts]
    names = (part.name for one in found for part in one.stack.parts or (one.stack,))
    return Report(
        findings=tuple(sorted(_once(findings, _place), key=order)),
        waived=tuple(
            sorted(_once(waived, lambda item: _place(item.finding)), key=lambda w: order(w.finding))
        ),
        errors=tuple(sorted(errors, key=lambda item: (item.file, item.line, item.message))),
        passed=outcomes.count(Outcome.PASSED),
        not_applicable=outcomes.count(Outcome.NOT_APPLICABLE),
        stacks=tuple(dict.fromkeys(names)),
        policies=policies,
        profile=profile,
    )


def _place(finding: Finding) -> tuple[str, str, str, int]:
    return finding.policy, finding.resource, finding.file, finding.line


def _once(items: Iterable[Item], key: Callable[[Item], object]) -> list[Item]:
    """The first of each: a stack that two platforms have is judged twice."""
    return list({key(item): item for item in reversed(list(items))}.values())


def _unused(evaluations: list[Evaluation], idle: list[set[Waiver]]) -> list[Waiver]:
    """Waivers that no evaluation needed, of those that have them."""
    seen = dict.fromkeys(waiver for found in idle for waiver in sorted(found, key=str))
    having = list(zip(evaluations, idle, strict=True))
    return [
        waiver
        for waiver in seen
        if all(waiver in unneeded for one, unneeded in having if waiver in one.waivers)
    ]


@dataclass(slots=True)
class _Parts:
    """What one evaluation gives. `idle`: waivers that hold, and that nothing needs."""

    findings: list[Finding] = field(default_factory=list)
    waived: list[Waived] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    idle: set[Waiver] = field(default_factory=set)


def _parts(evaluation: Evaluation, today: date) -> _Parts:
    judged = [(waiver, waivers.not_holding(waiver, today)) for waiver in evaluation.waivers]
    holding = {(waiver.resource, waiver.check): waiver for waiver, finding in judged if finding is None}
    parts = _Parts(findings=[finding for _, finding in judged if finding is not None])
    explained = {problem.resource for problem in evaluation.problems if problem.resource}
    used = set[tuple[str, str]]()

    def key(verdict: Verdict) -> tuple[str, str]:
        place = verdict.block.address if verdict.block else _holder(verdict, evaluation).name
        return place, verdict.check.id

    standing = yielding.standing(_not_passed(evaluation), lambda verdict: key(verdict) in holding)
    for verdict in standing:
        finding = _finding(verdict, evaluation)
        waiver = holding.get(key(verdict))
        if waiver is not None and getattr(verdict.check, "needs_owner", False) and not waiver.owner:
            parts.errors.append(waivers.without_owner(waiver))
        elif waiver is not None:
            by = f" (owner: {waiver.owner})" if waiver.owner else ""
            parts.waived.append(Waived(finding, waiver.reason + by, waiver.expires.isoformat()))
            used.add(key(verdict))
        elif verdict.outcome is Outcome.FAILED:
            parts.findings.append(finding)
        elif key(verdict)[0] not in explained:  # else the cause is among the problems, once for all checks
            parts.errors.append(_error(finding, verdict.check))
    parts.idle = {waiver for place, waiver in holding.items() if place not in used}
    return parts


def _holder(verdict: Verdict, evaluation: Evaluation) -> Stack:
    """The stack in which something is absent."""
    return evaluation.stack.holder(registries.room(verdict.check))


def _not_passed(evaluation: Evaluation) -> Iterator[Verdict]:
    done = (Outcome.PASSED, Outcome.NOT_APPLICABLE)
    return (verdict for verdict in evaluation.verdicts if verdict.outcome not in done)


def _finding(verdict: Verdict, evaluation: Evaluation) -> Finding:
    check, block = verdict.check, verdict.block
    evaluated = verdict.outcome is Outcome.FAILED
    message = verdict.message or check.name if evaluated else f"not evaluated: {verdict.message}"
    stack = _holder(verdict, evaluation)
    for other, own in evaluation.renamed.items():
        message = message.replace(other, own)
    return Finding(
        policy=check.id,
        requirement=catalogue.requirement(check),
        severity=catalogue.severity(check),
        resource=evaluation.renamed.get(block.address, block.address) if block else stack.name,
        file=block.file if block else stack.files[0].as_posix(),
        line=block.line if block else 1,
        message=message,
        fix=catalogue.fix(check, verdict.keys or _keys(check, evaluation)),
        guideline=catalogue.guideline(check),
    )


def _keys(check: Any, evaluation: Evaluation) -> tuple[str, ...]:
    """What it looked at on other resources: some checks don't say it of what they fail."""
    return next((other.keys for other in evaluation.verdicts if other.check is check and other.keys), ())


def _error(finding: Finding, check: Any) -> Problem:
    message = f"{finding.policy} on {finding.resource}: {finding.message}"
    fix = "give the value literally, or scan the plan; correct a check that raises; or waive it there"
    if hasattr(check, "unknown"):  # a policy that says what it can't evaluate says how to fix it
        fix = finding.fix
    return Problem(message, fix, finding.file, finding.line, finding.policy, finding.resource)
