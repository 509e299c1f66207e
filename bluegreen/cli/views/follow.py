"""The live view of a shift: its steps, the traffic over time, the gates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from safe_io import Text

from bluegreen.cli.views.gates import failing, gates_table, sentence
from bluegreen.cli.views.timeline import Sample, timeline
from bluegreen.cli.views.workflow import in_progress, workflow_lines
from bluegreen.operate.shifting.durations import words

BAR_WIDTH = 30


@dataclass(frozen=True)
class StepRow:
    """One step, as shown. `done` is a share of its bake, 0 to 1."""

    percent: int
    done: float
    state: str


def step_rows(workflow: Mapping[str, Any], now: datetime) -> list[StepRow]:
    """The steps of a workflow, the one in progress with what it is doing."""
    reached, coming = workflow["percent"], _next(workflow)
    rows = []
    for step in workflow["steps"]:
        baking = step == reached and workflow["state"] in ("baking", "holding")
        if baking:
            rows.append(StepRow(step, *_bake(workflow, now)))
        elif step <= reached:
            rows.append(StepRow(step, 1.0, "done"))
        elif step == coming:
            rows.append(StepRow(step, 0.0, _doing(workflow)))
        else:
            rows.append(StepRow(step, 0.0, "needs approval" if step in workflow["approve_at"] else ""))
    return rows


def follow_view(
    name: str,
    status: Mapping[str, Any],
    workflow: Mapping[str, Any] | None,
    samples: Sequence[Sample],
    trouble: str | None = None,
) -> RenderableType:
    """One frame. `workflow` None: it has been started, and the function does not know of it yet."""
    now = samples[-1].at
    if workflow is None:
        return Text(f"Shift {name}: starting" + (f"; no news: {trouble}" if trouble else ""))
    gates = status.get("gates", {})
    elsewhere = (verdicts for colour, verdicts in gates.items() if colour != workflow["target"])
    others = [verdict for verdicts in elsewhere for verdict in failing(verdicts)]
    return Group(
        *workflow_lines(workflow),
        _steps(step_rows(workflow, now)),
        timeline(samples),
        gates_table(gates.get(workflow["target"], ())),
        *(Text(sentence(verdict), style="yellow") for verdict in others if verdict["colour"]),
        *([Text(f"No news since: {trouble}", style="yellow")] if trouble else ()),
        Text("Ctrl-C stops following; the shift continues.", style="dim"),
    )


def _steps(rows: Sequence[StepRow]) -> Table:
    table = Table.grid(padding=(0, 2))
    for row in rows:
        bar = ProgressBar(total=1.0, completed=row.done, width=BAR_WIDTH)
        table.add_row(Text(f"{row.percent:>3} %"), bar, Text(row.state))
    return table


def _next(workflow: Mapping[str, Any]) -> int | None:
    """The step that is about to be taken; none while the last one bakes, and after the end."""
    if not in_progress(workflow) or workflow["state"] in ("baking", "holding"):
        return None
    return next((step for step in workflow["steps"] if step > workflow["percent"]), None)


def _bake(workflow: Mapping[str, Any], now: datetime) -> tuple[float, str]:
    """How much of the bake is over. Its end may have passed: then it is being judged."""
    whole, doing = workflow["bake_seconds"], workflow["state"]
    if workflow["baking_until"] is None:
        return 0.0, doing
    left = max(0.0, (datetime.fromisoformat(workflow["baking_until"]) - now).total_seconds())
    if not left or not whole:
        return 1.0, "time is over, evaluating the gates"
    return min(1.0, max(0.0, 1 - left / whole)), f"{doing}, {words(left)} of {words(whole)} left"


def _doing(workflow: Mapping[str, Any]) -> str:
    match workflow["state"]:
        case "waiting_for_approval":
            return "waits for approval"
        case "aborting":
            return "not taken: rolling back"
        case _:
            return "shifting"
