"""The guard and what runs the colours: a new image goes to the inactive colour."""

import json
from pathlib import Path

import pytest
from stack_gate.plan.judge import ACTIVE_COLOUR, SHARED, STATE

from tests.gate.plan.plans import Edit, judged, refused

pytestmark = pytest.mark.xdist_group("plan")

DEFINITION, SERVICE = "aws_ecs_task_definition", "aws_ecs_service"
ACL = "aws_wafv2_web_acl"


def new_image(edit: Edit, colour: str) -> set[str]:
    """What Terraform plans for another digest: a new revision, and the service that uses it."""
    definition, service = edit.named(DEFINITION, colour), edit.named(SERVICE, colour)
    edit.act(definition, "delete", "create")
    change = edit.change(definition)
    (container,) = json.loads(change["before"]["container_definitions"])
    container["image"] = container["image"].partition("@")[0] + "@sha256:" + 64 * "d"
    change["after"] = change["before"] | {"container_definitions": json.dumps([container])}
    edit.unknown(service, task_definition=True)
    return {definition, service}


def test_a_new_image_for_the_inactive_colour(edit: Edit, tmp_path: Path) -> None:
    new_image(edit, "green")
    assert refused(judged(edit.write(tmp_path))) == set()


def test_a_new_image_for_the_active_colour(edit: Edit, tmp_path: Path) -> None:
    changed = new_image(edit, "blue")
    assert refused(judged(edit.write(tmp_path))) == {(ACTIVE_COLOUR, address) for address in changed}


@pytest.mark.parametrize(
    ("type_", "part", "arguments"),
    [
        ("aws_appautoscaling_target", "", {"max_capacity": 1}),
        ("aws_appautoscaling_policy", "requests", {"target_tracking_scaling_policy_configuration": []}),
        ("aws_ecs_cluster", "", {"setting": []}),
        ("aws_iam_role_policy", "fargate_application", {"policy": "{}"}),
        ("aws_iam_role_policy", "fargate_execution", {"policy": "{}"}),
        ("aws_cloudwatch_log_group", "fargate_logs", {"retention_in_days": 400}),
    ],
)
def test_what_belongs_to_a_colour(
    edit: Edit, tmp_path: Path, type_: str, part: str, arguments: dict[str, object]
) -> None:
    for colour in ("blue", "green"):
        edit.update(edit.named(type_, colour, part), **arguments)
    assert refused(judged(edit.write(tmp_path))) == {(ACTIVE_COLOUR, edit.named(type_, "blue", part))}


def test_the_repository_outlives_its_code(edit: Edit, tmp_path: Path) -> None:
    address = edit.named("aws_ecr_repository")
    edit.act(address, "delete")
    assert refused(judged(edit.write(tmp_path))) == {(STATE, address), (SHARED, address)}


def test_images_that_run_are_not_expired_by_the_way(edit: Edit, tmp_path: Path) -> None:
    address = edit.named("aws_ecr_lifecycle_policy")
    edit.update(address, policy="{}")
    assert refused(judged(edit.write(tmp_path))) == {(SHARED, address)}


def test_the_web_firewall_is_shared(edit: Edit, tmp_path: Path) -> None:
    association = edit.named("aws_wafv2_web_acl_association")
    edit.act(association, "delete").update(edit.named(ACL), default_action=[{"block": [{}], "allow": []}])
    assert refused(judged(edit.write(tmp_path))) == {(SHARED, association), (SHARED, edit.named(ACL))}


def test_the_rules_of_the_web_firewall_may_change(edit: Edit, tmp_path: Path) -> None:
    edit.update(edit.named(ACL), rule=[])
    assert refused(judged(edit.write(tmp_path))) == set()
