"""Views of a load: while it runs, and when it is over (shapes: `bluegreen local load`'s docstring)."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Rows, Text

from bluegreen.cli.views.traffic import STYLES

BAR = 40


SHOWN_MOVES = 5


def live_view(
    totals: Mapping[str, Any], last: Mapping[str, Any], moves: Sequence[Mapping[str, Any]] = ()
) -> RenderableType:
    """The last second, and everything until now, with the last moves of the ledger."""
    table = Rows("", ">Requests/s", ">Failed", ">p50 ms", ">p99 ms")
    latency = (_number(last["latency_ms"][key]) for key in ("p50", "p99"))
    table.add("last second", _number(last["rate"]), _number(last["failed"]), *latency)
    table.add("so far", _number(totals["rate"]), _number(totals["failed"]))
    shown = [Text(move_line(move)) for move in moves[-SHOWN_MOVES:]]
    requests = Text(f"{totals['requests']:,} requests", style="dim")
    return Group(table, *_bars(last["shares"]), *shown, requests)


def move_line(move: Mapping[str, Any]) -> str:
    """A move of the ledger, in one line."""
    pause = "no payments" if move["pause_ms"] is None else f"payments paused {move['pause_ms']:,} ms"
    return f"the ledger moved to {move['writer']} (epoch {move['epoch']}): {pause}"


def progress_line(totals: Mapping[str, Any], last: Mapping[str, Any]) -> str:
    """The same, in one line."""
    shares = ", ".join(f"{colour} {share:.1f} %" for colour, share in last["shares"].items()) or "no answers"
    latency = last["latency_ms"]
    return (
        f"{totals['requests']} requests, {totals['failed']} failed; last second: {last['rate']} requests, "
        f"p50 {_number(latency['p50'])} ms, p99 {_number(latency['p99'])} ms, {shares}"
    )


def summary_view(result: Mapping[str, Any]) -> RenderableType:
    """What came of it."""
    latency, payments = result["latency_ms"], result["payments"]
    failed = f"{result['failed']:,} failed"
    if result["failed_by"]:
        by = ", ".join(f"{colour} {count:,}" for colour, count in result["failed_by"].items())
        failed += f" ({by})"
    counts = ("{written:,} payments written", "{lost:,} lost", "{duplicated:,} duplicated", "{split:,} split")
    verdict = Text(
        ", ".join((*counts, "{unanswered:,} written but not answered")).format(**payments),
        style="green" if result["passed"] else "bold red",
    )
    return Group(
        Text(f"{result['requests']:,} requests in {result['seconds']:.1f} s, {result['rate']:.1f} a second"),
        Text(failed, style="red" if result["failed"] else ""),
        Text(f"latency: p50 {_number(latency['p50'])} ms, p99 {_number(latency['p99'])} ms"),
        *_bars(result["shares"]),
        Text(
            f"{result['replayed']:,} keys repeated, {result['sessions_crossed']:,} payments in a session "
            "that the other colour began"
        ),
        *(Text(move_line(move)) for move in result["moves"]),
        verdict,
    )


def _bars(shares: Mapping[str, float]) -> list[Text]:
    return [
        Text(f"{colour:<6}{share:5.1f} % {'█' * round(BAR * share / 100)}", style=STYLES.get(colour, ""))
        for colour, share in shares.items()
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,g}"
