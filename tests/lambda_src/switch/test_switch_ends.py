"""How a workflow begins, and what a failed request leaves of it, of its identity, of what came in."""

import pytest

from lambda_src.common.errors import Problem
from lambda_src.contract.errors import GatesNotPassedError, LockLostError
from lambda_src.contract.event import parse_request
from tests.lambda_src.live_platform import BLUE, GREEN, LivePlatform
from tests.lambda_src.switch.steps import Machine, plan, workflow_of


@pytest.fixture
def machine(platform: LivePlatform) -> Machine:
    """A workflow that has taken its first step."""
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    machine.shift(0)
    return machine


def test_the_state_machine_gets_all_that_it_works_through(platform: LivePlatform) -> None:
    steps = plan(25, 50, 100, bake=60, approve_at=[50], approval_timeout_seconds=600, reason="r", by="b")
    machine = Machine(platform, steps)
    assert machine.begin() == {
        "action": "begin",
        "request_id": f"{machine.id}/begin",
        "workflow": machine.id,
        "target": "green",
        "reason": "r",
        "by": "b",
        "percents": [25, 50, 100],
        "approvals": [False, True, False],
        "step": 0,
        "last": 2,
        "notified": True,
    }


def test_a_step_that_is_refused_is_not_the_workflow_s_end(platform: LivePlatform, machine: Machine) -> None:
    """The state machine rolls it back; until then it is what it was."""
    before = workflow_of(platform)
    platform.colours.alarm(GREEN, "ALARM")
    with pytest.raises(GatesNotPassedError):
        machine.shift(1)
    assert workflow_of(platform) == before


def test_nor_is_an_operator_s_rollback_that_is_refused(platform: LivePlatform, machine: Machine) -> None:
    before = workflow_of(platform)
    platform.register(BLUE, 0)
    with pytest.raises(GatesNotPassedError):
        platform.invoke({"action": "rollback"})
    assert workflow_of(platform) == before
    assert before["id"] == machine.id


def test_its_own_rollback_that_fails_is_told_and_keeps_the_lock(
    platform: LivePlatform, machine: Machine
) -> None:
    platform.register(BLUE, 0)
    with pytest.raises(GatesNotPassedError):
        machine.roll_back()
    assert workflow_of(platform)["state"] == "failed"
    platform.register(BLUE, 2)
    machine.roll_back()
    assert workflow_of(platform)["state"] == "rolled_back"


def test_a_workflow_that_is_over_asks_for_no_approval(platform: LivePlatform, machine: Machine) -> None:
    """Neither when there is none, nor in the place of the next one."""
    platform.invoke({"action": "rollback"})
    with pytest.raises(LockLostError):
        machine.ask(1)
    following = Machine(platform, plan(50, 100))
    following.begin()
    with pytest.raises(LockLostError):
        machine.ask(0)
    shown = workflow_of(platform)
    assert (shown["id"], shown["state"], shown["approval"]) == (following.id, "running", None)


def test_what_is_stored_of_a_request_stays_what_it_is() -> None:
    """A repetition may come after a deployment: it is compared with what the function before has stored."""
    request = parse_request({"action": "switch", "target": "green"}, "one")
    assert request.fingerprint == "switch green 100 None 0"


def test_of_what_came_in_the_first_eighty_characters_are_shown() -> None:
    problem = Problem.of("k" * 81, "v" * 200, "is odd", "nothing")
    assert problem.key == "k" * 80
    assert problem.value is not None
    assert len(problem.value) == 80


def told_by_the_event_rule(
    platform: LivePlatform, workflow: str, status: str = "FAILED"
) -> dict[str, object]:
    """The request that EventBridge sends of an execution that ended."""
    return platform.invoke({"action": "rollback", "workflow": workflow, "cause": status})


def test_an_execution_that_ended_by_its_own_states_leaves_nothing_to_roll_back(
    platform: LivePlatform, machine: Machine
) -> None:
    """Events of encrypted state machines carry no error, so the function is asked after each failure."""
    machine.roll_back()
    assert told_by_the_event_rule(platform, machine.id)["repeated"] is True

    refused = "shift-20261125T180000-0a1b"
    answer = {"action": "rollback", "request_id": f"{refused}/rollback", "workflow": refused, "ended": True}
    assert told_by_the_event_rule(platform, refused) == answer

    superseded = Machine(platform, plan(25, 100))
    superseded.begin()
    superseded.shift(0)
    platform.invoke({"action": "rollback", "reason": "complaints"})
    assert told_by_the_event_rule(platform, superseded.id)["ended"] is True
    assert workflow_of(platform)["state"] == "superseded"


def test_one_that_died_in_between_is_rolled_back_by_the_event_rule(
    platform: LivePlatform, machine: Machine
) -> None:
    answer = told_by_the_event_rule(platform, machine.id, "TIMED_OUT")
    assert answer["after"] == {"blue": 100, "green": 0}
    assert (workflow_of(platform)["state"], workflow_of(platform)["cause"]) == (
        "rolled_back",
        "the execution ran longer than its state machine allows",
    )
