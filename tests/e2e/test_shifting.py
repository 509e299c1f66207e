"""Shifts through the deployed state machine and function, from the command line."""

from collections.abc import Iterator

import pytest

from tests.e2e.platform import Platform
from tests.e2e.shifts import begun, ended, wait_for, waiting
from tests.e2e.subscriptions import Subscription, subscribed

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: operated")]

STEPS = "5,25,50,75,100"
ALL_BLUE, ALL_GREEN = {"blue": 100, "green": 0}, {"blue": 0, "green": 100}


@pytest.fixture
def told(on_blue: Platform) -> Iterator[Subscription]:
    """Who is told by the platform's topic."""
    with subscribed(on_blue.aws) as subscription:
        yield subscription


def test_five_steps_complete(on_blue: Platform, told: Subscription) -> None:
    shift = on_blue.json(
        "shift", "--to", "green", "--steps", STEPS, "--bake", "1s", "--yes", "--reason", "release 42"
    )
    assert (shift["outcome"], shift["exit_code"], shift["weights"]) == ("completed", 0, ALL_GREEN)

    status = on_blue.json("status")
    assert (status["active"], status["recorded_active"], status["consistent"]) == ("green", "green", True)
    assert (status["workflow"]["state"], status["lock"]) == ("completed", None)
    entries = on_blue.json("history", "--limit", "9")["entries"]
    assert [(entry["action"], entry["to"] and entry["to"]["green"]) for entry in reversed(entries)] == [
        ("begin", None),
        ("shift", 5),
        ("shift", 25),
        ("shift", 50),
        ("shift", 75),
        ("shift", 100),
        ("finalize", 100),
        ("begin_ledger", None),
        ("ledger", None),
    ]
    assert (entries[0]["ledger"]["from"], entries[0]["ledger"]["to"]) == ("blue", "green")
    assert (status["ledger"]["writer"], on_blue.json("ledger", "status")["writer"]) == ("green", "green")
    assert {(entry["workflow"], entry["reason"]) for entry in entries if entry["action"] == "shift"} == {
        (shift["workflow_id"], "release 42")
    }
    assert [message["action"] for message in told.messages()] == [
        *("begin", *["shift"] * 5, "finalize"),
        *("begin_ledger", "ledger"),
    ]


def test_an_alarm_before_the_third_step_rolls_back(on_blue: Platform, told: Subscription) -> None:
    name = begun(on_blue, "--to", "green", "--steps", STEPS, "--bake", "0s", "--approve-at", "50")
    wait_for(on_blue, waiting(50))
    assert on_blue.weights() == {"blue": 75, "green": 25}
    with on_blue.ringing("green-server-errors"):  # found while it waits
        answer = ended(on_blue, name)

    assert answer["outcome"] == "rolled_back"
    assert answer["exit_code"] not in (0, 2, 3, 130)
    assert on_blue.weights() == ALL_BLUE
    status = on_blue.json("status")
    assert (status["recorded_active"], status["migration"]["status"]) == ("blue", "rolled_back")
    (last,) = on_blue.json("history", "--limit", "1")["entries"]
    assert (last["action"], last["outcome"], last["workflow"]) == ("rollback", "done", name)
    assert answer["cause"].startswith("alarms of green: ")
    assert told.messages()[-1]["cause"] == answer["cause"]


def test_an_approval_lets_it_go_on(on_blue: Platform) -> None:
    name = begun(on_blue, "--to", "green", "--steps", "50,100", "--bake", "0s", "--approve-at", "100")
    wait_for(on_blue, waiting(100))
    assert on_blue.weights() == {"blue": 50, "green": 50}
    on_blue.json("approve", name)
    assert ended(on_blue, name)["outcome"] == "completed"
    assert on_blue.weights() == ALL_GREEN
    late = on_blue.bluegreen("approve", name)
    assert late.returncode != 0
    assert "NoWorkflowError" in late.stderr


@pytest.mark.long
def test_an_approval_that_does_not_come_rolls_back(on_blue: Platform) -> None:
    options = ("--steps", "50,100", "--bake", "0s", "--approve-at", "100", "--approval-timeout", "2s")
    answer = ended(on_blue, begun(on_blue, "--to", "green", *options))
    assert answer["outcome"] == "rolled_back"
    assert answer["cause"] == "the approval of 100 % did not come within 2 s"
    assert on_blue.weights() == ALL_BLUE


@pytest.mark.parametrize(
    "percent", [5, *(pytest.param(later, marks=pytest.mark.long) for later in (25, 50, 75, 100))]
)
def test_it_can_be_aborted_at_every_step(on_blue: Platform, percent: int) -> None:
    name = begun(on_blue, "--to", "green", "--steps", STEPS, "--bake", "0s", "--approve-at", str(percent))
    wait_for(on_blue, waiting(percent))
    on_blue.json("abort", "--reason", "odd figures")
    answer = ended(on_blue, name)
    assert answer["outcome"] == "rolled_back"
    assert "odd figures" in answer["cause"]
    assert on_blue.weights() == ALL_BLUE


@pytest.mark.long
def test_it_can_be_aborted_while_it_bakes(on_blue: Platform) -> None:
    name = begun(on_blue, "--to", "green", "--steps", "25,100", "--bake", "5m")
    wait_for(on_blue, lambda workflow: workflow["state"] == "baking")
    on_blue.json("abort", name, "--reason", "odd figures")
    assert ended(on_blue, name)["outcome"] == "rolled_back"
    assert on_blue.weights() == ALL_BLUE


def test_a_second_shift_is_refused_by_name(on_blue: Platform) -> None:
    first = begun(on_blue, "--to", "green", "--steps", "25,100", "--bake", "5m")
    wait_for(on_blue, lambda workflow: workflow["state"] == "baking")
    second = on_blue.bluegreen("shift", "--to", "green", "--steps", "50,100", "--bake", "0s", "--yes")
    assert second.returncode == 1
    assert first in second.stdout + second.stderr
    switched = on_blue.bluegreen("switch", "--to", "green")
    assert (switched.returncode, first in switched.stderr) == (1, True)
    assert on_blue.weights() == {"blue": 75, "green": 25}

    on_blue.json("rollback", "--reason", "enough")
    assert on_blue.weights() == ALL_BLUE
    assert ended(on_blue, first)["outcome"] == "superseded"


@pytest.mark.long
def test_a_rollback_ends_a_shift_that_waits_for_an_approval(on_blue: Platform) -> None:
    name = begun(on_blue, "--to", "green", "--steps", "25,100", "--bake", "0s", "--approve-at", "100")
    wait_for(on_blue, waiting(100))
    on_blue.json("rollback", "--reason", "enough")
    assert ended(on_blue, name)["outcome"] == "superseded"
    assert on_blue.weights() == ALL_BLUE


@pytest.mark.long
def test_a_frozen_platform_begins_no_shift(on_blue: Platform) -> None:
    on_blue.json("freeze", "--reason", "end of year")
    try:
        refused = on_blue.bluegreen(
            "shift", "--to", "green", "--steps", "all-at-once", "--bake", "0s", "--yes"
        )
        assert refused.returncode == 1
        assert "end of year" in refused.stdout + refused.stderr
        assert on_blue.weights() == ALL_BLUE
    finally:
        on_blue.json("unfreeze")
