"""From the words of an operator to the plan that the state machine gets, or every mistake in them at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from bluegreen.operate.shifting import durations, steps
from lambda_src.contract.limits import DAY, MONTH, REASON_LIMIT, SECONDS_PER_STEP
from lambda_src.contract.values import FULL

Parsed = TypeVar("Parsed")


NO_LEDGER = "this deployment has no ledger that moves, its configuration says `[ledger] replicate = false`"


class Ledger(StrEnum):
    """Whether the ledger follows the traffic."""

    after = "after"
    never = "never"


class PlanError(Exception):
    """The plan can't be carried out. `problems`: a line each: the option, its value, what is wrong."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class ShiftPlan:
    """What is asked of the state machine. `deadline_seconds` None: as the function reckons it."""

    target: str
    steps: tuple[int, ...]
    bake_seconds: int
    approve_at: tuple[int, ...]
    approval_timeout_seconds: int
    deadline_seconds: int | None
    reason: str
    ledger: Ledger = Ledger.after
    ledger_at: int | None = None

    @property
    def baking_seconds(self) -> int:
        """All bakes together: how long it takes at least. Every step is baked, the last one, too."""
        return len(self.steps) * self.bake_seconds

    @property
    def deadline(self) -> int:
        """Seconds after which a shift that has not ended is rolled back."""
        if self.deadline_seconds is not None:
            return self.deadline_seconds
        approvals = len(self.approve_at) * self.approval_timeout_seconds
        return self.baking_seconds + approvals + len(self.steps) * SECONDS_PER_STEP

    def to_json(self) -> dict[str, Any]:
        """The input of the execution, but for the proof of who starts it."""
        plan = {
            "target": self.target,
            "steps": list(self.steps),
            "bake_seconds": self.bake_seconds,
            "approve_at": list(self.approve_at),
            "approval_timeout_seconds": self.approval_timeout_seconds,
            "deadline_seconds": self.deadline_seconds,
            "reason": self.reason or None,
        }
        return {key: value for key, value in plan.items() if value is not None}

    def told_of_ledger(self, *, there: bool) -> str:
        """When the ledger moves, in a sentence; empty without one."""
        if not there:
            return ""
        if self.ledger is Ledger.never:
            return "The ledger stays where it is."
        if self.ledger_at in (None, FULL):
            return f"After the last bake the ledger moves to {self.target}."
        return f"Once {self.ledger_at} % has baked the ledger moves to {self.target}."

    def with_ledger(self, *, there: bool) -> dict[str, Any]:
        """The same, for a deployment that has a ledger, or none. Raises PlanError."""
        if not there and self.ledger_at is not None:
            raise PlanError([f"--ledger-at {self.ledger_at}: {NO_LEDGER}"])
        if not there or self.ledger is Ledger.never:
            return self.to_json()
        return self.to_json() | {"ledger_after": self.ledger_at or FULL}


def parse_plan(
    target: str,
    *,
    steps_text: str,
    bake: str,
    approve_at: str | None,
    approval_timeout: str,
    deadline: str | None,
    reason: str,
    ledger: Ledger | None = None,
    ledger_at: int | None = None,
) -> ShiftPlan:
    """Options as they were given. Raises PlanError that names every mistake."""
    problems: list[str] = []

    def read(option: str, text: str, parser: Callable[[str], Parsed], instead: Parsed) -> Parsed:
        try:
            return parser(text)
        except ValueError as error:
            problems.append(f"{option} {text}: {error}")
            return instead

    plan = ShiftPlan(
        target=target,
        steps=read("--steps", steps_text, steps.parse, ()),
        bake_seconds=read("--bake", bake, lambda text: _span(text, 0, DAY), 0),
        approve_at=read("--approve-at", approve_at, steps.listed, ()) if approve_at else (),
        approval_timeout_seconds=read(
            "--approval-timeout", approval_timeout, lambda text: _span(text, 1, DAY), 1
        ),
        deadline_seconds=read("--deadline", deadline, lambda text: _span(text, 1, MONTH), None)
        if deadline
        else None,
        reason=read("--reason", reason, _reason, ""),
        ledger=ledger or Ledger.after,
        ledger_at=ledger_at,
    )
    problems += _contradictions(plan)
    if problems:
        raise PlanError(problems)
    return plan


def _contradictions(plan: ShiftPlan) -> list[str]:
    found = []
    if plan.steps:  # otherwise they are wrong themselves
        told = ", ".join(map(str, plan.steps))
        strangers = [step for step in plan.approve_at if step not in plan.steps]
        found += [f"--approve-at {step}: is none of the steps {told}; name one of them" for step in strangers]
        if len(set(plan.approve_at)) != len(plan.approve_at):
            found.append("--approve-at: names a step twice; name each once")
        if plan.ledger_at is not None and plan.ledger_at not in plan.steps:
            found.append(f"--ledger-at {plan.ledger_at}: is none of the steps {told}; name one of them")
    if plan.ledger is Ledger.never and plan.ledger_at is not None:
        found.append(f"--ledger-at {plan.ledger_at}: contradicts --ledger never; leave one of them out")
    if plan.deadline_seconds is not None and plan.deadline_seconds <= plan.baking_seconds:
        baking = durations.words(plan.baking_seconds)
        given = durations.words(plan.deadline_seconds)
        found.append(f"--deadline {given}: is over before all steps have baked, {baking}; make it longer")
    return found


def _span(text: str, least: int, most: int) -> int:
    seconds = durations.parse(text)
    if not least <= seconds <= most:
        allowed = f"{durations.words(least)} to {durations.words(most)}"
        raise ValueError(f"is out of range; allowed: {allowed}")
    return seconds


def _reason(text: str) -> str:
    """As the switch function has it: SSM takes no references, history and terminals no control characters."""
    if len(text) > REASON_LIMIT:
        raise ValueError(f"has {len(text)} characters; {REASON_LIMIT} are the most")
    if not text.isprintable() or "{{" in text or "}}" in text:
        raise ValueError("holds characters that can't be recorded; leave out control characters, {{ and }}")
    return text
