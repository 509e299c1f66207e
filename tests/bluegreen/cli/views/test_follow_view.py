"""Literal output of a shift that is followed."""

from datetime import UTC, datetime, timedelta

import pytest

from bluegreen.cli.views.follow import follow_view, step_rows
from bluegreen.cli.views.timeline import Sample, bar, resampled
from tests.bluegreen.cli.rendering import rendered
from tests.bluegreen.cli.views.answers import APPROVAL, BLUE_GATES, GREEN_GATES, workflow

NOW = datetime(2026, 11, 25, 17, 35, tzinfo=UTC)
RINGING = BLUE_GATES[1] | {"passed": False, "value": "ALARM"}
STATUS = {"gates": {"blue": [RINGING], "green": GREEN_GATES}}
WAITING = workflow(state="waiting_for_approval", approval=APPROVAL, baking_until=None)


def ago(minutes: float, blue: int | None) -> Sample:
    return Sample(NOW - timedelta(minutes=minutes), blue, None if blue is None else 100 - blue)


SAMPLES = [ago(25, 100), ago(20, 95), ago(10, 95), ago(5, 75), ago(4, None), ago(0, 75)]


def test_baking() -> None:
    assert (
        rendered(follow_view("shift-1", STATUS, workflow(), SAMPLES))
        == """\
Shift shift-1: baking
  from blue to green: 25 % reached, steps 5, 25, 50, 100
  baking until 2026-11-25 17:40:00 UTC
  deadline: 2026-11-25 20:00:00 UTC
  reason: release 42
  5 %  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  done
 25 %  ━━━━━━━━━━━━━━━                 baking, 5m of 10m left
 50 %                                  needs approval
100 %
blue   █▇▇▆?▆        75 %
green  ·▁▁▂?▂        25 %
       the last 25m
┏━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┓
┃ Gate    ┃ Colour ┃            ┃ Value          ┃ Needed     ┃
┡━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━┩
│ targets │ green  │ passed     │ 3 of 3 healthy │ at least 2 │
│ alarms  │ green  │ NOT PASSED │ ALARM          │ OK         │
│ frozen  │ both   │ passed     │ not frozen     │ not frozen │
└─────────┴────────┴────────────┴────────────────┴────────────┘
alarms of blue: NOT PASSED, ALARM (needed: OK)
Ctrl-C stops following; the shift continues."""
    )


def test_waiting_for_a_person_and_for_news() -> None:
    assert (
        rendered(follow_view("shift-1", {"gates": {"green": []}}, WAITING, SAMPLES[:2], "timeout"))
        == """\
Shift shift-1: waiting for approval
  from blue to green: 25 % reached, steps 5, 25, 50, 100
  50 % waits for approval until 2026-11-25 18:30:00 UTC: `bluegreen approve shift-1`
  deadline: 2026-11-25 20:00:00 UTC
  reason: release 42
  5 %  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  done
 25 %  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  done
 50 %                                  waits for approval
100 %
blue   █▇           95 %
green  ·▁           5 %
       the last 5m
┏━━━━━━┳━━━━━━━━┳━━┳━━━━━━━┳━━━━━━━━┓
┃ Gate ┃ Colour ┃  ┃ Value ┃ Needed ┃
┡━━━━━━╇━━━━━━━━╇━━╇━━━━━━━╇━━━━━━━━┩
└──────┴────────┴──┴───────┴────────┘
No news since: timeout
Ctrl-C stops following; the shift continues."""
    )


def test_before_the_function_knows_of_it() -> None:
    assert rendered(follow_view("shift-1", {}, None, SAMPLES)) == "Shift shift-1: starting"


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        ({"percent": 0, "state": "running"}, ["shifting", "", "needs approval", ""]),
        ({"state": "running"}, ["done", "done", "shifting", ""]),
        (
            {"baking_until": "2026-11-25T17:34:59Z"},
            ["done", "time is over, evaluating the gates", "needs approval", ""],
        ),
        ({"state": "aborting"}, ["done", "done", "not taken: rolling back", ""]),
        ({"state": "completed", "percent": 100}, ["done"] * 4),
    ],
)
def test_what_each_step_is_doing(changes: dict[str, object], rows: list[str]) -> None:
    assert [row.state for row in step_rows(workflow(**changes), NOW)] == rows


@pytest.mark.parametrize(
    ("weight", "shown"), [(0, "·"), (1, "▁"), (50, "▄"), (99, "▇"), (100, "█"), (None, "?")]
)
def test_a_little_looks_different_from_nothing_and_from_everything(weight: int | None, shown: str) -> None:
    assert bar(weight) == shown


def test_a_long_shift_is_shown_whole_in_columns_of_equal_time() -> None:
    samples = [ago(100, 100), *(ago(minute, 95) for minute in range(90, 50, -1)), ago(40, 50), ago(0, 0)]
    shown = resampled(samples, 11)
    assert [sample.blue for sample in shown] == [100, 95, 95, 95, 95, 95, 50, 50, 50, 50, 0]
