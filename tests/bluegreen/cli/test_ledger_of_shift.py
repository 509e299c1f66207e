"""Shifts and rollbacks that take the ledger along, with real databases and the real mover."""

import json
from typing import Any

import pytest

from bluegreen.operate.databases import local
from lambda_src.contract.values import Colour
from tests.bluegreen.cli.conftest import Place, run

TO_GREEN = ("shift", "--to", "green", "--steps", "50,100", "--bake", "0", "--yes", "--interval", "0.1")


@pytest.fixture(autouse=True)
def home(place: Place) -> Any:
    """The ledger is on blue before and after."""
    place.put(ledger=True)
    yield
    place.put(frozen=None)
    assert run("ledger", "move", "--to", "blue", "--yes").exit_code == 0


def writer() -> str:
    found: str = json.loads(run("ledger", "status", "--output", "json").stdout)["writer"]
    return found


def shifted(*options: str, code: int = 0) -> dict[str, Any]:
    """The document that a shift ends with."""
    result = run(*TO_GREEN, *options, "--output", "json")
    assert result.exit_code == code, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_the_ledger_follows_a_shift_by_default(place: Place) -> None:
    outcome = shifted("--reason", "release 42")
    assert (outcome["outcome"], outcome["plan"]["ledger_after"]) == ("completed", 100)
    assert (place.weights, writer()) == ((0, 100), "green")
    assert place.state["history"][0]["reason"] == "release 42"


def test_a_ledger_that_is_to_stay_stays(place: Place) -> None:
    outcome = shifted("--ledger", "never")
    assert (outcome["outcome"], outcome["plan"].get("ledger_after")) == ("completed", None)
    assert (place.weights, writer()) == ((0, 100), "blue")


def test_the_ledger_moves_once_a_step_has_baked(place: Place) -> None:
    outcome = shifted("--ledger-at", "50")
    assert (outcome["outcome"], outcome["plan"]["ledger_after"]) == ("completed", 50)
    assert (place.weights, writer()) == ((0, 100), "green")
    assert len(place.state["moves"]) == 1


def test_a_ledger_that_is_refused_leaves_the_traffic_and_says_so(place: Place) -> None:
    green = local.server(place.aws, Colour.GREEN)
    green.ask("STOP SLAVE")
    try:
        result = run(*TO_GREEN)
        assert result.exit_code == 4
        assert "moved all traffic, which stays; the ledger was NOT moved" in result.output
        assert "bluegreen ledger move --to green" in result.output
        assert (place.weights, place.state["workflow"]["state"]) == ((0, 100), "ledger_not_moved")
    finally:
        green.ask("START SLAVE")
    assert writer() == "blue"


def test_a_ledger_that_is_refused_after_a_step_rolls_the_traffic_back(place: Place) -> None:
    green = local.server(place.aws, Colour.GREEN)
    green.ask("STOP SLAVE")
    try:
        assert shifted("--ledger-at", "50", code=5)["outcome"] == "rolled_back"
    finally:
        green.ask("START SLAVE")
    assert (place.weights, writer()) == ((100, 0), "blue")


@pytest.mark.parametrize("option", [("--ledger", "after"), ("--ledger", "never"), ("--ledger-at", "50")])
def test_without_a_ledger_the_options_are_refused(place: Place, option: tuple[str, str]) -> None:
    place.put(ledger=False)
    result = run(*TO_GREEN, *option)
    assert result.exit_code == 2
    assert "has no ledger that moves" in result.stderr
    assert place.weights == (100, 0)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--ledger-at", "30"), "--ledger-at 30: is none of the steps 50, 100"),
        (("--ledger", "never", "--ledger-at", "50"), "contradicts --ledger never"),
    ],
)
def test_options_that_contradict_are_refused(place: Place, options: tuple[str, ...], problem: str) -> None:
    result = run(*TO_GREEN, *options)
    assert result.exit_code == 2
    assert problem in result.stderr
    assert place.executions() == [] or place.weights == (100, 0)


def test_the_plan_says_when_the_ledger_moves(place: Place) -> None:
    told = run(*TO_GREEN).stderr
    assert "After the last bake the ledger moves to green." in told
    assert place.weights == (0, 100)


def test_a_rollback_takes_the_ledger_along_after_the_traffic(place: Place) -> None:
    shifted()
    result = run("rollback", "--with-ledger", "--reason", "withdrawn", "--output", "json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["after"], answer["ledger"]["writer"]) == ({"blue": 100, "green": 0}, "blue")
    assert (place.weights, writer()) == ((100, 0), "blue")
    actions = [entry["action"] for entry in place.state["history"][:2]]
    assert actions == ["ledger", "rollback"]


def test_a_rollback_leaves_the_ledger_by_default(place: Place) -> None:
    shifted()
    assert run("rollback").exit_code == 0
    assert (place.weights, writer()) == ((100, 0), "green")


def test_a_ledger_that_can_not_follow_a_rollback_is_told(place: Place) -> None:
    shifted()
    blue = local.server(place.aws, Colour.BLUE)
    blue.ask("STOP SLAVE")
    try:
        result = run("rollback", "--with-ledger")
        assert result.exit_code == 4
        assert "replication of blue: does not run" in result.stderr
        assert "state: all traffic is on blue" in result.stderr
        assert place.weights == (100, 0)
    finally:
        blue.ask("START SLAVE")
