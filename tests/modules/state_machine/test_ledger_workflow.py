"""The workflow of a move of the ledger, run as it is deployed, against functions that do as they are told."""

import json
from pathlib import Path
from typing import Any

import pytest
from embedded_aws import LocalAws

from lambda_src.contract.errors import Meaning, named
from tests.modules.state_machine.stand_in import StandIn, stand_in

PLAN: dict[str, Any] = {"only_ledger": True, "target": "green", "reason": "release 42"}
ROW = {"writer": "blue", "epoch": 7, "state": "open"}
MOVED = {"writer": "green", "epoch": 8, "pause_ms": 41}


@pytest.fixture
def move(aws: LocalAws, tmp_path: Path) -> StandIn:
    """The functions and their workflow, which gives up soon."""
    return stand_in(aws, tmp_path, hurried=True)


def failed(description: dict[str, Any]) -> tuple[str, str]:
    """How the execution failed, and the error that is its cause."""
    assert description["status"] == "FAILED"
    return description["error"], json.loads(description["cause"])["Error"]


def test_a_move_reads_the_row_begins_moves_and_is_recorded(move: StandIn) -> None:
    execution = move.run(PLAN)

    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"]) == MOVED
    assert move.called() == ["see", "begin_ledger", "move", "ledger"]
    _, begin, moving, ledger = move.calls()
    assert (begin["plan"], begin["ledger"], begin["workflow"]) == (PLAN, ROW, execution["name"])
    assert moving == {"action": "move", "target": "green"}
    assert (ledger["moved"], ledger["workflow"]) == (MOVED, execution["name"])


def test_a_refused_beginning_moves_nothing(move: StandIn) -> None:
    refusals = named(Meaning.INVALID, Meaning.NOTHING_BEGUN)
    for error in refusals:
        move.script({"begin_ledger": [error]})
        assert failed(move.run(PLAN)) == ("Refused", error)
    assert "move" not in move.called()
    assert "rollback" not in move.called()


def test_a_beginning_of_unknown_outcome_lets_the_lock_go_and_moves_nothing(move: StandIn) -> None:
    move.script({"begin_ledger": ["AwsCallError"]})

    assert failed(move.run(PLAN))[0] == "Refused"
    assert move.called() == ["see", "begin_ledger", "begin_ledger", "rollback"]


def test_a_row_that_nothing_can_read_begins_nothing(move: StandIn) -> None:
    move.script({"see": ["NotReadyError"]})

    assert failed(move.run(PLAN)) == ("Refused", "NotReadyError")
    assert move.called() == ["see"]


def test_a_move_that_the_mover_refuses_is_recorded_as_that(move: StandIn) -> None:
    move.script({"move": ["MoveRefusedError"]})

    assert failed(move.run(PLAN)) == ("LedgerRefused", "MoveRefusedError")
    assert move.called() == ["see", "begin_ledger", "move", "ledger"]
    ledger = move.calls()[-1]
    assert (ledger["error"], json.loads(ledger["cause"])["Error"]) == ("MoveRefusedError",) * 2


@pytest.mark.parametrize("error", ["MoveIncompleteError", "DatabaseUnreachableError", "Sandbox.Timedout"])
def test_a_move_that_is_not_finished_is_tried_again(move: StandIn, error: str) -> None:
    move.script({"move": [error, MOVED]})

    assert move.run(PLAN)["status"] == "SUCCEEDED"
    assert move.called() == ["see", "begin_ledger", "move", "move", "ledger"]


def test_a_move_that_stays_unfinished_says_so(move: StandIn) -> None:
    move.script({"move": ["MoveIncompleteError"]})

    assert failed(move.run(PLAN)) == ("LedgerUnfinished", "MoveIncompleteError")
    assert move.called()[-1] == "ledger"


def test_a_move_whose_end_nothing_records_is_unfinished(move: StandIn) -> None:
    move.script({"ledger": ["AwsCallError"]})

    assert failed(move.run(PLAN)) == ("LedgerUnfinished", "AwsCallError")


SHIFT: dict[str, Any] = {"target": "green", "steps": [25, 100], "ledger_after": 100}
THE_SHIFT = ["begin", "shift:0", "verify:0", "shift:1", "verify:1", "finalize"]
THE_MOVE = ["see", "begin_ledger", "move", "ledger"]


def after_the_end(*outcome: str | dict[str, Any]) -> dict[str, Any]:
    finalized = {"weights": {"blue": 0, "green": 100}, "next": "move_ledger"}
    return {"finalize": [finalized], "ledger": list(outcome)}


def test_the_ledger_follows_the_last_bake(move: StandIn) -> None:
    move.script(after_the_end({"next": "shifted"}))
    execution = move.run(SHIFT)

    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"])["weights"] == {"blue": 0, "green": 100}
    assert move.called() == [*THE_SHIFT, *THE_MOVE]
    begin = move.calls()[-3]
    assert (begin["plan"], begin["ledger"], begin["workflow"]) == (SHIFT, ROW, execution["name"])


def test_a_ledger_that_is_refused_after_the_last_bake_rolls_no_traffic_back(move: StandIn) -> None:
    move.script(after_the_end({"next": "refused"}) | {"move": ["MoveRefusedError"]})

    assert failed(move.run(SHIFT)) == ("LedgerRefused", "MoveRefusedError")
    assert move.called() == [*THE_SHIFT, *THE_MOVE]


@pytest.mark.parametrize("where", ["see", "begin_ledger"])
def test_a_ledger_that_can_not_begin_after_the_last_bake_is_recorded(move: StandIn, where: str) -> None:
    move.script(after_the_end({"next": "refused"}) | {where: ["GatesNotPassedError"]})

    assert failed(move.run(SHIFT)) == ("LedgerRefused", "GatesNotPassedError")
    assert move.called()[-2:] == [where, "ledger"]
    assert move.calls()[-1]["error"] == "GatesNotPassedError"


def at_a_step(following: str) -> dict[str, Any]:
    due = {"next": "move_ledger", "wait_seconds": 0, "cause": None}
    return {"verify:0": [due], "ledger": [{"next": following}]}


def test_the_ledger_moves_after_a_step_and_the_shift_goes_on(move: StandIn) -> None:
    move.script(at_a_step("next_step"))

    execution = move.run(SHIFT | {"ledger_after": 25})
    assert execution["status"] == "SUCCEEDED"
    assert move.called() == [*THE_SHIFT[:3], *THE_MOVE, *THE_SHIFT[3:]]


def test_a_ledger_that_does_not_move_after_a_step_rolls_the_traffic_back(move: StandIn) -> None:
    move.script(at_a_step("roll_back") | {"move": ["MoveRefusedError"]})

    assert failed(move.run(SHIFT | {"ledger_after": 25})) == ("RolledBack", "MoveRefusedError")
    assert move.called() == [*THE_SHIFT[:3], *THE_MOVE, "rollback"]


@pytest.mark.parametrize("where", ["begin_ledger", "ledger"])
def test_a_shift_that_was_taken_over_meanwhile_is_superseded(move: StandIn, where: str) -> None:
    move.script(at_a_step("next_step") | {where: ["LockLostError"]})

    assert failed(move.run(SHIFT | {"ledger_after": 25})) == ("Superseded", "LockLostError")
    assert "rollback" not in move.called()
