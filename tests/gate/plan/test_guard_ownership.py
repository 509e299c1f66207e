"""Whose a resource is. The construct paths, which the guard does not look at, say what is right."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from stack_gate.plan import document, traffic
from stack_gate.plan import owners as plan_owners
from stack_gate.stack import ownership
from stack_gate.stack.ownership import SHARED

from tests.gate.plan.plans import Edit, expected

pytestmark = pytest.mark.xdist_group("plan")

A, B, BOTH = frozenset({"blue"}), frozenset({"green"}), frozenset({"blue", "green"})


def owned(path: Path) -> dict[str, frozenset[str]]:
    plan = document.read(path)
    found = plan_owners.read(plan, traffic.read(plan))
    return {change.address: found.of(change) for change in plan.changes}


def test_of_the_whole_platform(edit: Edit, tmp_path: Path) -> None:
    found = owned(edit.write(tmp_path))
    assert {a for a, colours in found.items() if colours != expected(a)} == set()
    assert sum(colours == {"blue"} for colours in found.values()) > 30


def test_no_name_matters(edit: Edit, tmp_path: Path) -> None:
    """Every name and address turned around: blue's resources are called green, and the other way round."""
    swap = {"blue": "green", "green": "blue"}
    text = json.dumps(edit.document)
    kept = re.compile(r'"(BLUE|GREEN)_TG_ARN"|"Colour": "(blue|green)"')
    swapped = re.sub(rf"({kept.pattern})|(blue|green)", lambda m: m[1] or swap[m[4]], text)
    edit.document = json.loads(swapped)
    found = owned(edit.write(tmp_path))
    right = {a: frozenset(swap[c] for c in expected(a)) for a in found}
    assert {a for a, colours in found.items() if colours != right[a]} == set()


def test_without_tags_by_the_target_groups_alone(edit: Edit, tmp_path: Path) -> None:
    """Then a cluster is nobody's, for all that the plan tells; the rules on its type hold."""
    for entry in edit.document["resource_changes"]:
        for values in (entry["change"]["before"], entry["change"]["after"]):
            values |= {"tags": None, "tags_all": None}
    found = owned(edit.write(tmp_path))
    assert found[edit.named("aws_lb_target_group", "blue")] == {"blue"}
    assert found[edit.named("aws_rds_cluster", "blue")] == SHARED


def test_instances_of_one_block_are_told_apart_by_their_tags(edit: Edit, tmp_path: Path) -> None:
    """A cluster with for_each over the colours, and an alarm on either: whose it is, nothing tells."""
    blocks = edit.document["configuration"]["root_module"]["resources"]
    for colour in ("blue", "green"):
        address = edit.named("aws_rds_cluster", f"{colour}-database_cluster")
        edit.entry(address)["address"] = f'aws_rds_cluster.each["{colour}"]'
        (block,) = (block for block in blocks if block["address"] == address)
        block["address"] = "aws_rds_cluster.each"
    (instance,) = (b for b in blocks if b["address"] == edit.named("aws_rds_cluster_instance", "blue", "-1_"))
    for values in (edit.entry(instance["address"])["change"][when] for when in ("before", "after")):
        values |= {"tags": None, "tags_all": None}
    instance["expressions"]["cluster_identifier"] = {"references": ["aws_rds_cluster.each"]}
    found = owned(edit.write(tmp_path))
    assert found['aws_rds_cluster.each["blue"]'] == A
    assert found['aws_rds_cluster.each["green"]'] == B
    assert found[instance["address"]] == BOTH


def test_a_resource_that_the_code_no_longer_has(edit: Edit, tmp_path: Path) -> None:
    instance = edit.named("aws_rds_cluster_instance", "green", "instance-2")
    rule = edit.named("aws_vpc_security_group_ingress_rule", "load-balancer_green")
    route = edit.named("aws_route", "public")
    for address in (instance, rule, route):
        edit.act(address, "delete").unconfigured(address)
    found = owned(edit.write(tmp_path))
    assert [found[address] for address in (instance, rule, route)] == [B, B, SHARED]


COLOURS = {"tg_a": A, "tg_b": B}
LISTENER = {"listener": {"tg_a", "tg_b", "lb"}}
# what refers to what → whose it is
CASES: dict[str, tuple[Any, Any]] = {
    "what refers to a colour's": ({"alarm": {"tg_a"}}, {"alarm": A}),
    "what refers to both": ({"switch": {"tg_a", "tg_b"}}, {"switch": SHARED}),
    "what both use": ({"tg_a": {"vpc"}, "tg_b": {"vpc"}}, {"vpc": SHARED}),
    "what one uses": ({"tg_a": {"logs"}}, {"logs": A}),
    "what one uses, and something shared": (
        LISTENER | {"tg_a": {"key"}, "topic": {"key"}, "policy": {"topic"}, "lb": {"topic"}},
        {"key": SHARED, "topic": SHARED, "policy": SHARED},
    ),
    "what is connected through rules": (
        LISTENER
        | {"tg_a": {"db"}, "rule": {"db", "app"}, "entry": {"app", "group"}, "lb": {"group"}}
        | {"tg_b": {"db_b"}, "rule_b": {"db_b", "app_b"}, "entry_b": {"app_b", "group"}},
        {"db": A, "rule": A, "app": A, "entry": A, "group": SHARED, "app_b": B, "entry_b": B},
    ),
    "a rule between the colours": (
        {"tg_a": {"db"}, "tg_b": {"db_b"}, "rule": {"db", "db_b"}},
        {"rule": SHARED},
    ),
    "behind a shared one": ({"between": {"tg_a", "tg_b"}, "on": {"between"}}, {"on": SHARED}),
    "unconnected": ({"island": {"alone"}}, {"alone": SHARED, "island": SHARED}),
}


@pytest.mark.parametrize(("references", "right"), CASES.values(), ids=CASES)
def test_from_what_refers_to_what(references: Any, right: Any) -> None:
    found = owners(references, COLOURS)
    assert {name: found[name] for name in right} == right


def test_a_resource_of_its_own_colour_may_refer_to_the_other_colour() -> None:
    assert owners({"replica": {"tg_a"}}, COLOURS | {"replica": B})["replica"] == B


def test_what_refers_to_a_block_of_both_colours_may_be_either_s() -> None:
    assert owners({"instance": {"cluster"}}, COLOURS | {"cluster": BOTH})["instance"] == BOTH


def owners(references: Any, anchors: Any) -> dict[str, frozenset[str]]:
    named = {*anchors, *references, *(name for found in references.values() for name in found)}
    found = {name: frozenset(references.get(name, ())) for name in named}
    return ownership.owners(found, anchors, {})
