"""One cluster for both colours is protected whichever is active."""

import tomllib
from pathlib import Path
from typing import Any

import embedded_aws
import pytest

from tests.gate.plan.conftest import plan_in
from tests.gate.plan.plans import Document, Edit, judged, refused, settled
from tests.modules.service_choices import loaded, synthesized
from tests.workspaces import ROOT, stack_directory

pytestmark = pytest.mark.xdist_group("plan")

CLUSTER, INSTANCE = "aws_rds_cluster", "aws_rds_cluster_instance"


@pytest.fixture(scope="module")
def after(aws: embedded_aws.LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The local deployment with `shared = true`, applied, with nothing to do."""
    content: dict[str, Any] = tomllib.loads((ROOT / "config" / "local.toml").read_text(encoding="utf-8"))
    content["shared"] = True
    content["colours"]["green"]["database"] = content["colours"]["blue"]["database"]
    directory = tmp_path_factory.mktemp("shared-plan")
    synthesized(directory, loaded(directory, content, "local"))
    return settled(plan_in(stack_directory(directory, "local"), aws))


@pytest.fixture(params=["blue", "green"])
def active(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shared(after: Document, active: str) -> Edit:
    edit = Edit(after)
    change = edit.change(edit.named("aws_lb_listener", "https"))
    for values in (change["before"], change["after"]):
        for group in values["default_action"][0]["forward"][0]["target_group"]:
            group["weight"] = 100 * (active in group["arn"])
    return edit


def test_nothing_to_do_is_let_through(shared: Edit, tmp_path: Path, active: str) -> None:
    assert refused(judged(shared.write(tmp_path), active)) == set()


@pytest.mark.parametrize("actions", [("delete",), ("delete", "create"), ("create", "delete")])
def test_the_cluster_stays(shared: Edit, tmp_path: Path, active: str, actions: tuple[str, ...]) -> None:
    address = shared.named(CLUSTER)
    shared.act(address, *actions)
    assert address in {found for _, found in refused(judged(shared.write(tmp_path), active))}


@pytest.mark.parametrize(
    ("part", "arguments"),
    [
        ((CLUSTER,), {"engine_version": "8.0.mysql_aurora.3.11.0"}),
        ((INSTANCE, "-1_"), {"instance_class": "db.r6g.xlarge"}),
    ],
)
def test_what_restarts_it_is_refused(
    shared: Edit, tmp_path: Path, active: str, part: tuple[str, ...], arguments: dict[str, str]
) -> None:
    address = shared.named(*part)
    shared.update(address, **arguments)
    assert address in {found for _, found in refused(judged(shared.write(tmp_path), active))}


def test_the_inactive_colours_tasks_may_change(shared: Edit, tmp_path: Path, active: str) -> None:
    inactive = {"blue": "green", "green": "blue"}[active]
    shared.update(shared.named("aws_ecs_service", inactive), health_check_grace_period_seconds=90)
    assert refused(judged(shared.write(tmp_path), active)) == set()
