"""The whole road: synthesize, scan, apply to the embedded AWS, switch, plan, roll back, take down."""

import json

import pytest

from tests.e2e.platform import Platform
from tests.e2e.test_secrets import passwords

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]


def test_it_starts_on_blue_with_healthy_targets_on_both_colours(on_blue: Platform) -> None:
    status = on_blue.json("status")

    assert status["active"] == status["recorded_active"] == "blue"
    assert status["test_weights"] == {"blue": 0, "green": 100}
    assert {name: (colour["healthy"], colour["total"]) for name, colour in status["colours"].items()} == {
        "blue": (3, 3),
        "green": (3, 3),
    }
    assert status["consistent"] is True
    for image in status["images"].values():
        assert (image["rollout"]["state"], image["problems"]) == ("COMPLETED", [])


def test_a_switch_moves_the_traffic_and_no_apply_moves_it_back(on_blue: Platform) -> None:
    moved = on_blue.json("switch", "--to", "green", "--reason", "end-to-end test")
    assert moved["after"] == {"blue": 0, "green": 100}
    parameter = on_blue.outputs["active_environment_parameter"]
    recorded = on_blue.aws.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]
    assert recorded == "green"

    again = on_blue.json("local", "up")
    printed = json.dumps(again)
    secrets = {on_blue.aws.token, on_blue.aws.credentials.secret_access_key, *passwords(on_blue)}
    assert [secret for secret in secrets if secret in printed] == []
    assert again["changed"] is False
    assert again["resources"] == {"added": 0, "changed": 0, "removed": 0}
    assert on_blue.weights() == {"blue": 0, "green": 100}
    outputs = on_blue.terraform.output()
    assert outputs["active_environment"] == outputs["connection_info"]["active_environment"] == "green"
    migration = json.loads(outputs["migration_status"])
    assert (migration["status"], migration["target"]) == ("completed", "green")
    assert migration["reason"] == "end-to-end test"

    back = on_blue.json("rollback")
    assert back["after"] == {"blue": 100, "green": 0}
    assert on_blue.json("status")["active"] == "blue"


def test_a_colour_without_healthy_targets_gets_no_traffic(on_blue: Platform) -> None:
    assert on_blue.bluegreen("local", "health", "--colour", "green", "--state", "unhealthy").returncode == 0

    refused = on_blue.bluegreen("switch", "--to", "green")

    assert refused.returncode == 1
    assert "targets of green: 0 of 3 healthy" in refused.stderr
    assert on_blue.weights() == {"blue": 100, "green": 0}


def test_a_part_of_the_traffic_can_be_shifted_and_rolled_back(on_blue: Platform) -> None:
    part = on_blue.json("switch", "--to", "green", "--percent", "25")
    assert part["after"] == {"blue": 75, "green": 25}
    assert part["active"] == "blue"
    assert on_blue.weights() == part["after"]

    on_blue.json("rollback")
    assert on_blue.weights() == {"blue": 100, "green": 0}
