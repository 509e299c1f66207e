"""A new version of the colour that serves no traffic: what is refused, what is changed, and the way back."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from lambda_src.contract.errors import (
    AwsCallError,
    GatesNotPassedError,
    LockedError,
    LockLostError,
    NotWatchedError,
    StepOrderError,
    ValidationError,
)
from lambda_src.contract.values import Weights
from tests.lambda_src import versions
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, BLUE, GREEN, LivePlatform
from tests.lambda_src.switch.faults import Call, Fault, Killed
from tests.lambda_src.switch.holding import held as held_at
from tests.lambda_src.switch.scenarios import LOCK_SECONDS, later
from tests.lambda_src.switch.steps import Machine, plan, workflow_of
from tests.lambda_src.switch.wire import Wire
from tests.lambda_src.versions import image

DEPLOY = {"action": "deploy", "target": "green", "image": image(2), "reason": "release 2", "by": "alice"}
REGISTER = Call("ecs", "RegisterTaskDefinition", "payments-green", 0)


@pytest.fixture
def platform(platform: LivePlatform) -> Iterator[LivePlatform]:
    """Both colours run version 1, before and after."""
    platform.colours.will_deploy()
    yield platform
    platform.colours.fix()


def look(platform: LivePlatform, id_: str, ahead: float = 0) -> dict[str, Any]:
    return platform.invoke({"action": "verify", "workflow": id_, "step": 0}, clock=later(ahead))


def drive(platform: LivePlatform, id_: str) -> dict[str, Any]:
    """What the state machine does, to its end; what finalize answers."""
    for _ in range(12):
        found = look(platform, id_)
        if found["next"] == "finalize":
            return platform.invoke({"action": "finalize", "workflow": id_})
        if found["next"] == "roll_back":
            platform.invoke({"action": "rollback", "workflow": id_, "cause": found["cause"]})
    raise AssertionError("the rollout does not end")


def entries(platform: LivePlatform) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = platform.invoke({"action": "history"})["entries"]
    return found


def test_it_runs_the_image_and_all_that_names_it_agrees(platform: LivePlatform) -> None:
    before = versions.definition(versions.look(GREEN)["taskDefinition"])
    answer = platform.invoke(DEPLOY)
    told = {key: answer[key] for key in ("target", "changed", "before", "image", "repeated", "notified")}
    assert told == {
        "target": "green",
        "changed": True,
        "before": image(1),
        "image": image(2),
        "repeated": False,
        "notified": True,
    }
    assert workflow_of(platform)["state"] == "deploying"
    ended = drive(platform, answer["workflow"])
    assert (ended["outcome"], ended["image"], ended["cause"]) == ("completed", image(2), None)
    assert versions.standing(GREEN).agreed == image(2)
    assert versions.standing(BLUE).agreed == image(1)
    after = versions.definition(versions.look(GREEN)["taskDefinition"])
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"containerDefinitions", "revision", "taskDefinitionArn", *_times(before)}
    assert after["containerDefinitions"][1:] == before["containerDefinitions"][1:]
    was, now = before["containerDefinitions"][0], after["containerDefinitions"][0]
    assert {key for key in was if was[key] != now[key]} == {"image"}
    assert platform.state.weights == ALL_BLUE
    done, deployed = entries(platform)[:2]
    assert (done["action"], done["outcome"], done["by"]) == ("finalize", "done", "alice")
    assert deployed["deployment"] == done["deployment"] == {"from": image(1), "to": image(2)}
    status = platform.invoke({"action": "status"})
    assert (status["differences"], status["lock"]) == ([], None)
    assert status["images"]["green"]["running"] == image(2)


def _times(definition: dict[str, Any]) -> set[str]:
    return {key for key in definition if key.endswith("At")}


def test_the_copy_has_the_tags_that_terraform_gave(platform: LivePlatform) -> None:
    drive(platform, platform.invoke(DEPLOY)["workflow"])
    described = boto3.client("ecs").describe_task_definition(
        taskDefinition=versions.look(GREEN)["taskDefinition"], include=["TAGS"]
    )
    assert described["tags"] == versions.TAGS


def test_the_execution_that_looks_begins_before_anything_is_written(platform: LivePlatform) -> None:
    with Wire.of(platform) as wire:
        answer = platform.invoke(DEPLOY)
    written = [call.operation for call in wire.writes if call.service in ("stepfunctions", "ecs", "ssm")]
    assert written == ["StartExecution", "RegisterTaskDefinition", "PutParameter", "UpdateService"]
    machine = platform.environment["STATE_MACHINE_ARN"]
    executions = boto3.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert answer["workflow"] in [each["name"] for each in executions]


@pytest.mark.usefixtures("no_waiting")
def test_without_an_execution_that_looks_nothing_is_written(platform: LivePlatform) -> None:
    start = Call("stepfunctions", "StartExecution", "STATE_MACHINE_ARN", 0)
    with Wire.of(platform, start, Fault.ERROR), pytest.raises(NotWatchedError, match="StartExecution"):
        platform.invoke(DEPLOY)
    assert versions.standing(GREEN).agreed == image(1)
    assert platform.invoke({"action": "status"})["lock"] is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (image(2).partition("@")[0] + ":v2", "malformed"),
        ("public.ecr.aws/payments@sha256:" + 64 * "a", "malformed"),
        (image(2).replace("/payments@", "/payments-other@"), "of another repository"),
        (image(2).replace("123456789012", "210987654321"), "of another repository"),
        (image(2).replace("us-east-1", "eu-central-1"), "of another repository"),
        (image(2).upper(), "malformed"),
    ],
)
def test_only_an_image_of_the_colours_repository_by_its_digest(
    platform: LivePlatform, name: str, problem: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        platform.invoke(DEPLOY | {"image": name})
    (found,) = refused.value.problems
    assert (found.key, problem in found.problem) == ("image", True)
    assert versions.standing(GREEN).agreed == image(1)


def _moving(platform: LivePlatform) -> None:  # noqa: ARG001 - as the others
    arn = versions.register(GREEN, image(3))
    boto3.client("ecs").update_service(cluster="payments-green", service="payments-green", taskDefinition=arn)
    versions.lose(3)


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (lambda p: p.set_listener("LISTENER_ARN", ALL_GREEN), "serving of green: green gets 100 %"),
        (lambda p: p.set_listener("LISTENER_ARN", Weights(99, 1)), "serving of green: green gets 1 %"),
        (lambda p: p.replace_action("LISTENER_ARN", _plain(p)), "serving of green: green gets 100 %"),
        (lambda p: p.set_listener("LISTENER_ARN", Weights(0, 0)), "serving of green: the weights are"),
        (lambda p: p.invoke({"action": "freeze", "reason": "sale"}), "frozen: frozen since"),
        (lambda p: p.environment.update(WINDOWS="mon 00:00-00:01"), "window: "),
    ],
)
def test_what_refuses_it(
    platform: LivePlatform, happens: Callable[[LivePlatform], object], told: str
) -> None:
    happens(platform)
    with pytest.raises(GatesNotPassedError) as refused:
        platform.invoke(DEPLOY)
    assert told in refused.value.what
    assert versions.standing(GREEN).agreed == image(1)
    assert entries(platform)[0]["outcome"] == "refused"


def _plain(platform: LivePlatform) -> dict[str, Any]:
    return {"Type": "forward", "TargetGroupArn": platform.environment["GREEN_TG_ARN"]}


def test_an_image_that_is_not_in_the_repository(platform: LivePlatform) -> None:
    missing = f"{versions.REPOSITORY}@sha256:{64 * '0'}"
    with pytest.raises(GatesNotPassedError, match="image of green: no such image"):
        platform.invoke(DEPLOY | {"image": missing})
    assert versions.standing(GREEN).agreed == image(1)


def test_a_service_that_replaces_its_tasks_already(platform: LivePlatform) -> None:
    _moving(platform)
    try:
        with pytest.raises(GatesNotPassedError, match="wanted: no rollout in progress"):
            platform.invoke(DEPLOY)
    finally:
        versions.restore(3)


@pytest.mark.parametrize("state", ["ALARM", "OK"])
def test_a_colour_that_is_not_well_gets_the_version_that_fixes_it(platform: LivePlatform, state: str) -> None:
    platform.colours.alarm(GREEN, state)
    platform.register(GREEN, 0)
    assert drive(platform, platform.invoke(DEPLOY)["workflow"])["outcome"] == "completed"


def test_the_image_that_runs_already_changes_nothing(platform: LivePlatform) -> None:
    with Wire.of(platform) as wire:
        answer = platform.invoke(DEPLOY | {"image": image(1)})
    assert (answer["changed"], answer["workflow"]) == (False, None)
    assert {call.service for call in wire.writes} <= {"dynamodb", "sns"}
    assert platform.invoke({"action": "status"})["lock"] is None


def test_during_a_shift_it_is_refused(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(100))
    machine.begin()
    with pytest.raises(LockedError, match="workflow"):
        platform.invoke(DEPLOY)
    assert versions.standing(GREEN).agreed == image(1)


def test_while_a_share_is_held_it_is_refused(platform: LivePlatform) -> None:
    platform.invoke({"action": "shift", "target": "green", "percent": 10})
    with pytest.raises(LockedError):
        platform.invoke(DEPLOY | {"target": "blue"})


def test_while_it_runs_neither_another_one_nor_a_shift_begins(platform: LivePlatform) -> None:
    id_ = platform.invoke(DEPLOY)["workflow"]
    for event in (DEPLOY | {"image": image(3)}, {"action": "switch", "target": "green"}):
        with pytest.raises(LockedError, match=id_):
            platform.invoke(event)
    with pytest.raises(LockedError, match=id_):
        Machine(platform, plan(100)).begin()
    assert drive(platform, id_)["outcome"] == "completed"
    assert versions.standing(GREEN).agreed == image(2)


def test_two_at_the_same_moment(platform: LivePlatform) -> None:
    with held_at(platform, DEPLOY, REGISTER) as first:
        with pytest.raises(LockedError):
            platform.invoke(DEPLOY | {"image": image(3)})
        id_ = first.result()["workflow"]
    assert drive(platform, id_)["outcome"] == "completed"
    assert versions.standing(GREEN).agreed == image(2)


def test_sent_again_it_answers_the_same(platform: LivePlatform) -> None:
    event = DEPLOY | {"request_id": "release-2"}
    first = platform.invoke(event)
    drive(platform, first["workflow"])
    again = platform.invoke(event)
    assert again.pop("repeated") is True
    assert again == {key: value for key, value in first.items() if key in again}
    with pytest.raises(ValidationError, match="used before"):
        platform.invoke(event | {"image": image(3)})


def test_its_way_back_is_answered_the_same_again(platform: LivePlatform) -> None:
    id_ = platform.invoke(DEPLOY)["workflow"]
    back = {"action": "rollback", "workflow": id_, "cause": "odd"}
    first = platform.invoke(back)
    assert (first["image"], first["cause"]) == (image(1), "odd")
    again = platform.invoke(back)
    assert again.pop("repeated") is True
    assert again == {key: value for key, value in first.items() if key in again}
    drive(platform, id_)


def test_it_does_not_end_before_its_rollout(platform: LivePlatform) -> None:
    id_ = platform.invoke(DEPLOY | {"image": image(3)})["workflow"]
    versions.lose(3)
    try:
        with pytest.raises(StepOrderError, match="finalize"):
            platform.invoke({"action": "finalize", "workflow": id_})
    finally:
        versions.restore(3)
    assert workflow_of(platform)["state"] == "deploying"
    drive(platform, id_)


def test_tasks_that_stop_lead_back_to_the_image_before(platform: LivePlatform) -> None:
    id_ = platform.invoke(DEPLOY | {"image": image(3)})["workflow"]
    versions.lose(3)
    try:
        ended = drive(platform, id_)
    finally:
        versions.restore(3)
    assert (ended["outcome"], ended["image"]) == ("rolled_back", image(1))
    assert "ECS rolled payments-green:" in ended["cause"]
    assert "CannotPullContainerError" in ended["cause"]
    assert versions.standing(GREEN).agreed == image(1)
    assert workflow_of(platform)["state"] == "rolled_back"
    done, back = entries(platform)[:2]
    assert (back["action"], back["target"], back["deployment"]) == (
        "rollback",
        "green",
        {"from": image(3), "to": image(1)},
    )
    assert (done["outcome"], platform.state.weights) == ("done", ALL_BLUE)
    status = platform.invoke({"action": "status"})
    assert (status["differences"], status["lock"]) == ([], None)


def test_tasks_that_do_not_become_healthy_in_time(platform: LivePlatform) -> None:
    id_ = platform.invoke(DEPLOY | {"image": image(3)})["workflow"]
    versions.lose(3)
    try:
        found = look(platform, id_, ahead=1801)
    finally:
        versions.restore(3)
    assert (found["next"], "0 of 2 tasks of payments-green:" in found["cause"]) == ("roll_back", True)


def test_a_way_back_that_fails_says_so(platform: LivePlatform) -> None:
    """The image before is gone, too: nothing of the colour starts."""
    id_ = platform.invoke(DEPLOY | {"image": image(3)})["workflow"]
    for number in (3, 1):
        versions.lose(number)
    try:
        for _ in range(4):
            cause = look(platform, id_)["cause"]
        platform.invoke({"action": "rollback", "workflow": id_, "cause": cause})
        versions.run(GREEN, versions.register(GREEN, image(2)))  # as another client
        ended = drive(platform, id_)
    finally:
        for number in (3, 1):
            versions.restore(number)
    assert ended["outcome"] == "failed"
    assert "the way back has not ended" in ended["cause"]
    assert entries(platform)[0]["outcome"] == "failed"


def test_an_operator_ends_it(platform: LivePlatform) -> None:
    id_ = platform.invoke(DEPLOY)["workflow"]
    platform.invoke({"action": "abort", "reason": "odd", "by": "carol"})
    ended = drive(platform, id_)
    assert (ended["outcome"], ended["cause"]) == ("rolled_back", "carol aborts it: odd")
    assert versions.standing(GREEN).agreed == image(1)


def test_a_rollback_of_the_traffic_goes_before_it(platform: LivePlatform) -> None:
    id_ = platform.invoke(DEPLOY)["workflow"]
    platform.invoke({"action": "rollback"})
    assert workflow_of(platform)["state"] == "superseded"
    assert look(platform, id_)["next"] == "ended"
    for action in ("rollback", "finalize"):
        with pytest.raises(LockLostError):
            platform.invoke({"action": action, "workflow": id_})


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT"])
@pytest.mark.parametrize("after", ["begin", "back"])
def test_an_execution_that_was_stopped_leaves_the_image_before(
    platform: LivePlatform, status: str, after: str
) -> None:
    id_ = platform.invoke(DEPLOY)["workflow"]
    if after == "back":
        platform.invoke({"action": "rollback", "workflow": id_, "cause": "odd"})
    answer = platform.invoke({"action": "rollback", "workflow": id_, "cause": status})
    assert answer["image"] == image(1)
    assert versions.standing(GREEN).agreed == image(1)
    assert workflow_of(platform)["state"] == "interrupted"
    assert platform.invoke({"action": "status"})["lock"] is None
    again = platform.invoke({"action": "rollback", "workflow": id_, "cause": status})
    assert again.get("ended") or again["repeated"]


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("operation", ["RegisterTaskDefinition", "PutParameter", "UpdateService"])
@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.UNHEARD, Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_a_request_that_dies_or_fails_is_taken_back_by_its_execution(
    platform: LivePlatform, operation: str, fault: Fault
) -> None:
    def find(call: Call) -> None:
        if call.operation == operation:
            wire.call, wire.fault = call, fault

    with Wire.of(platform) as wire:
        wire.on_begin = find
        with pytest.raises(Killed if fault.kills else AwsCallError):
            platform.invoke(DEPLOY)
    id_ = workflow_of(platform)["id"]
    abort = platform.control.get("abort")
    assert (abort is None) is fault.kills
    if abort:
        assert json.loads(abort["S"]).keys() == {"by", "reason", "at"}
    if fault.kills:
        assert look(platform, id_)["next"] == "wait"  # as long as it may live
    found = look(platform, id_, ahead=LOCK_SECONDS)
    assert found["next"] == "roll_back"
    clock = later(LOCK_SECONDS)
    platform.invoke({"action": "rollback", "workflow": id_, "cause": found["cause"]}, clock=clock)
    assert look(platform, id_)["next"] == "finalize"
    ended = platform.invoke({"action": "finalize", "workflow": id_}, clock=clock)
    assert ended["outcome"] == "rolled_back"
    assert versions.standing(GREEN).agreed == image(1)


def test_the_state_machines_other_requests_move_nothing_in_its_name(platform: LivePlatform) -> None:
    id_ = platform.invoke(DEPLOY)["workflow"]
    step = {"workflow": id_, "step": 0}
    for event in ({"action": "shift", **step, "target": "green", "percent": 100}, {"action": "ask", **step}):
        with pytest.raises(Exception, match="moves no traffic"):
            platform.invoke(event)
    assert platform.state.weights == ALL_BLUE


def test_who_follows_it_sees_how_it_stands(platform: LivePlatform) -> None:
    id_ = platform.invoke(DEPLOY | {"image": image(3)})["workflow"]
    versions.lose(3)
    try:
        shown = platform.invoke({"action": "deployment", "workflow": id_})
    finally:
        versions.restore(3)
    assert (shown["workflow"]["state"], shown["rollout"]["state"]) == ("deploying", "IN_PROGRESS")
    assert "CannotPullContainerError" in shown["stopped"][0]
    drive(platform, id_)
    drive(platform, platform.invoke(DEPLOY)["workflow"])
    ended = platform.invoke({"action": "deployment", "workflow": id_})
    assert (ended["workflow"], ended["outcome"]) == (None, "completed")


def test_deployments_of_both_colours_and_the_rollback_between(platform: LivePlatform) -> None:
    drive(platform, platform.invoke(DEPLOY)["workflow"])
    platform.invoke({"action": "switch", "target": "green"})
    drive(platform, platform.invoke(DEPLOY | {"target": "blue", "image": image(3)})["workflow"])
    assert (versions.standing(GREEN).agreed, versions.standing(BLUE).agreed) == (image(2), image(3))
    platform.invoke({"action": "rollback"})
    assert platform.state.weights == ALL_BLUE


# What reconcile meets: (what another client did, what green has then).
DRIFT: list[tuple[Callable[[], object], str]] = [
    (lambda: versions.record(GREEN, image(2)), image(1)),
    (lambda: versions.record(GREEN, None), image(1)),
    (lambda: versions.register(GREEN, image(2)), image(1)),
    (lambda: versions.run(GREEN, versions.register(GREEN, image(2))), image(2)),
]


@pytest.mark.parametrize(("happens", "after"), DRIFT)
def test_reconcile_has_all_three_agree_on_what_runs(
    platform: LivePlatform, happens: Callable[[], object], after: str
) -> None:
    happens()
    (difference,) = platform.invoke({"action": "status"})["differences"]
    assert difference.startswith("green runs ")
    found = platform.invoke({"action": "reconcile"})["images"]
    assert (found["green"]["repaired"], found["blue"]) == (True, {"problem": None, "repaired": False})
    versions.await_rollout(GREEN)
    assert versions.standing(GREEN).agreed == after
    assert platform.invoke({"action": "status"})["differences"] == []
    with Wire.of(platform) as wire:
        platform.invoke({"action": "reconcile"})
    assert {call.service for call in wire.writes} <= {"dynamodb", "sns"}


def test_reconcile_does_not_replace_tasks_that_serve(platform: LivePlatform) -> None:
    versions.record(BLUE, image(2))
    versions.register(BLUE, image(2))
    with Wire.of(platform) as wire:
        platform.invoke({"action": "reconcile"})
    assert "UpdateService" not in wire.operations
    assert versions.standing(BLUE) == versions.Standing(image(1), image(1), image(2))


def test_an_image_that_may_not_run_is_reported_and_not_recorded(platform: LivePlatform) -> None:
    by_tag = image(2).partition("@")[0] + ":v2"
    versions.run(GREEN, versions.register(GREEN, by_tag))
    differences = platform.invoke({"action": "status"})["differences"]
    assert f"green runs {by_tag}, which is none of {versions.REPOSITORY} by its digest" in differences
    found = platform.invoke({"action": "reconcile"})["images"]["green"]
    assert found["repaired"] is False
    assert versions.standing(GREEN).recorded == image(1)


def test_a_revision_of_another_size_with_the_same_image_is_no_difference(platform: LivePlatform) -> None:
    """An apply registers it, and updates the service a moment later."""
    versions.register(GREEN, image(1), memory="1024")
    assert platform.invoke({"action": "status"})["differences"] == []


def test_a_service_that_is_gone_is_a_difference_and_refuses_a_deployment(platform: LivePlatform) -> None:
    gone = platform.environment["GREEN_SERVICE_ARN"] + "-gone"
    platform.environment["GREEN_SERVICE_ARN"] = gone
    (difference,) = platform.invoke({"action": "status"})["differences"]
    assert difference.startswith("green runs what is unreadable: ECS has no such service")
    with pytest.raises(Exception, match="ECS has no such service") as refused:
        platform.invoke(DEPLOY)
    assert getattr(refused.value, "refused", False)
    assert json.dumps(platform.invoke({"action": "reconcile"})["images"]).count("no such service") == 1
