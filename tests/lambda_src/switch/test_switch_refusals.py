"""What is refused or fails, and that the error says where the traffic then stands."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from embedded_aws import LocalAws, set_target_health

from lambda_src.contract.errors import (
    ActiveUnknownError,
    AwsCallError,
    GatesNotPassedError,
    ListenerStateError,
    OutOfTimeError,
    RollbackTargetUnknownError,
    SwitchError,
    VerificationError,
)
from lambda_src.contract.values import Colour, Weights
from lambda_src.switch.aws import LONGEST_CALL_SECONDS
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, BLUE, GREEN, LivePlatform, State
from tests.lambda_src.recorder import Recorder
from tests.lambda_src.switch.faults import Call, Fault
from tests.lambda_src.switch.wire import Wire

HALF = Weights(50, 50)
SWITCH = {"action": "switch", "target": "green"}


# Blue got the traffic from green, so back is green.
FROM_GREEN = State(
    ALL_BLUE,
    ALL_GREEN,
    "blue",
    {"status": "completed", "source": "green", "target": "blue", "weights": ALL_BLUE.to_json()},
)


def refusal(
    platform: LivePlatform, event: object, expected: type[SwitchError], **options: Any
) -> SwitchError:
    """The error; asserts that nothing was written and that it tells the live weights, if they can be told."""
    before = platform.state
    with (
        Recorder.listening_to(*platform.clients) as recorder,
        pytest.raises(expected) as raised,
    ):
        platform.invoke(event, **options)
    assert [call for call in recorder.writes if not call.iam_action.startswith("dynamodb:")] == []
    assert platform.state == before
    assert "busy_until" not in platform.control  # the lock is free
    assert all((raised.value.what, raised.value.where, raised.value.cause, raised.value.fix))
    return raised.value


@pytest.mark.parametrize(
    ("start", "event", "gaining"),
    [
        (State(), SWITCH, GREEN),
        (State(), {"action": "shift", "target": "green", "percent": 1}, GREEN),
        (State(), {"action": "shift", "target": "blue", "percent": 99}, GREEN),
        (State(HALF), {"action": "shift", "target": "green", "percent": 0}, BLUE),
    ],
)
@pytest.mark.parametrize(("healthy", "required"), [(0, 1), (2, 3)])
@pytest.mark.usefixtures("only_this_aws")
def test_no_colour_gains_traffic_without_enough_healthy_targets(
    start: State, event: dict[str, Any], gaining: Colour, healthy: int, required: int
) -> None:
    platform = LivePlatform.create(healthy=5, required=required)
    platform.put(start)
    platform.register(gaining, healthy)
    error = refusal(platform, event, GatesNotPassedError)
    assert error.what == (
        f"targets of {gaining}: {healthy} of {healthy} healthy, wanted: at least {required} and 50 %"
    )
    assert error.where == gaining
    assert error.weights == start.weights


@pytest.mark.parametrize(
    ("start", "event", "gaining"),
    [
        (FROM_GREEN, {"action": "rollback", "target": "green"}, GREEN),
        (State(HALF), {"action": "rollback"}, BLUE),
    ],
)
@pytest.mark.usefixtures("only_this_aws")
def test_the_emergency_exit_asks_for_one_healthy_target_and_no_more(
    start: State, event: dict[str, Any], gaining: Colour
) -> None:
    platform = LivePlatform.create(healthy=5, required=3)
    platform.put(start)
    platform.colours.alarm(gaining, "ALARM")
    platform.colours.stop_database(gaining)
    platform.colours.lose_credentials(gaining)
    platform.invoke({"action": "freeze", "reason": "end of year"})
    platform.register(gaining, 0)
    error = refusal(platform, event, GatesNotPassedError)
    assert error.what == f"targets of {gaining}: 0 of 0 healthy, wanted: at least 1"
    platform.register(gaining, 1)
    assert platform.invoke(event)["after"][gaining] == 100


def test_a_forced_rollback_does_not_even_ask_for_that(platform: LivePlatform) -> None:
    platform.put(State(HALF))
    platform.register(BLUE, 0)
    answer = platform.invoke({"action": "rollback", "force": True, "reason": "green corrupts payments"})
    assert (answer["after"], answer["gates"]) == ({"blue": 100, "green": 0}, [])


def test_a_registered_target_that_is_not_healthy_does_not_count(
    platform: LivePlatform, embedded_aws: LocalAws
) -> None:
    group = platform.environment["GREEN_TG_ARN"]
    set_target_health(embedded_aws, group, "unhealthy")
    error = refusal(platform, SWITCH, GatesNotPassedError)
    assert error.what == "targets of green: 0 of 2 healthy, wanted: at least 1 and 50 %"
    target = platform.invoke({"action": "status"})["colours"]["green"]["targets"][0]
    assert (target["state"], target["reason"]) == ("unhealthy", "Target.FailedHealthChecks")


def test_half_of_the_targets_are_enough_less_are_not(platform: LivePlatform, embedded_aws: LocalAws) -> None:
    platform.register(GREEN, 4)
    group = platform.environment["GREEN_TG_ARN"]
    for number in range(3):
        set_target_health(embedded_aws, group, "unhealthy", target_id=f"10.0.1.{number + 4}")
    refusal(platform, SWITCH, GatesNotPassedError)
    set_target_health(embedded_aws, group, "healthy", target_id="10.0.1.4")
    assert platform.invoke(SWITCH)["after"]["green"] == 100


def _without_green(action: dict[str, Any]) -> None:
    groups = action["ForwardConfig"]["TargetGroups"]
    action["ForwardConfig"]["TargetGroups"] = [
        group for group in groups if "-green/" not in group["TargetGroupArn"]
    ]


def _green_twice(action: dict[str, Any]) -> None:
    action["ForwardConfig"]["TargetGroups"].append(action["ForwardConfig"]["TargetGroups"][0])


def _foreign_group(action: dict[str, Any]) -> None:
    action["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"] += "0"


def _redirect(action: dict[str, Any]) -> None:
    action.clear()
    action.update(Type="redirect", RedirectConfig={"StatusCode": "HTTP_301", "Port": "443"})


SHAPES = [
    (_without_green, "instead of blue's and green's target group"),
    (_green_twice, "instead of blue's and green's target group"),
    (_foreign_group, "instead of blue's and green's target group"),
    (_redirect, "has the default actions ['redirect'] instead of one forward"),
]


def _disfigure(platform: LivePlatform, variable: str, change: Callable[[dict[str, Any]], None]) -> None:
    action = platform.action(variable)
    change(action)
    platform.replace_action(variable, action)


@pytest.mark.parametrize(("change", "found"), SHAPES)
@pytest.mark.parametrize("variable", ["LISTENER_ARN", "TEST_LISTENER_ARN"])
@pytest.mark.parametrize("event", [SWITCH, {"action": "shift", "target": "green", "percent": 5}])
def test_a_listener_of_another_shape_is_left_alone(
    platform: LivePlatform,
    change: Callable[[dict[str, Any]], None],
    found: str,
    variable: str,
    event: dict[str, Any],
) -> None:
    _disfigure(platform, variable, change)
    before = [platform.action(name) for name in ("LISTENER_ARN", "TEST_LISTENER_ARN")]
    with (
        Recorder.listening_to(*platform.clients) as recorder,
        pytest.raises(ListenerStateError) as raised,
    ):
        platform.invoke(event)
    assert found in raised.value.what
    assert raised.value.where == f"listener {platform.environment[variable]}"
    assert {call.iam_action.split(":")[0] for call in recorder.writes} == {"dynamodb"}
    assert [platform.action(name) for name in ("LISTENER_ARN", "TEST_LISTENER_ARN")] == before


@pytest.mark.parametrize("weights", [Weights(0, 0), Weights(1, 1), Weights(999, 0), Weights(100, 100)])
@pytest.mark.parametrize("event", [SWITCH, {"action": "shift", "target": "green", "percent": 5}])
def test_weights_that_do_not_sum_to_100_are_left_alone(
    platform: LivePlatform, weights: Weights, event: dict[str, Any]
) -> None:
    platform.put(State(weights))
    error = refusal(platform, event, ListenerStateError)
    assert error.what == f"the production listener has weights that don't sum to 100: {weights}"
    assert error.weights == weights


def test_rollback_moves_production_though_the_test_listener_is_broken(platform: LivePlatform) -> None:
    platform.invoke(SWITCH)
    _disfigure(platform, "TEST_LISTENER_ARN", _redirect)
    answer = platform.invoke({"action": "rollback"})
    assert (answer["after"], answer["test_weights"]) == (ALL_BLUE.to_json(), ALL_GREEN.to_json())
    status = platform.invoke({"action": "status"})
    assert (status["recorded_active"], status["migration"]["status"]) == ("blue", "rolled_back")


@pytest.mark.parametrize("record", [None, "", "{", "null", '{"status":"done"}', '{"status":"completed"}'])
def test_rollback_without_usable_record_asks_for_a_target(platform: LivePlatform, record: str | None) -> None:
    platform.put(State(ALL_GREEN, ALL_BLUE, "green", record or None))
    error = refusal(platform, {"action": "rollback"}, RollbackTargetUnknownError)
    assert '"target"' in error.fix
    assert platform.environment["STATUS_PARAM_NAME"] in error.where
    assert platform.invoke({"action": "rollback", "target": "blue"})["after"] == {"blue": 100, "green": 0}


@pytest.mark.parametrize("active", [None, "red", "Blue"])
def test_a_shared_listener_without_any_record_of_the_active_colour(
    platform: LivePlatform, active: str | None
) -> None:
    platform.put(State(HALF, active=active))
    assert refusal(platform, {"action": "rollback"}, RollbackTargetUnknownError).weights == HALF
    shift = {"action": "shift", "target": "green", "percent": 60}
    assert refusal(platform, shift, ActiveUnknownError).weights == HALF
    assert platform.invoke(SWITCH)["active"] == "green"


def test_a_deleted_target_group_is_an_aws_error_that_tells_the_weights(platform: LivePlatform) -> None:
    platform.environment["GREEN_TG_ARN"], real = (
        "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/gone/0123456789abcdef",
        platform.environment["GREEN_TG_ARN"],
    )
    with pytest.raises(AwsCallError, match="DescribeTargetHealth") as raised:
        platform.invoke({"action": "status"})
    assert raised.value.where.endswith("targetgroup/gone/0123456789abcdef")
    platform.environment["GREEN_TG_ARN"] = real


@pytest.mark.filterwarnings("ignore:Exception.AccessDeniedException.:UserWarning")  # moto's, about itself
def test_a_denied_record_tells_that_the_traffic_has_moved(platform: LivePlatform) -> None:
    """Names that begin with /aws/ are AWS's own: SSM refuses to write them."""
    platform.environment["STATUS_PARAM_NAME"] = "/aws/reserved/status"
    with pytest.raises(AwsCallError, match="PutParameter") as raised:
        platform.invoke(SWITCH)
    # Catching up is refused first: that blue was active would otherwise be lost with the move.
    assert raised.value.weights == ALL_BLUE
    platform.put(State(ALL_GREEN, ALL_GREEN, "green", None))
    with pytest.raises(AwsCallError, match="PutParameter") as raised:
        platform.invoke(SWITCH)
    assert raised.value.weights == ALL_GREEN
    assert json.loads(str(raised.value))["weights"] == {"blue": 0, "green": 100}


@contextmanager
def another_operator(platform: LivePlatform, variable: str, weights: Weights) -> Iterator[None]:
    """Somebody who writes these weights right after each ModifyListener of the switch on that listener."""

    def interfere(model: Any, **_: Any) -> None:
        if model.name == "ModifyListener":
            platform.set_listener(variable, weights)

    events = platform.account.clients("elbv2").meta.events
    events.register("after-call", interfere)
    try:
        yield
    finally:
        events.unregister("after-call", interfere)


def test_weights_that_do_not_hold_are_noticed(platform: LivePlatform) -> None:
    with (
        another_operator(platform, "LISTENER_ARN", Weights(70, 30)),
        pytest.raises(VerificationError) as raised,
    ):
        platform.invoke(SWITCH)
    assert raised.value.weights == Weights(70, 30)
    # What was written meanwhile follows the listener: the active colour is recorded when all has held.
    assert platform.state.active == "blue"
    assert platform.state.weights == Weights(70, 30)
    platform.invoke(SWITCH)
    assert platform.state.weights == ALL_GREEN


def test_nothing_begins_without_the_time_to_end_it(platform: LivePlatform) -> None:
    error = refusal(platform, SWITCH, OutOfTimeError, seconds_left=lambda: 2 * LONGEST_CALL_SECONDS - 1)
    assert "UpdateItem" in error.what


def test_time_that_runs_out_after_the_move_is_told_with_the_weights(platform: LivePlatform) -> None:
    def seconds_left() -> float:
        moved = platform.state.weights == ALL_GREEN
        return 1.5 * LONGEST_CALL_SECONDS if moved else 60.0

    with pytest.raises(OutOfTimeError) as raised:
        platform.invoke(SWITCH, seconds_left=seconds_left)
    assert raised.value.weights == ALL_GREEN
    assert platform.state.active == "blue"
    platform.invoke(SWITCH)
    assert platform.state.active == "green"


@pytest.mark.usefixtures("no_waiting")
def test_what_failed_is_told_though_the_weights_can_not_be_read(platform: LivePlatform) -> None:
    move = Call("elbv2", "ModifyListener", "LISTENER_ARN", 0)
    with Wire.of(platform, move, Fault.CUT_OFF), pytest.raises(AwsCallError) as raised:
        platform.invoke(SWITCH)
    assert "ModifyListener" in raised.value.what
    assert raised.value.weights is None
