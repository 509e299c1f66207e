"""What a pack noticed of the mutants, and the score that follows."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from stack_gate.mutation.operators import Mutant
from stack_gate.report import ExitCode, Problem

EVALUATION = "evaluation"  # what no policy said: the gate itself could not evaluate the mutant


@dataclass(frozen=True, slots=True)
class Outcome:
    """`policies`: those that found something new; `is_there`: whether it was on the changed block."""

    stack: str
    mutant: Mutant
    policies: frozenset[str]
    is_there: bool


@dataclass(slots=True)
class Result:
    """`possible`: how many mutants there are; `alarms`: what is found in the stack under other names, behind
    locals, and isn't wrong. `errors`: why nothing was measured.
    """

    stacks: tuple[str, ...] = ()
    possible: int = 0
    seed: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """As of a scan: findings are mutants that survived."""
        if self.errors:
            return ExitCode.NOT_EVALUATED
        missed = self.alarms or any(not outcome.policies for outcome in self.outcomes)
        return ExitCode.FINDINGS if missed else ExitCode.PASSED

    def content(self) -> dict[str, Any]:
        """As plain values: the contract of the JSON."""
        noticed = [outcome for outcome in self.outcomes if outcome.policies]
        survived = [outcome for outcome in self.outcomes if not outcome.policies]
        guarded = {outcome.mutant.argument for outcome in noticed}
        depended = [outcome for outcome in self.outcomes if outcome.mutant.argument in guarded]
        return {
            "exit_code": int(self.exit_code),
            "stacks": list(self.stacks),
            "seed": self.seed,
            "possible": self.possible,
            "mutants": len(self.outcomes),
            "noticed": len(noticed),
            "noticed_there": sum(outcome.is_there for outcome in noticed),
            "score": _percent(len(noticed), len(self.outcomes)),
            "guarded_score": _percent(len(noticed), len(depended)),
            "operators": _by_operator(self.outcomes),
            "policies": _by_policy(self.outcomes),
            "unguarded": _unguarded(o for o in survived if o.mutant.argument not in guarded),
            "survived": [_survivor(o) for o in survived if o.mutant.argument in guarded],
            "alarms": self.alarms,
            "errors": [{"message": problem.message, "fix": problem.fix} for problem in self.errors],
        }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 100.0


def _by_operator(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    tried, noticed = Counter[str](), Counter[str]()
    for outcome in outcomes:
        tried[outcome.mutant.operator] += 1
        noticed[outcome.mutant.operator] += bool(outcome.policies)
    return [
        {"operator": name, "mutants": tried[name], "noticed": noticed[name]}
        | {"score": _percent(noticed[name], tried[name])}
        for name in sorted(tried)
    ]


def _by_policy(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """Of each policy: the arguments of which it noticed a change, the mutants of these, how many of them it
    noticed itself, and how many no policy did.
    """
    arguments: dict[str, set[str]] = defaultdict(set)
    of_argument: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        of_argument[outcome.mutant.argument].append(outcome)
        for policy in outcome.policies:
            arguments[policy].add(outcome.mutant.argument)
    rows = []
    for policy, names in sorted(arguments.items()):
        of_these = [outcome for name in names for outcome in of_argument[name]]
        survived = sum(not outcome.policies for outcome in of_these)
        rows.append(
            {
                "policy": policy,
                "arguments": len(names),
                "mutants": len(of_these),
                "noticed": sum(policy in outcome.policies for outcome in of_these),
                "survived": survived,
                "score": _percent(len(of_these) - survived, len(of_these)),
            }
        )
    return rows


def _unguarded(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    found: dict[str, list[Mutant]] = defaultdict(list)
    for outcome in outcomes:
        found[outcome.mutant.argument].append(outcome.mutant)
    return [
        {
            "argument": argument,
            "mutants": len(mutants),
            "operators": sorted({mutant.operator for mutant in mutants}),
            "example": min(mutant.address for mutant in mutants),
        }
        for argument, mutants in sorted(found.items())
    ]


def _survivor(outcome: Outcome) -> dict[str, str]:
    mutant = outcome.mutant
    return {
        "argument": mutant.argument,
        "operator": mutant.operator,
        "address": mutant.address,
        "stack": outcome.stack,
    }
