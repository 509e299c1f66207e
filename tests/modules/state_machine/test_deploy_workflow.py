"""The workflow of a deployment, run as it is deployed, against a function that does as it is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from embedded_aws import LocalAws

from tests.modules.state_machine.stand_in import StandIn, stand_in

INPUT: dict[str, Any] = {"deploy": True, "step": 0, "look": {"wait_seconds": 0}}
WAIT = {"next": "wait", "wait_seconds": 0, "cause": None}
DONE = WAIT | {"next": "finalize"}
BACK = WAIT | {"next": "roll_back", "cause": "ECS rolled it back"}
GONE_BACK = {"wait_seconds": 0}


def end(outcome: str, cause: str | None = None) -> dict[str, Any]:
    return {"outcome": outcome, "cause": cause, "next": "end"}


@pytest.fixture
def deployment(aws: LocalAws, tmp_path: Path) -> StandIn:
    """The function and its workflow, which gives up soon."""
    return stand_in(aws, tmp_path, hurried=True)


def test_it_looks_until_all_tasks_are_healthy(deployment: StandIn) -> None:
    deployment.script({"verify": [WAIT, WAIT, DONE], "finalize": [end("completed")]})
    execution = deployment.run(INPUT)
    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"]) == end("completed")
    assert deployment.called() == [*3 * ["verify:0"], "finalize"]
    assert {call["workflow"] for call in deployment.calls()} == {execution["name"]}


def test_the_way_back_is_looked_at_too(deployment: StandIn) -> None:
    deployment.script(
        {
            "verify": [WAIT, BACK, WAIT, DONE],
            "rollback": [GONE_BACK],
            "finalize": [end("rolled_back", "ECS rolled it back")],
        }
    )
    execution = deployment.run(INPUT)
    assert (execution["status"], execution["error"]) == ("FAILED", "RolledBack")
    assert json.loads(execution["cause"])["Cause"] == "ECS rolled it back"
    assert deployment.called() == ["verify:0", "verify:0", "rollback", "verify:0", "verify:0", "finalize"]
    assert deployment.calls()[2]["cause"] == "ECS rolled it back"


def test_a_way_back_that_does_not_end_is_the_operators(deployment: StandIn) -> None:
    deployment.script({"verify": [BACK, DONE], "rollback": [GONE_BACK], "finalize": [end("failed", "no")]})
    assert deployment.run(INPUT)["error"] == "RollbackFailed"


def test_a_look_that_fails_for_good_leads_back(deployment: StandIn) -> None:
    looks = ["StepOrderError", DONE]
    deployment.script({"verify": looks, "rollback": [GONE_BACK], "finalize": [end("rolled_back", "x")]})
    assert deployment.run(INPUT)["error"] == "RolledBack"
    assert deployment.called()[:2] == ["verify:0", "rollback"]


def test_what_took_over_is_left_alone(deployment: StandIn) -> None:
    deployment.script({"verify": ["LockLostError"]})
    assert deployment.run(INPUT)["error"] == "Superseded"
    deployment.script({"verify": [WAIT | {"next": "ended"}]})
    assert deployment.run(INPUT)["status"] == "SUCCEEDED"
    assert "rollback" not in deployment.called()
