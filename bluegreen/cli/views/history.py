"""Views of the history: one action a row, newest first."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Rows, Text

from bluegreen.cli.views.gates import failing, sentence
from bluegreen.cli.views.images import short
from bluegreen.cli.views.times import stamp

Entry = Mapping[str, Any]
LONGEST_SCHEMA = 60
STYLES = {"done": None, "refused": "yellow", "failed": "red", "interrupted": "red"}


def history_view(entries: Iterable[Entry]) -> RenderableType:
    """The table, and below it why something was not done."""
    rows = list(entries)
    if not rows:
        return Text("Nothing has been done yet.")
    return Group(history_table(rows), *(Text(line, style="dim") for entry in rows for line in _why(entry)))


def history_table(entries: Iterable[Entry]) -> Rows:
    """When, what, how it ended, which way, who, why."""
    table = Rows("Started (UTC)", "Action", "Outcome", "Blue / green", "~By", "~Reason")
    for entry in entries:
        action = " to ".join(filter(None, (entry["action"], entry["target"])))
        cells = (
            stamp(entry["started_at"]),
            action,
            entry["outcome"] or "at work",
            _moved(entry),
            _short(entry["by"]),
            entry["reason"] or "",
        )
        table.add(*cells, style=STYLES.get(entry["outcome"]))
    return table


def _moved(entry: Entry) -> str:
    """`100/0 → 75/25`; of the ledger `blue → green, 41 ms`, of a migration its statements, of a deployment
    its images; nothing where nothing moved.
    """
    if schema := entry.get("schema"):
        return f"{len(schema)} statements: {schema[0]}"[:LONGEST_SCHEMA]
    if ledger := entry.get("ledger"):
        return _ledger(ledger)
    if deployment := entry.get("deployment"):
        return f"{short(deployment['from'])} → {short(deployment['to'])}"
    before, after = entry["from"], entry["to"]
    if not before or not after or before == after:
        return ""
    return " → ".join(f"{found['blue']}/{found['green']}" for found in (before, after))


def _ledger(ledger: Mapping[str, Any]) -> str:
    """`pause_ms` is null where it was there already, or was not moved."""
    if ledger["pause_ms"] is None:
        return ""
    return f"{ledger['from']} → {ledger['to']}, {ledger['pause_ms']:,} ms"


def _why(entry: Entry) -> list[str]:
    failed = [sentence(verdict) for verdict in failing(entry["gates"])]
    told = [entry["error"]["what"]] if entry["error"] else []
    return [f"{stamp(entry['started_at'])} {entry['action']}: {line}" for line in (*told, *failed)]


def _short(by: str | None) -> str:
    """The end of an ARN, a user's or a session's name: the table has no room for all of it; JSON has."""
    return by.rpartition("/")[2] if by else ""
