"""Keys of a service, combined: every stack that is made of them passes the policies."""

import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import embedded_aws
import pytest

from tests.gate.plan.conftest import plan_in
from tests.modules.service_choices import TAKEN, document, loaded, synthesized
from tests.workspaces import ROOT, stack_directory

pytestmark = pytest.mark.integration

COMBINATIONS, MANY_COMBINATIONS = 3, 8
FIREWALLED: Mapping[str, Any] = {
    "firewall": True,
    "egress": [
        {"domain": "api.acquirer.example", "reason": "acquirer Example Bank"},
        {"cidr": "203.0.113.0/24", "port": 8443, "colour": "green", "reason": "acquirer Sample Bank"},
        {"prefix_list": "pl-0123456789abcdef0", "port": 9443, "reason": "acquirer Third Bank"},
    ],
}
SERVERLESS = "database.instance_class", "database.capacity"
EXCLUDED = "slow_start_seconds", "balancing"  # either, not both


def combinations(many: int = COMBINATIONS) -> list[dict[str, Mapping[str, Any]]]:
    """By colour: first everything for both, then half of it at random."""
    draw = random.Random(MANY_COMBINATIONS)  # noqa: S311 - the same ones in each run
    found = [{colour: _without(EXCLUDED[0], TAKEN) for colour in ("blue", "green")}]
    for _ in range(many - 1):
        found.append(
            {
                colour: _without(
                    draw.choice(EXCLUDED), {key: value for key, value in TAKEN.items() if draw.random() < 0.5}
                )
                for colour in ("blue", "green")
            }
        )
    return found


def _without(left_out: str, choices: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = {key: value for key, value in choices.items() if key != left_out}
    if ("database.instance_class" in kept) != ("database.capacity" in kept):
        kept = {key: value for key, value in kept.items() if key not in SERVERLESS}
    return kept


def small(key: str, value: Any) -> Any:
    """For the tasks of a laptop, which have a quarter of a CPU."""
    if key == "service.containers":
        return [row | {"cpu": 32, "memory_mb": 64} for row in value]
    if key == "service.scaling_schedules":
        return value[:1]
    return value


@pytest.mark.long
def test_terraform_plans_everything_that_can_be_chosen_with_the_provider(tmp_path: Path) -> None:
    """A plan asks what a validation doesn't: the provider's checks of known values, and AWS's answers."""
    choices = {key: small(key, value) for key, value in combinations()[0]["blue"].items()}
    choices |= {"/availability_zones": [f"us-east-1{zone}" for zone in "abcde"], "/network": FIREWALLED}
    synthesized(tmp_path, loaded(tmp_path, document(choices, base="local"), "local"))

    with embedded_aws.running(tmp_path / "aws") as aws:
        plan = plan_in(stack_directory(tmp_path, "local"), aws)

    created = {
        change["type"] for change in plan["resource_changes"] if "create" in change["change"]["actions"]
    }
    assert {"aws_efs_mount_target", "aws_appautoscaling_scheduled_action"} <= created
    assert {"aws_networkfirewall_firewall", "aws_route53_resolver_firewall_rule"} <= created


@pytest.mark.parametrize("many", [COMBINATIONS, pytest.param(MANY_COMBINATIONS, marks=pytest.mark.long)])
def test_each_combination_passes_the_policies(tmp_path: Path, many: int) -> None:
    deployments = []
    for index, combined in enumerate(combinations(many)):
        content = document(combined["blue"], colours=("blue",))
        zones = [f"us-east-1{zone}" for zone in "abcde"[: 3 + index % 3]]
        content["availability_zones"] = zones
        content["network"] = FIREWALLED if index % 2 == 0 else {}
        content["colours"]["green"] = document(combined["green"], colours=("green",))["colours"]["green"]
        deployments.append(loaded(tmp_path / "config", content, name=f"c{index}"))
    synthesized(tmp_path, *deployments)

    result = subprocess.run(
        [sys.executable, "-m", "bluegreen", "scan", str(tmp_path / "cdktf.out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
