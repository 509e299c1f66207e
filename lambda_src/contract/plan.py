"""From the untrusted `plan` of a `begin` to a Plan, or the problems that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..common.errors import Problem
from .fields import ATTESTATION, BY, COLOUR, REASON, Field, problems_of, whole_number
from .limits import DAY, MAXIMUM_STEPS, MONTH
from .request import Plan
from .values import FULL, Colour


def _steps(value: object) -> str | None:
    if not _percentages(value):
        return "is not a list of percentages"
    steps: list[int] = value  # type: ignore[assignment]
    if not 1 <= len(steps) <= MAXIMUM_STEPS:
        return f"has {len(steps)} steps"
    if steps != sorted(set(steps)):
        return "does not rise"
    return None if steps[-1] == FULL else f"ends at {steps[-1]}"


def _approvals(value: object) -> str | None:
    return None if _percentages(value) else "is not a list of percentages"


def _percentages(value: object) -> bool:
    return isinstance(value, list) and all(type(item) is int and 1 <= item <= FULL for item in value)


_FIELDS: Mapping[str, Field] = {
    "target": COLOUR,
    "steps": Field(_steps, f"1 to {MAXIMUM_STEPS} rising percentages up to 100, e.g. [5, 25, 50, 100]"),
    "bake_seconds": whole_number(0, DAY, "how long each step is watched"),
    "approve_at": Field(_approvals, "the steps that need an approval, e.g. [50]"),
    "approval_timeout_seconds": whole_number(1, DAY, "how long an approval is waited for"),
    "deadline_seconds": whole_number(1, MONTH, "when it is rolled back if it is not done"),
    "ledger_after": whole_number(1, FULL, "after which step the ledger moves, 100: when all is over"),
    "reason": REASON,
    "by": BY,
    "attestation": ATTESTATION,
}  # fmt: skip
_REQUIRED = ("target", "steps", "bake_seconds")
_ONLY_LEDGER = "only_ledger"
# Of a move of the ledger alone: it has no steps.
_OF_LEDGER: Mapping[str, Field] = {
    _ONLY_LEDGER: Field(lambda value: None if value is True else "is not true", "true, or left out"),
    **{key: _FIELDS[key] for key in ("target", "reason", "by", "attestation")},
}


def plan_problems(plan: object) -> list[Problem]:
    """Keys are named as seen from the event: `plan.steps`."""
    if not isinstance(plan, dict):
        return [Problem.of("plan", plan, "is not a JSON object", "an object with " + ", ".join(_REQUIRED))]
    fields, required = (_OF_LEDGER, ("target",)) if _ONLY_LEDGER in plan else (_FIELDS, _REQUIRED)
    unknown = [key for key in plan if key not in fields]
    problems = [
        Problem.of(str(key), plan[key], "is not a known key", ", ".join(sorted(fields))) for key in unknown
    ]
    problems += [Problem.missing(key, fields[key].allowed) for key in required if key not in plan]
    problems += problems_of(plan, fields)
    if not problems and (strange := sorted(set(plan.get("approve_at", [])) - set(plan.get("steps", [])))):
        problems.append(Problem.of("approve_at", strange, "are no steps", f"some of {plan['steps']}"))
    if not problems and plan.get("ledger_after", FULL) not in plan.get("steps", [FULL]):
        one_of = f"one of {plan['steps']}"
        problems.append(Problem.of("ledger_after", plan["ledger_after"], "is no step", one_of))
    return [Problem(f"plan.{p.key}", p.value, p.problem, p.allowed) for p in problems]


def parse_plan(plan: Mapping[str, Any]) -> Plan:
    """Of a plan without problems."""
    return Plan(
        target=Colour(plan["target"]),
        steps=tuple(plan.get("steps", ())),
        bake_seconds=plan.get("bake_seconds", 0),
        only_ledger=_ONLY_LEDGER in plan,
        approve_at=tuple(sorted(set(plan.get("approve_at", ())))),
        **{
            key: plan[key]
            for key in ("approval_timeout_seconds", "deadline_seconds", "ledger_after", "reason", "by")
            if key in plan
        },
    )
