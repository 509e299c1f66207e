"""`status`, `switch` and `rollback`: at once, without a workflow."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import NoCredentialsError

from bluegreen.aws import Access
from bluegreen.cli import rollback
from tests.bluegreen.cli.conftest import FUNCTION, Place, run
from tests.default_session import led_to

ALL_BLUE, ALL_GREEN = (100, 0), (0, 100)
IDENTITY = "arn:aws:iam::123456789012:user/operator"


def test_status_shows_both_colours(place: Place) -> None:
    result = run("status")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == f"function {FUNCTION} in us-east-1 ({place.aws.endpoint})"
    assert lines[4:6] == [
        "│ blue   │ active │    100 │           0 │ 3 of 3 healthy │",
        "│ green  │        │      0 │         100 │ 3 of 3 healthy │",
    ]
    assert "│ targets │ passed: 3 of 3 healthy │ passed: 3 of 3 healthy │" in lines


@pytest.mark.usefixtures("place")
def test_json_is_the_functions_result_and_nothing_else() -> None:
    status = json.loads(run("status", "--output", "json").stdout)
    assert status["weights"] == {"blue": 100, "green": 0}
    assert set(status["colours"]) == {"blue", "green"}
    moved = json.loads(run("switch", "--to", "green", "--output", "json").stdout)
    assert (moved["action"], moved["before"], moved["after"]) == (
        "switch",
        {"blue": 100, "green": 0},
        {"blue": 0, "green": 100},
    )


def test_switch_moves_all_traffic_and_rollback_brings_it_back(place: Place) -> None:
    there = run("switch", "--to", "green", "--reason", "release 42")
    assert there.exit_code == 0
    assert "│ green  │      0 │   100 │" in there.stdout
    assert "│ targets │ green  │ passed │ 3 of 3 healthy │ at least 1 │" in there.stdout
    assert place.weights == ALL_GREEN

    back = run("rollback")
    assert back.exit_code == 0
    assert "rollback: the traffic has moved" in back.stdout
    assert place.weights == ALL_BLUE


def test_a_move_says_who_asked_and_why(place: Place) -> None:
    run("switch", "--to", "green", "--reason", "release 42")
    (entry,) = place.state["history"]
    assert (entry["by"], entry["reason"]) == (IDENTITY, "release 42")


def test_without_credentials_to_prove_who_asks_nothing_is_asked(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_: Access, __: str) -> None:
        raise NoCredentialsError

    monkeypatch.setattr(Access, "signing", unknown)
    result = run("switch", "--to", "green")
    assert result.exit_code == 3
    assert "no proof of who asks. Unable to locate credentials" in result.stderr
    assert place.state["history"] == []


def test_each_attempt_has_a_proof_of_its_own(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.put(busy=2)
    monkeypatch.setattr(rollback, "AGAIN_SECONDS", 0.01)
    assert run("rollback", "--to", "blue").exit_code == 6
    entries = place.state["history"]
    assert [entry["by"] for entry in entries] == 3 * [IDENTITY]
    assert len({entry["id"] for entry in entries}) == 3


def test_switch_sets_a_share(place: Place) -> None:
    assert run("switch", "--to", "green", "--percent", "25").exit_code == 0
    assert place.weights == (75, 25)
    assert run("switch", "--to", "green", "--percent", "0").exit_code == 0
    assert place.weights == ALL_BLUE


def test_rollback_goes_to_where_the_traffic_came_from_and_nowhere_else(place: Place) -> None:
    run("switch", "--to", "green")
    refused = run("rollback", "--to", "green", "--force", "--reason", "fire")
    assert refused.exit_code == 1
    assert "RollbackRefusedError: green is not where the traffic came from" in refused.stderr
    assert place.weights == ALL_GREEN
    assert run("rollback", "--to", "blue").exit_code == 0
    assert place.weights == ALL_BLUE


def test_a_rollback_that_moves_nothing_says_so(place: Place) -> None:
    result = run("rollback")
    assert result.exit_code == 6
    assert "rollback: nothing moved, all traffic stays on blue" in result.stdout
    assert place.weights == ALL_BLUE
    assert json.loads(run("rollback", "--output", "json").stdout)["changed"] is False


RULE = {
    "reach": "production",
    "resource": "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/pay/1/2/3",
    "what": "a rule of the production listener (priority 5, path-pattern /*) forwards to green",
    "fix": "aws elbv2 delete-rule --rule-arn "
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/pay/1/2/3",
}


def test_a_rollback_is_no_success_while_clients_may_go_elsewhere(place: Place) -> None:
    run("switch", "--to", "green")
    place.put(findings=[RULE])
    result = run("rollback")
    assert place.weights == ALL_BLUE
    assert result.exit_code == 4
    lines = result.stdout.splitlines()
    assert "rollback: the traffic has moved, all of it is on blue" in lines
    heading = lines.index("Clients may go elsewhere than the weights say:")
    assert lines[heading + 1 : heading + 3] == [f"  {RULE['what']}", f"    fix: {RULE['fix']}"]


def test_what_is_wrong_with_the_test_listener_is_no_failure_of_a_rollback(place: Place) -> None:
    run("switch", "--to", "green")
    place.put(findings=[RULE | {"reach": "test"}])
    assert run("rollback").exit_code == 0


def test_a_repair_says_why_and_what_is_left(place: Place) -> None:
    assert run("reconcile", "--repair").exit_code == 2
    done = run("reconcile", "--repair", "--reason", "console")
    assert (done.exit_code, done.stdout) == (0, "Written: listener\n")
    place.put(findings=[RULE])
    left = run("reconcile", "--repair", "--reason", "console")
    assert left.exit_code == 4
    assert RULE["fix"] in left.stdout


@pytest.mark.usefixtures("place")
def test_a_repeated_switch_changes_nothing_and_says_so() -> None:
    run("switch", "--to", "green")
    again = run("switch", "--to", "green")
    assert again.exit_code == 0
    assert "switch: nothing to do, the traffic already stood there" in again.stdout


def test_a_colour_that_does_not_pass_is_refused_with_every_verdict(place: Place) -> None:
    place.set_health("green", "unhealthy")
    result = run("switch", "--to", "green")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "error: GatesNotPassedError: green does not pass its gates: targets: 0 of 3" in result.stderr
    assert "\n  targets of green: NOT PASSED, 0 of 3 healthy (needed: at least 1)\n" in result.stderr
    assert "\n  alarms of green: passed, OK (needed: OK)\n" in result.stderr
    assert "\n  state: production has blue 100, green 0\n" in result.stderr
    assert place.weights == ALL_BLUE


def test_rollback_waits_for_a_request_that_is_just_running(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollback, "AGAIN_SECONDS", 0.01)
    run("switch", "--to", "green")
    place.put(busy=2)
    result = run("rollback")
    assert result.exit_code == 0
    assert result.stderr.count("request other holds the lock until 2026-11-25T18:00:00.000Z") == 1
    assert result.stderr.count("trying again") == 1
    assert place.weights == ALL_BLUE


def test_rollback_does_not_wait_longer_than_it_is_told(place: Place) -> None:
    run("switch", "--to", "green")
    place.put(busy=1)
    result = run("rollback", "--wait", "0")
    assert result.exit_code == 1
    assert "error: LockedError: request other holds the lock until" in result.stderr
    assert place.weights == ALL_GREEN


def test_other_moves_do_not_wait_for_the_lock(place: Place) -> None:
    place.put(busy=1)
    result = run("switch", "--to", "green")
    assert (result.exit_code, place.weights) == (1, ALL_BLUE)


def test_force_needs_a_reason_and_gets_past_dead_targets(place: Place) -> None:
    run("switch", "--to", "green")
    place.set_health("blue", "unhealthy")
    assert run("rollback").exit_code == 1
    silent = run("rollback", "--force")
    assert (silent.exit_code, place.weights) == (2, ALL_GREEN)
    assert "--force needs a --reason" in silent.stderr
    assert run("rollback", "--force", "--reason", "green burns").exit_code == 0
    assert place.weights == ALL_BLUE


def test_a_status_that_cannot_be_read_is_invalid_not_incomplete(place: Place) -> None:
    place.put(frozen="not what it should be")
    result = run("status")
    assert result.exit_code == 2
    assert "the status could not be read. TypeError" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("switch",),
        ("switch", "--to", "red"),
        ("switch", "--to", "green", "--percent", "101"),
        ("switch", "--to", "green", "--percent", "-1"),
        ("switch", "--to", "green", "--percent", "2.5"),
        ("shift", "--to", "green"),
        ("rollback", "--wait", "soon"),
        ("freeze",),
        ("history", "--limit", "51"),
        ("preflight",),
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
    assert place.state["history"] == []


def test_a_function_can_be_named_instead_of_the_deployment(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    led_to(place.aws, monkeypatch)
    monkeypatch.chdir(tmp_path)  # nothing is synthesized here
    named = run(
        "status", "--function", FUNCTION, "--region", "us-east-1", "--endpoint-url", place.aws.endpoint
    )
    by_arn = run("status", "--function", f"arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}")
    assert (named.exit_code, by_arn.exit_code) == (0, 0)
    assert named.stdout.splitlines()[0] == f"function {FUNCTION} in us-east-1 ({place.aws.endpoint})"


def test_a_share_is_held_for_as_long_as_asked(place: Place) -> None:
    result = run("switch", "--to", "green", "--percent", "25", "--for", "10m")
    assert (result.exit_code, place.weights) == (0, (75, 25))
    assert "Held until " in result.stdout
    assert "Follow it with `bluegreen follow share-" in result.stdout


@pytest.mark.parametrize("share", [(), ("--percent", "0"), ("--percent", "100")])
def test_all_the_traffic_is_held_for_no_time(share: tuple[str, ...]) -> None:
    result = run("switch", "--to", "green", *share, "--for", "10m")
    assert result.exit_code == 2
    assert "--for needs a --percent from 1 to 99" in " ".join(result.stderr.replace("│", " ").split())
