"""Views of the switch function's results (shapes: docstring of `lambda_src/switch/handler.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Rows, Text

from bluegreen.cli.views.control import hindrances
from bluegreen.cli.views.findings import findings_lines
from bluegreen.cli.views.gates import colours_table, gates_table
from bluegreen.cli.views.history import history_table
from bluegreen.cli.views.images import image_lines
from bluegreen.cli.views.times import stamp
from bluegreen.cli.views.workflow import in_progress
from lambda_src.contract.values import FULL

UNKNOWN = "?"
STYLES = {"blue": "bright_blue", "green": "bright_green"}


@dataclass(frozen=True)
class ColourRow:
    """One colour of `status`, as shown."""

    colour: str
    active: str
    weight: str
    test: str
    targets: str
    troubles: tuple[str, ...]


def colour_rows(status: Mapping[str, Any]) -> list[ColourRow]:
    """Blue and green of a status result, in its order."""
    return [
        ColourRow(
            colour=name,
            active="active" if status["active"] == name else "",
            weight=_number(colour["weight"]),
            test=_number(colour["test_weight"]),
            targets=f"{colour['healthy']} of {colour['total']} healthy",
            troubles=tuple(_trouble(target) for target in colour["targets"] if target["state"] != "healthy"),
        )
        for name, colour in status["colours"].items()
    ]


def status_view(status: Mapping[str, Any], place: str) -> RenderableType:
    """Both colours now: what `bluegreen status` and `bluegreen local up` end with."""
    table = Rows("Colour", "Active", ">Weight", ">Test weight", "Targets")
    rows = colour_rows(status)
    for row in rows:
        table.add(row.colour, row.active, row.weight, row.test, row.targets, style=STYLES[row.colour])
    recorded = status["recorded_active"] or "nothing"
    return Group(
        Text(place, style="bold"),
        table,
        *(Text(f"{row.colour} {trouble}", style="red") for row in rows for trouble in row.troubles),
        Text(f"Active environment: {status['active'] or UNKNOWN} (recorded: {recorded})"),
        Text(f"Migration: {migration(status['migration'])}"),
        *image_lines(status.get("images")),
        *_consistency(status),
        *_guards(status),
    )


def move_view(result: Mapping[str, Any], place: str) -> RenderableType:
    """Before and after of a switch, shift or rollback."""
    table = Rows("Colour", ">Before", ">After")
    before, after = result["before"] or {}, result["after"] or {}
    for colour, style in STYLES.items():
        table.add(colour, _number(before.get(colour)), _number(after.get(colour)), style=style)
    gates = result.get("gates")
    return Group(
        Text(place, style="bold"),
        Text(_headline(result)),
        *_test_listener(result),
        table,
        *([gates_table(gates)] if gates else ()),
        Text(f"Active environment: {result['active'] or UNKNOWN}"),
        Text(f"Migration: {migration(result['migration'])}"),
        Text(f"Written: {', '.join(result['writes']) or 'nothing'}"),
        *findings_lines(result.get("findings", ())),
        *_held(result),
        *(
            []
            if result["notified"]
            else [Text("The notification failed: see the function's log", style="yellow")]
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


def _headline(result: Mapping[str, Any]) -> str:
    action = result["action"]
    if result["changed"]:
        holder = next((colour for colour, weight in result["after"].items() if weight == FULL), None)
        return f"{action}: the traffic has moved" + (f", all of it is on {holder}" if holder else "")
    if action == "rollback":
        return f"rollback: nothing moved, all traffic stays on {result['active']}, where it came from"
    if result["writes"]:
        return f"{action}: the traffic already stood there; what was missing beside it has been written"
    return f"{action}: nothing to do, the traffic already stood there"


def _test_listener(result: Mapping[str, Any]) -> list[Text]:
    """Of a rollback that went on without it."""
    if result.get("test_weights", {}) is not None:
        return []
    why = [finding["what"] for finding in result.get("findings", ()) if finding["reach"] == "test"]
    return [
        Text(f"The test listener was not set: {'; '.join(why) or 'its shape is another'}", style="yellow")
    ]


def _guards(status: Mapping[str, Any]) -> list[RenderableType]:
    """What keeps traffic where it is, and what was done last. A function of an older version tells none."""
    found: list[RenderableType] = []
    if gates := status.get("gates"):
        found.append(colours_table(gates))
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
    findings = status.get("findings", ())
    named = {finding["what"] for finding in findings}
    others = [Text(f"  {what}", style="yellow") for what in status["differences"] if what not in named]
    heading = [Text("Listeners and records disagree:", style="yellow")] if others else []
    return [*findings_lines(findings), *heading, *others]


def _trouble(target: Mapping[str, Any]) -> str:
    why = target.get("description") or target.get("reason")
    return f"{target['id']}:{target['port']} {target['state']}" + (f" ({why})" if why else "")


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)
