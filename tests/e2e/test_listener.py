"""What something else leaves at the load balancer: named, in the way of a shift, and repaired."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bluegreen.terraform.stream import Change
from tests.e2e.platform import Platform
from tests.terraform_commands import OF_PLAN, UNREFRESHED

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]

HTTPS = 443
ALL_BLUE, ALL_GREEN = {"blue": 100, "green": 0}, {"blue": 0, "green": 100}
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain"}}


@pytest.fixture
def on_green(on_blue: Platform) -> Iterator[Platform]:
    """All traffic on green, which got it from blue; whatever the test leaves, blue has it in the end."""
    on_blue.json("switch", "--to", "green")
    yield on_blue
    for rule in on_blue.elbv2.describe_rules(ListenerArn=on_blue.listener)["Rules"]:
        if not rule["IsDefault"]:
            on_blue.elbv2.delete_rule(RuleArn=rule["RuleArn"])


def planned(platform: Platform) -> tuple[Change, ...]:
    """What an apply would change of the listener and of what it refers to."""
    stack = json.loads(platform.stack.read_text())
    name = next(name for name, one in stack["resource"]["aws_lb_listener"].items() if one["port"] == HTTPS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(OF_PLAN, f"-target=aws_lb_listener.{name}")
        return platform.terraform.plan().changes


def edit(platform: Platform, action: dict[str, Any]) -> None:
    platform.elbv2.modify_listener(ListenerArn=platform.listener, DefaultActions=[action])


def taken(platform: Platform) -> str:
    """A rule that takes all traffic before the weights decide; its ARN."""
    created = platform.elbv2.create_rule(
        ListenerArn=platform.listener,
        Priority=5,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}],
        Actions=[{"Type": "forward", "TargetGroupArn": platform.groups["green"]}],
    )
    return str(created["Rules"][0]["RuleArn"])


@pytest.mark.long
def test_a_plan_is_made_beside_a_rule_that_takes_the_traffic(
    on_green: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(on_green)
    monkeypatch.setenv(OF_PLAN, UNREFRESHED)
    guarded = on_green.bluegreen("plan")
    assert guarded.returncode in (0, 2), guarded.stderr


@pytest.mark.long
def test_a_rule_that_takes_the_traffic(on_green: Platform) -> None:
    arn = taken(on_green)
    command = f"aws elbv2 delete-rule --rule-arn {arn}"

    status = on_green.bluegreen("status")
    assert f"    fix: {command}" in status.stdout.splitlines()
    assert on_green.bluegreen("preflight", "--to", "blue").returncode == 1
    refused = on_green.bluegreen("switch", "--to", "blue")
    assert (refused.returncode, command in refused.stderr) == (1, True)
    assert on_green.bluegreen("shift", "--to", "blue", "--steps", "100", "--yes").returncode == 1
    assert on_green.weights() == ALL_GREEN

    rollback = on_green.bluegreen("rollback")
    assert rollback.returncode == 4
    assert command in rollback.stdout
    assert on_green.weights() == ALL_BLUE

    on_green.elbv2.delete_rule(RuleArn=arn)
    assert on_green.json("status")["consistent"] is True
    again = on_green.bluegreen("rollback")
    assert again.returncode == 6
    assert "nothing moved" in again.stdout


@pytest.mark.long
def test_other_shapes_are_repaired_where_the_traffic_is(on_green: Platform) -> None:
    for action in (FIXED, {"Type": "forward", "TargetGroupArn": on_green.groups["green"]}):
        edit(on_green, action)
        refused = on_green.bluegreen("switch", "--to", "blue")
        assert refused.returncode == 1
        assert "bluegreen reconcile --repair --reason" in refused.stderr
        repaired = on_green.json("reconcile", "--repair", "--reason", "maintenance is over")
        assert (repaired["after"], repaired["findings"]) == (ALL_GREEN, [])
        assert on_green.weights() == ALL_GREEN
    assert on_green.json("status")["consistent"] is True
    assert planned(on_green) == ()  # the declared shape, to the last argument

    edit(on_green, FIXED)
    assert on_green.json("rollback")["after"] == ALL_BLUE
    assert on_green.weights() == ALL_BLUE
    assert planned(on_green) == ()
