"""`status`, `switch`, `shift` and `rollback` against the real function on an embedded AWS."""

import json
from pathlib import Path

import pytest

from lambda_src.switch.models import Weights
from tests.bluegreen.cli.conftest import FUNCTION, Place, run

ALL_BLUE, ALL_GREEN = Weights(100, 0), Weights(0, 100)


def test_status_shows_both_sides(place: Place) -> None:
    result = run("status")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == f"function {FUNCTION} in us-east-1 ({place.aws.endpoint})"
    assert lines[4:6] == [
        "│ blue  │ active │    100 │           0 │ 3 of 3 healthy │",
        "│ green │        │      0 │         100 │ 3 of 3 healthy │",
    ]
    assert lines[-1] == "Listeners and records agree."


@pytest.mark.usefixtures("place")
def test_json_is_the_functions_result_and_nothing_else() -> None:
    status = json.loads(run("status", "--output", "json").stdout)
    assert status["weights"] == {"blue": 100, "green": 0}
    assert set(status["sides"]) == {"blue", "green"}
    moved = json.loads(run("switch", "--to", "green", "--output", "json").stdout)
    assert (moved["action"], moved["before"], moved["after"]) == (
        "switch",
        {"blue": 100, "green": 0},
        {"blue": 0, "green": 100},
    )


def test_switch_moves_all_traffic_and_rollback_brings_it_back(place: Place) -> None:
    there = run("switch", "--to", "green", "--reason", "release 42")
    assert there.exit_code == 0
    assert "│ green │      0 │   100 │ 3 of 3 healthy, 1 required │" in there.stdout
    assert (place.platform.state.weights, place.platform.state.active) == (ALL_GREEN, "green")
    assert place.platform.state.migration["reason"] == "release 42"

    back = run("rollback")
    assert back.exit_code == 0
    assert "rollback: the traffic has moved" in back.stdout
    assert (place.platform.state.weights, place.platform.state.active) == (ALL_BLUE, "blue")


def test_shift_sets_a_share(place: Place) -> None:
    assert run("shift", "--to", "green", "--percent", "25").exit_code == 0
    assert place.platform.state.weights == Weights(75, 25)
    assert run("shift", "--to", "green", "--percent", "0").exit_code == 0
    assert place.platform.state.weights == ALL_BLUE


def test_rollback_goes_where_it_is_told(place: Place) -> None:
    assert run("rollback", "--to", "green").exit_code == 0
    assert place.platform.state.weights == ALL_GREEN


@pytest.mark.usefixtures("place")
def test_a_repeated_switch_changes_nothing_and_says_so() -> None:
    run("switch", "--to", "green")
    again = run("switch", "--to", "green")
    assert again.exit_code == 0
    assert "switch: nothing to do, the traffic already stood there" in again.stdout


def test_a_side_without_healthy_targets_is_refused_and_nothing_moves(place: Place) -> None:
    place.set_health("green", "unhealthy")
    before = place.platform.state
    result = run("switch", "--to", "green")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "error: UnhealthyTargetError: green has 0 healthy targets of 3, 1 required\n" in result.stderr
    assert "\n  weights now: blue 100, green 0\n" in result.stderr
    assert place.platform.state == before


def test_input_that_the_function_refuses_is_invalid(place: Place) -> None:
    result = run("switch", "--to", "green", "--reason", "x" * 257)
    assert result.exit_code == 2
    assert "ValidationError" in result.stderr
    assert place.platform.state.weights == ALL_BLUE


def test_a_move_that_fails_midway_says_where_it_stands(place: Place) -> None:
    run("switch", "--to", "green")
    place.platform.replace_action(
        "TEST_LISTENER_ARN", {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    )
    result = run("rollback")
    assert result.exit_code == 4
    assert "error: ListenerStateError: " in result.stderr
    assert "\n  weights now: blue 100, green 0\n  mend: look with `bluegreen status`" in result.stderr


def test_a_status_that_cannot_be_read_is_invalid_not_incomplete(place: Place) -> None:
    client = place.aws.client("lambda")
    without = {name: value for name, value in place.platform.environment.items() if name != "LISTENER_ARN"}
    client.update_function_configuration(FunctionName=FUNCTION, Environment={"Variables": without})
    try:
        result = run("status")
    finally:
        client.update_function_configuration(
            FunctionName=FUNCTION, Environment={"Variables": place.platform.environment}
        )
    assert result.exit_code == 2
    assert "the status could not be read. ConfigurationError: LISTENER_ARN is missing" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("switch",),
        ("switch", "--to", "red"),
        ("shift", "--to", "green"),
        ("shift", "--to", "green", "--percent", "101"),
        ("shift", "--to", "green", "--percent", "-1"),
        ("shift", "--to", "green", "--percent", "2.5"),
        ("status", "--output", "yaml"),
        ("status", "--deployment", "../../etc"),
        ("rollout",),
    ],
    ids=" ".join,
)
def test_wrong_usage_sends_nothing(arguments: tuple[str, ...], place: Place) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert place.platform.state.weights == ALL_BLUE


def test_a_function_can_be_named_instead_of_the_deployment(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in place.aws.environment({}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)  # nothing is synthesized here
    named = run(
        "status", "--function", FUNCTION, "--region", "us-east-1", "--endpoint-url", place.aws.endpoint
    )
    by_arn = run("status", "--function", f"arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}")
    assert (named.exit_code, by_arn.exit_code) == (0, 0)
    assert named.stdout.splitlines()[0] == f"function {FUNCTION} in us-east-1 ({place.aws.endpoint})"
