"""The guard and a listener that something else gave another shape: Terraform ignores its target groups, so a
plan shows no change, and nothing tells which colour serves.
"""

from pathlib import Path
from typing import Any

import pytest
from stack_gate import ExitCode, Report
from stack_gate.plan import Live, guard
from stack_gate.plan.judge import SHARED

from tests.gate.plan.plans import TODAY, Edit, judged, refused

pytestmark = pytest.mark.xdist_group("plan")

LISTENER = "aws_lb_listener"
PRODUCTION, TEST = "https", "test"
STRANGER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/stranger/0123456789abcdef"
FIXED = {"type": "fixed-response", "forward": [], "fixed_response": [{"status_code": "503"}]}


def forward(edit: Edit, *weights: tuple[str, int]) -> dict[str, Any]:
    """As the provider reads it. A group is a colour's, or an ARN."""
    groups = [
        {"arn": edit.change(edit.named("aws_lb_target_group", name))["before"]["arn"], "weight": weight}
        if name in ("blue", "green")
        else {"arn": name, "weight": weight}
        for name, weight in weights
    ]
    return {"type": "forward", "forward": [{"target_group": groups, "stickiness": []}]}


def leave(edit: Edit, which: str, action: dict[str, Any]) -> str:
    """The listener as Terraform read it before it planned, and would leave it."""
    address = edit.named(LISTENER, which)
    change = edit.change(address)
    change["before"] |= {"default_action": [action]}
    change["after"] |= {"default_action": [action]}
    return address


def unjudged(report: Report) -> str:
    assert report.exit_code is ExitCode.NOT_EVALUATED
    (problem,) = report.errors
    assert problem.fix == "run `bluegreen reconcile --repair --reason …`, then plan again"
    return problem.message


@pytest.mark.parametrize("active", ["blue", "green"])
def test_a_third_group(edit: Edit, tmp_path: Path, active: str) -> None:
    for which in (PRODUCTION, TEST):
        leave(edit, which, forward(edit, ("blue", 10), ("green", 80), (STRANGER, 10)))
        message = unjudged(judged(edit.write(tmp_path), active))
        assert "stranger" in message


def test_a_plain_forward(edit: Edit, tmp_path: Path) -> None:
    address = leave(edit, PRODUCTION, forward(edit, ("green", 1)))
    assert f"{address}, that does not forward by weight" in unjudged(judged(edit.write(tmp_path), "green"))


def test_a_response_of_its_own(edit: Edit, tmp_path: Path) -> None:
    """`terraform apply` would put the forward back, with all traffic on blue."""
    address = leave(edit, PRODUCTION, FIXED)
    edit.change(address)["after"]["default_action"] = [forward(edit, ("blue", 100), ("green", 0))]
    edit.change(address)["actions"] = ["update"]
    message = unjudged(judged(edit.write(tmp_path)))
    assert f"{address}, that does not forward by weight (fixed-response)" in message


def test_a_strangers_group_in_the_place_of_one(edit: Edit, tmp_path: Path) -> None:
    leave(edit, PRODUCTION, forward(edit, (STRANGER, 0), ("green", 100)))
    assert "stranger" in unjudged(judged(edit.write(tmp_path), "green"))


def test_weights_that_do_not_sum_to_a_hundred_tell_who_serves(edit: Edit, tmp_path: Path) -> None:
    leave(edit, PRODUCTION, forward(edit, ("blue", 0), ("green", 1)))
    assert refused(judged(edit.write(tmp_path), "green")) == set()


def test_what_an_apply_would_change_of_the_test_listener_is_refused(edit: Edit, tmp_path: Path) -> None:
    address = leave(edit, TEST, FIXED)
    edit.change(address)["after"]["default_action"] = [forward(edit, ("blue", 0), ("green", 100))]
    edit.change(address)["actions"] = ["update"]
    assert refused(judged(edit.write(tmp_path))) == {(SHARED, address)}


def test_a_deleted_test_listener_may_be_made_anew(edit: Edit, tmp_path: Path) -> None:
    edit.act(edit.named(LISTENER, TEST), "create")
    assert refused(judged(edit.write(tmp_path))) == set()


def test_without_a_production_listener_nothing_is_judged(edit: Edit, tmp_path: Path) -> None:
    edit.act(edit.named(LISTENER, PRODUCTION), "create")
    for active in ("blue", "green"):
        report = judged(edit.write(tmp_path), active)
        assert report.exit_code is ExitCode.NOT_EVALUATED
        assert "production listener does not exist" in report.errors[0].message


def test_what_the_switch_function_finds_besides_the_weights(edit: Edit, tmp_path: Path) -> None:
    """A rule is no drift: only the function sees it."""
    rule = ("a rule of the production listener forwards to green", "aws elbv2 delete-rule --rule-arn arn")
    live = Live("blue", {"blue": 100, "green": 0}, [rule])
    report = guard(edit.write(tmp_path), active=None, read_live=lambda: live, allowances={}, today=TODAY)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    (problem,) = report.errors
    assert rule[0] in problem.message
    assert problem.fix == f"{rule[1]}; then plan again"
