"""Changes to one colour of the applied platform: what Terraform plans, and what the guard says to it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bluegreen.terraform import Plan, Terraform
from lambda_src.contract.aliases import Alias
from tests.e2e.platform import Platform
from tests.workspaces import stack_directory, synthesize

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]

CONFIGURATION = Path("config", "local.toml")


class Planner:
    """Plans with a changed configuration; nothing is applied."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.file = platform.workspace / "plan.json"

    def plan(self, colour: str, key: str, value: str) -> Plan:
        """The plan after `key` of the colour's database was given another value; also in `self.file`."""
        self.configure(colour, key, value)
        terraform: Terraform = self.platform.terraform
        plan = terraform.plan(self.platform.workspace / "tfplan")
        self.file.write_text(json.dumps(terraform.show(self.platform.workspace / "tfplan")))
        return plan

    def configure(self, colour: str, key: str, value: str) -> None:
        """Give `key` of the colour's database another value, and synthesize."""
        path = self.platform.workspace / CONFIGURATION
        text, count = re.subn(
            rf"(\[colours\.{colour}\.database\](?:(?!\n\[).)*?\n{key} = )[^\n]*",
            rf"\g<1>{value}",
            path.read_text(),
            flags=re.DOTALL,
        )
        assert count == 1
        path.write_text(text)
        synthesized = synthesize(self.platform.workspace, DEPLOYMENT="local")
        assert synthesized.returncode == 0, synthesized.stderr


@pytest.fixture
def planner(platform: Platform) -> Iterator[Planner]:
    """Afterwards the configuration and the synthesized stack are as they were."""
    files = [platform.workspace / CONFIGURATION, platform.stack]
    before = [file.read_bytes() for file in files]
    yield Planner(platform)
    for file, content in zip(files, before, strict=True):
        file.write_bytes(content)


def refused(platform: Platform) -> dict[str, str]:
    """Address → policy, of a plan that the guard refuses; it reads live which colour serves."""
    result = platform.bluegreen("guard", "plan.json", "--format", "json=-")
    assert result.returncode == 1, result.stdout + result.stderr
    return {finding["resource"]: finding["policy"] for finding in json.loads(result.stdout)["findings"]}


@pytest.mark.long
def test_the_inactive_colour_may_grow_by_an_instance(planner: Planner) -> None:
    plan = planner.plan("green", "instance_count", "3")

    assert [change.action for change in plan.changes if change.address.startswith("aws_rds")] == ["create"]
    # Nothing of blue; of what is shared, the switch, which has to know each instance that its gates ask for:
    # the function that changes, with its aliases, and the one that reads.
    others = {c.address.rpartition("_")[0]: c.action for c in plan.changes if "green" not in c.address}
    assert others == {
        **{f"aws_iam_role_policy.switching_{name}_calls": "update" for name in ("switch", "read")},
        **{f"aws_lambda_function.switching_{name}_function": "update" for name in ("switch", "read")},
        **{f"aws_lambda_alias.switching_switch_{alias}": "update" for alias in Alias},
    }
    scanned = planner.platform.bluegreen(
        "scan", "--plan", "plan.json", "--stack", str(stack_directory(planner.platform.workspace, "local"))
    )
    assert scanned.returncode == 0, scanned.stdout + scanned.stderr
    guarded = planner.platform.bluegreen("guard", "plan.json")
    assert guarded.returncode == 0, guarded.stdout + guarded.stderr


@pytest.mark.long
def test_the_active_colour_s_engine_may_not_be_upgraded(planner: Planner) -> None:
    plan = planner.plan("blue", "engine_version", '"8.0.mysql_aurora.3.10.4"')

    assert {change.action for change in plan.changes} == {"update"}
    assert {"blue" in change.address and "green" not in change.address for change in plan.changes} == {True}
    assert refused(planner.platform) == {change.address: "BG_GUARD_ACTIVE_COLOUR" for change in plan.changes}


@pytest.mark.long
def test_after_a_switch_it_is_the_other_way_round(planner: Planner) -> None:
    switched = planner.platform.bluegreen("switch", "--to", "green")
    assert switched.returncode == 0, switched.stderr
    try:
        plan = planner.plan("green", "engine_version", '"8.0.mysql_aurora.3.10.4"')
        assert refused(planner.platform) == {
            change.address: "BG_GUARD_ACTIVE_COLOUR" for change in plan.changes
        }
    finally:
        back = planner.platform.bluegreen("switch", "--to", "blue")
    assert back.returncode == 0, back.stderr
    stale = planner.platform.bluegreen("guard", "plan.json")
    assert (stale.returncode, "now it has blue 100, green 0" in stale.stdout) == (2, True)


@pytest.mark.long
def test_an_approved_plan_is_guarded_again_before_it_is_applied(on_blue: Platform, planner: Planner) -> None:
    planner.configure("green", "engine_version", '"8.0.mysql_aurora.3.10.4"')
    name = on_blue.json("plan")["plan"]
    assert on_blue.bluegreen("guard", "cdktf.out/stacks/local/plan.json").returncode == 0
    moved = on_blue.bluegreen("switch", "--to", "green")
    assert moved.returncode == 0, moved.stderr

    result = on_blue.bluegreen("apply", name)

    assert result.returncode == 2, result.stdout + result.stderr
    assert "was made when production had blue 100, green 0; now it has blue 0, green 100" in result.stdout
    clusters = on_blue.aws.client("rds").describe_db_clusters()["DBClusters"]
    assert {cluster["EngineVersion"] for cluster in clusters} == {"8.0.mysql_aurora.3.10.3"}
