"""Views of the switch function's results (shapes: docstring of `lambda_src/switch/handler.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bluegreen.cli.views.control import hindrances
from bluegreen.cli.views.gates import gates_table, sides_table
from bluegreen.cli.views.history import history_table
from bluegreen.cli.views.times import stamp
from bluegreen.cli.views.workflow import in_progress

UNKNOWN = "?"
STYLES = {"blue": "bright_blue", "green": "bright_green"}


@dataclass(frozen=True)
class SideRow:
    """One side of `status`, as shown."""

    side: str
    active: str
    weight: str
    test: str
    targets: str
    troubles: tuple[str, ...]


def side_rows(status: Mapping[str, Any]) -> list[SideRow]:
    """Blue and green of a status result, in its order."""
    return [
        SideRow(
            side=name,
            active="active" if status["active"] == name else "",
            weight=_number(side["weight"]),
            test=_number(side["test_weight"]),
            targets=f"{side['healthy']} of {side['total']} healthy",
            troubles=tuple(_trouble(target) for target in side["targets"] if target["state"] != "healthy"),
        )
        for name, side in status["sides"].items()
    ]


def status_view(status: Mapping[str, Any], place: str) -> RenderableType:
    """Both sides now: what `bluegreen status` and `bluegreen local up` end with."""
    table = _table("Side", "Active", ">Weight", ">Test weight", "Targets")
    rows = side_rows(status)
    for row in rows:
        table.add_row(row.side, row.active, row.weight, row.test, row.targets, style=STYLES[row.side])
    recorded = status["recorded_active"] or "nothing"
    return Group(
        Text(place, style="bold"),
        table,
        *(Text(f"{row.side} {trouble}", style="red") for row in rows for trouble in row.troubles),
        Text(f"Active environment: {status['active'] or UNKNOWN} (recorded: {recorded})"),
        Text(f"Migration: {migration(status['migration'])}"),
        *_consistency(status),
        *_guards(status),
    )


def move_view(result: Mapping[str, Any], place: str) -> RenderableType:
    """Before and after of a switch, shift or rollback."""
    table = _table("Side", ">Before", ">After")
    before, after = result["before"] or {}, result["after"] or {}
    for side, style in STYLES.items():
        table.add_row(side, _number(before.get(side)), _number(after.get(side)), style=style)
    gates = result.get("gates")
    return Group(
        Text(place, style="bold"),
        Text(_headline(result)),
        table,
        *([gates_table(gates)] if gates else ()),
        Text(f"Active environment: {result['active'] or UNKNOWN}"),
        Text(f"Migration: {migration(result['migration'])}"),
        Text(f"Written: {', '.join(result['writes']) or 'nothing'}"),
        *_held(result),
        *(
            []
            if result["notified"]
            else [Text("Nobody was notified: see the function's log", style="yellow")]
        ),
    )


def _held(result: Mapping[str, Any]) -> list[Text]:
    """Of a share that is watched."""
    if not (until := result.get("held_until")):
        return []
    return [
        Text(f"Held until {stamp(until)} UTC, or until a gate fails: then all traffic goes back."),
        Text(f"Follow it with `bluegreen follow {result['workflow']}`."),
    ]


def migration(record: Mapping[str, Any] | None) -> str:
    """The migration status record in one line."""
    if record is None:
        return "no readable record"
    words = [str(record["status"]).replace("_", " ")]
    if record["status"] == "rolled_back":
        words[0] += f" to {record['source']}"
    elif record.get("source") and record.get("target"):
        words[0] += f" from {record['source']} to {record['target']}"
    if record.get("reason"):
        words.append(f"reason: {record['reason']}")
    if record.get("updated_at"):
        words.append(str(record["updated_at"]))
    return ", ".join(words)


def _table(*columns: str) -> Table:
    """A table with these headings; `>` before one sets its column to the right."""
    table = Table()
    for column in columns:
        table.add_column(column.removeprefix(">"), justify="right" if column.startswith(">") else "left")
    return table


def _headline(result: Mapping[str, Any]) -> str:
    action = result["action"]
    if result["changed"]:
        return f"{action}: the traffic has moved"
    if result["writes"]:
        return f"{action}: the traffic already stood there; what was missing beside it has been written"
    return f"{action}: nothing to do, the traffic already stood there"


def _guards(status: Mapping[str, Any]) -> list[RenderableType]:
    """What keeps traffic where it is, and what was done last. A function of an older version tells none."""
    found: list[RenderableType] = []
    if gates := status.get("gates"):
        found.append(sides_table(gates))
    found += [*hindrances(status), *_unwatched(status)]
    if history := status.get("history"):
        found.append(history_table(history))
    return found


def _unwatched(status: Mapping[str, Any]) -> list[Text]:
    """Of a share that no workflow watches: its execution has ended, or another client set it."""
    weights, workflow = status.get("weights") or {}, status.get("workflow")
    shared = all(weights.values()) and bool(weights)
    if not shared or (workflow and in_progress(workflow)):
        return []
    fix = "Run `bluegreen rollback`, or `bluegreen switch` again."
    return [Text(f"No workflow watches these weights: no gate rolls them back. {fix}", style="yellow")]


def _consistency(status: Mapping[str, Any]) -> list[Text]:
    if status["consistent"]:
        return [Text("Listeners and records agree.", style="green")]
    differences = [Text(f"  {difference}", style="yellow") for difference in status["differences"]]
    return [Text("Listeners and records disagree:", style="yellow"), *differences]


def _trouble(target: Mapping[str, Any]) -> str:
    why = target.get("description") or target.get("reason")
    return f"{target['id']}:{target['port']} {target['state']}" + (f" ({why})" if why else "")


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)
