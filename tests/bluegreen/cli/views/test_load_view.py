"""Literal output of `bluegreen local load`."""

from typing import Any

from bluegreen.cli.views.load import live_view, progress_line, summary_view
from tests.bluegreen.cli.rendering import rendered

TOTALS = {"requests": 12345, "seconds": 61.7, "rate": 200.1, "failed": 7}
LAST = {
    "rate": 201,
    "failed": 3,
    "latency_ms": {"p50": 4.5, "p99": 31.0},
    "shares": {"blue": 74.6, "green": 25.4},
}
NOTHING: dict[str, Any] = {"rate": 0, "failed": 0, "latency_ms": {"p50": None, "p99": None}, "shares": {}}


def result(**changed: Any) -> dict[str, Any]:
    return TOTALS | {
        "failed_by": {"green": 7},
        "latency_ms": {"p50": 5.0, "p99": 1234.5},
        "shares": {"blue": 90.0, "green": 10.0},
        "replayed": 600,
        "sessions_crossed": 1234,
        "moves": [],
        "payments": {"written": 11738, "lost": 0, "duplicated": 0, "split": 0, "unanswered": 1},
        "passed": True,
        **changed,
    }


def test_while_it_runs_on_a_terminal() -> None:
    assert rendered(live_view(TOTALS, LAST)).splitlines() == [
        "┏━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━┳━━━━━━━━┓",
        "┃             ┃ Requests/s ┃ Failed ┃ p50 ms ┃ p99 ms ┃",
        "┡━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━╇━━━━━━━━┩",
        "│ last second │        201 │      3 │    4.5 │     31 │",
        "│ so far      │      200.1 │      7 │        │        │",
        "└─────────────┴────────────┴────────┴────────┴────────┘",
        f"blue   74.6 % {'█' * 30}",
        f"green  25.4 % {'█' * 10}",
        "12,345 requests",
    ]


def test_while_it_runs_elsewhere() -> None:
    assert progress_line(TOTALS, LAST) == (
        "12345 requests, 7 failed; last second: 201 requests, "
        "p50 4.5 ms, p99 31 ms, blue 74.6 %, green 25.4 %"
    )
    assert progress_line(TOTALS, NOTHING).endswith("0 requests, p50 - ms, p99 - ms, no answers")


def test_what_came_of_it() -> None:
    assert rendered(summary_view(result())).splitlines() == [
        "12,345 requests in 61.7 s, 200.1 a second",
        "7 failed (green 7)",
        "latency: p50 5 ms, p99 1,234.5 ms",
        f"blue   90.0 % {'█' * 36}",
        f"green  10.0 % {'█' * 4}",
        "600 keys repeated, 1,234 payments in a session that the other colour began",
        "11,738 payments written, 0 lost, 0 duplicated, 0 split, 1 written but not answered",
    ]


def test_a_loss_stands_out() -> None:
    lost = result(
        failed=0,
        failed_by={},
        payments={"written": 1, "lost": 2, "duplicated": 3, "split": 4, "unanswered": 0},
    )
    lines = rendered(summary_view(lost | {"passed": False})).splitlines()
    assert (lines[1], lines[-1]) == (
        "0 failed",
        "1 payments written, 2 lost, 3 duplicated, 4 split, 0 written but not answered",
    )
