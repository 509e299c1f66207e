"""Views of the ledger (shapes: docstrings of `bluegreen ledger`'s verbs)."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Rows, Text


def status_view(result: Mapping[str, Any]) -> RenderableType:
    """The writer, a row for each direction of replication, a row for each guard."""
    replication = Rows("Database", "~Engine", "Row", "Replication to it", ">Lag s", "~Error")
    for colour, found in result["databases"].items():
        replication.add(colour, *_database(found), style="red" if found["error"] else None)
    guards = Rows("Guard", *(f"~{colour}" for colour in result["databases"]))
    names = dict.fromkeys(guard["name"] for guard in result["guards"])
    verdicts = {(guard["name"], guard["colour"]): guard for guard in result["guards"]}
    for name in names:
        guards.add(name, *(_verdict(verdicts.get((name, colour))) for colour in result["databases"]))
    shown: list[RenderableType] = [headline(result), replication, guards]
    if result["verifying"]:
        shown.append(Text(f"A verification is in progress: {_compared(result['verifying'])}.", style="dim"))
    return Group(*shown)


def moved_view(result: Mapping[str, Any]) -> RenderableType:
    """Where the ledger is now."""
    if result["pause_ms"] is None:
        return Text(f"The ledger is on {result['writer']}: nothing was moved (epoch {result['epoch']}).")
    return Text(
        f"The ledger moved to {result['writer']} (epoch {result['epoch']}); writes paused for "
        f"{result['pause_ms']:,} ms.",
        style="green",
    )


def migrated_view(found: Mapping[str, Any]) -> RenderableType:
    """What was done, statement by statement."""
    count, done = len(found["statements"]), found["done"]
    said = f"{done} of {count} statements were carried out on {found['writer']}. Both databases have all."
    return Group(Text(said), *(Text(f"  {statement}", style="dim") for statement in found["statements"]))


def reclaimed_view(result: Mapping[str, Any]) -> RenderableType:
    """What was done, and what remains to do."""
    return Text(
        f"The ledger is open on {result['writer']} (epoch {result['epoch']}); {len(result['revoked'])} rules "
        "of the other database's security group were revoked. Make that database anew before the next apply, "
        "which admits the services again.",
        style="green",
    )


def verified_view(result: Mapping[str, Any]) -> RenderableType:
    """What was compared, and each finding."""
    if not result["differing"]:
        return Text(f"Both databases are the same: {_compared(result)}.", style="green")
    more = result["differing"] - len(result["findings"])
    lines = [
        Text(
            f"The databases DIFFER in {result['differing']:,} chunks: {_compared(result)}.", style="bold red"
        )
    ]
    lines += [Text(f"  {finding}") for finding in result["findings"]]
    return Group(*lines, *([Text(f"  and {more:,} more", style="dim")] if more > 0 else []))


def headline(result: Mapping[str, Any]) -> Text:
    """`Writer: blue, epoch 3, open for 12 s; healthy`."""
    if result["writer"] is None:
        return Text("There is no ledger yet: `bluegreen ledger setup` creates it.", style="bold red")
    healthy = "healthy" if result["healthy"] else "NOT healthy"
    return Text(
        f"Writer: {result['writer']}, epoch {result['epoch']}, {result['state']} for "
        f"{result['since_seconds']:,.0f} s; {healthy}",
        style="bold" if result["healthy"] else "bold red",
    )


def _compared(found: Mapping[str, Any]) -> str:
    return f"{found['rows']:,} rows in {found['chunks']:,} chunks compared"


def _database(found: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    row, channel, engine = found["row"], found["channel"], found["engine"] or "unknown"
    shown = f"{row['epoch']} {row['writer']} {row['state']}" if row else "none"
    if channel is None:
        return (
            engine,
            shown,
            "not configured" if found["error"] is None else "unknown",
            "-",
            found["error"] or "",
        )
    lag = "-" if channel["lag"] is None else str(channel["lag"])
    return engine, shown, "runs" if channel["running"] else "does not run", lag, channel["error"] or ""


def _verdict(guard: Mapping[str, Any] | None) -> Text:
    if guard is None:
        return Text("-")
    if guard["passed"]:
        return Text(f"passed: {guard['found']}")
    return Text(f"NOT PASSED: {guard['found']}", style="red")
