"""View of what a shift is going to do: what its operator says yes to."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Rows, Text

from bluegreen.cli.views.control import hindrances, weights
from bluegreen.cli.views.gates import gates_table
from bluegreen.cli.views.timeline import STYLES
from bluegreen.cli.views.times import stamp
from bluegreen.operate.shifting.durations import words
from bluegreen.operate.shifting.plan import ShiftPlan
from lambda_src.contract.values import FULL

FAILING = (
    "If a gate does not pass, a step fails, an approval does not come in time, the\n"
    "deadline is over or an operator aborts, all traffic is rolled back."
)


def plan_view(
    plan: ShiftPlan, preflight: Mapping[str, Any], now: datetime, ledger: str = ""
) -> RenderableType:
    """Steps, end, gates, and what happens when something goes wrong."""
    other = next(colour for colour in STYLES if colour != plan.target)
    return Group(
        Text(f"Shift to {plan.target}, now {weights(preflight['weights'])}", style="bold"),
        _steps(plan, other, now),
        Text(_end(plan, now)),
        *([Text(ledger)] if ledger else []),
        Text(f"Gates of {plan.target}, evaluated before every step and while it is watched:"),
        gates_table(preflight["gates"]),
        *hindrances(preflight),
        Text(FAILING),
    )


def _steps(plan: ShiftPlan, other: str, now: datetime) -> Rows:
    """A row for every step; times without what approvals take."""
    table = Rows("=Step", f"={plan.target}", f"={other}", "~First", "=Bake", "=From about")
    for number, step in enumerate(plan.steps):
        approval = (
            f"approval, within {words(plan.approval_timeout_seconds)}" if step in plan.approve_at else ""
        )
        at = now + timedelta(seconds=number * plan.bake_seconds)
        row = (str(number + 1), f"{step} %", f"{FULL - step} %", approval, words(plan.bake_seconds))
        table.add(*row, f"{at:%H:%M:%S} UTC")
    return table


def _end(plan: ShiftPlan, now: datetime) -> str:
    end, deadline = (now + timedelta(seconds=seconds) for seconds in (plan.baking_seconds, plan.deadline))
    waiting = ", if approvals come at once" if plan.approve_at else ""
    return f"Estimated end: {stamp(end)} UTC{waiting}\nDeadline: {stamp(deadline)} UTC"
