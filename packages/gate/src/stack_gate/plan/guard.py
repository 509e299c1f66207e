"""The plan guard: refuses a plan that would hurt the active colour or the ledger's writer, destroy data, or
move traffic.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from stack_gate.plan import document, ledger, owners, traffic
from stack_gate.plan.document import Plan, PlanError
from stack_gate.plan.judge import POLICIES, Judge, Objection
from stack_gate.plan.traffic import Traffic
from stack_gate.report import Finding, Report, Severity, Waived, order
from stack_gate.stack import COLOURS

ALLOWANCE_UNUSED = "BG_GUARD_ALLOWANCE_UNUSED"
READ_AGAIN = "plan again, with a refresh, and guard that plan"


@dataclass(frozen=True)
class Live:
    """Who serves now: the active colour, and the weights of the production listener where they were read.

    `findings`: what else may send production's clients elsewhere, and the step that removes it. `writers`:
    the colours whose database may be the ledger's writer; None where that was not read.
    """

    active: str
    weights: Mapping[str, int] | None = None
    findings: Sequence[tuple[str, str]] = ()
    writers: frozenset[str] | None = None


def guard(
    path: Path,
    *,
    active: str | None,
    read_live: Callable[[], Live],
    allowances: Mapping[str, str],
    today: date,
) -> Report:
    """Judges every change of the plan in `path`.

    `active`: the colour that serves; where it is None, `read_live` is asked, if there is anything to guard.
    `allowances`: address → reason. What one lets through is in the report's `waived`, for `today` only; one
    that lets nothing through is a finding. What keeps the plan from being judged is in the report's errors.
    Raises only what `read_live` raises.
    """
    try:
        plan = document.read(path)
        if not any(change.exists for change in plan.changes):
            return _first(plan, active, allowances, today)
        seen = traffic.read(plan)
        live = Live(active) if active else read_live()
        serving = _served(seen, live)
        # As they were when the plan was made, and as they are now.
        writers = ledger.writers(plan) | (live.writers or frozenset())
        judge = Judge(seen, owners.read(plan, seen), serving, _existing(plan), writers)
        found = [(change.address, judge.objections(change)) for change in plan.changes]
    except PlanError as error:
        return Report(errors=(document.problem(path, error),))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = f"can't be judged: {type(error).__name__}: {error}"
        broken = PlanError(what, f"{document.PLAN_AGAIN}; if it is that, this is a defect of the guard")
        return Report(errors=(document.problem(path, broken),))
    findings: dict[str, list[Finding]] = defaultdict(list)  # an address may have a deposed object, too
    for address, objections in found:
        findings[address] += (_finding(address, objection, path) for objection in objections)
    return _report(plan, findings, allowances, today)


def _finding(address: str, objection: Objection, path: Path) -> Finding:
    place = (address, path.as_posix(), 1)
    return Finding(
        objection.policy, None, objection.severity, *place, message=objection.message, fix=objection.fix
    )


def _first(plan: Plan, active: str | None, allowances: Mapping[str, str], today: date) -> Report:
    """The first apply: nothing is there to be hurt. Unless the state got lost."""
    if active:
        message = f"knows nothing that exists, but {active} is said to serve: is that the right state?"
        raise PlanError(message, "plan with the platform's own backend and workspace; before a first apply, "
                        "leave --active out")  # fmt: skip
    return _report(plan, {}, allowances, today)


def _existing(plan: Plan) -> frozenset[str]:
    return frozenset(change.block for change in plan.changes if change.exists)


def _served(seen: Traffic, live: Live) -> dict[str, int]:
    """The colours to be left alone: the active one, and during a shift the other one as well."""
    weights = seen.weights
    if live.active not in COLOURS:
        raise PlanError(
            f"can't be judged: the active colour is said to be {live.active!r}",
            "see `bluegreen status`, and give --active blue or --active green",
        )
    for what, fix in live.findings:
        raise PlanError(
            f"can't be judged, because which colour serves is unknown: {what}", f"{fix}; then plan again"
        )
    if live.weights is not None and dict(live.weights) != weights:
        raise PlanError(
            f"was made when production had {_text(weights)}; now it has {_text(live.weights)}", READ_AGAIN
        )
    if not weights[live.active]:
        raise PlanError(
            f"was made when production had {_text(weights)}: {live.active} is not the active colour",
            READ_AGAIN,
        )
    return {colour: weight for colour, weight in weights.items() if weight}


def _text(weights: Mapping[str, int]) -> str:
    return ", ".join(f"{colour} {weight}" for colour, weight in sorted(weights.items()))


def _report(
    plan: Plan, found: Mapping[str, list[Finding]], allowances: Mapping[str, str], today: date
) -> Report:
    findings = [item for address, items in found.items() if address not in allowances for item in items]
    waived = [
        Waived(item, reason, today.isoformat())
        for address, reason in allowances.items()
        for item in found.get(address, ())
    ]
    findings += [_unused(plan, address) for address in allowances if not found.get(address)]
    changes = [change for change in plan.changes if not change.idle]
    return Report(
        findings=tuple(sorted(findings, key=order)),
        waived=tuple(sorted(waived, key=lambda item: order(item.finding))),
        passed=sum(not found.get(change.address) for change in changes),
        not_applicable=len(plan.changes) - len(changes),
        stacks=(plan.path.name,),
        policies=len(POLICIES),
    )


def _unused(plan: Plan, address: str) -> Finding:
    there = any(change.address == address for change in plan.changes)
    what = "nothing is wrong with what the plan does to it" if there else "the plan has no such resource"
    message = f"the allowance lets nothing through: {what}"
    return Finding(
        ALLOWANCE_UNUSED, None, Severity.LOW, address, plan.path.as_posix(), 1, message, "take --allow out"
    )
