"""Literal output of the history."""

from bluegreen.cli.views.history import history_view
from tests.bluegreen.cli.rendering import rendered
from tests.bluegreen.cli.views.answers import REFUSED, entry

LONG = "a reason that is long enough to need more than one line of the table"


def test_done_and_refused() -> None:
    assert (
        rendered(history_view([REFUSED, entry("shift", reason=LONG)]))
        == """\
┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━━━━━┳━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ Started (UTC)       ┃ Action          ┃ Outcome ┃ Blue / green  ┃ By  ┃ Reason                   ┃
┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━━━━━╇━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━┩
│ 2026-11-25 17:10:00 │ switch to green │ refused │               │ ann │                          │
│ 2026-11-25 17:10:00 │ shift to green  │ done    │ 100/0 → 75/25 │ ann │ a reason that is long    │
│                     │                 │         │               │     │ enough to need more than │
│                     │                 │         │               │     │ one line of the table    │
└─────────────────────┴─────────────────┴─────────┴───────────────┴─────┴──────────────────────────┘
2026-11-25 17:10:00 switch: green does not pass its gates
2026-11-25 17:10:00 switch: alarms of green: NOT PASSED, ALARM (needed: OK)"""
    )


def test_nothing_yet() -> None:
    assert rendered(history_view([])) == "Nothing has been done yet."


def test_what_is_at_work_has_no_outcome_yet() -> None:
    assert "│ at work │" in rendered(history_view([entry("shift", outcome=None, to=None)]))


def test_nobody_without_a_reason_and_brackets() -> None:
    odd = entry("freeze", target=None, by=None, reason="[/x]")
    (line,) = [line for line in rendered(history_view([odd])).splitlines() if "freeze" in line]
    assert line == "│ 2026-11-25 17:10:00 │ freeze │ done    │ 100/0 → 75/25 │    │ [/x]   │"
