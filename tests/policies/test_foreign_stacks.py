"""Stacks that this project did not write: no policy breaks on them, and none passes what it can't see."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.policies import harness
from tests.policies.harness import Document, body, name_like

pytestmark = pytest.mark.integration  # no process, but scans of whole stacks

JUNK = [5, True, "", [], {}, "text", "${aws_nothing.here.arn}", ["a", "b"]]


def replaced(value: Any, junk: Any) -> Any:
    """Every argument of every block with junk in its place, but for nested blocks, in which it goes on."""
    if isinstance(value, dict):
        return {key: replaced(item, junk) for key, item in value.items() if key != "//"}
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [replaced(item, junk) for item in value]
    return junk


@pytest.mark.usefixtures("pack")
@pytest.mark.sampled(4)
@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_no_policy_breaks(junk: Any, original: Document, place: Path) -> None:
    document = original | {
        "resource": {
            type_: {name: replaced(body, junk) for name, body in bodies.items()}
            for type_, bodies in original["resource"].items()
        },
        "output": {name: {"value": junk} for name in original["output"]},
    }
    report = harness.evaluate(document, place)
    assert [problem.message for problem in report.errors if "raises" in problem.message] == []
    assert len(harness.pairs(report)) > 30


@pytest.mark.usefixtures("pack")
def test_a_stack_of_something_else_lacks_everything(place: Path) -> None:
    report = harness.evaluate({"resource": {"random_pet": {"name": {"length": 2}}}}, place)
    assert [problem.resource for problem in report.errors] == ["random_pet.name"]
    assert {finding.resource for finding in report.findings} == {harness.STACK}
    absent = {finding.requirement for finding in report.findings}
    assert {"R02", "R03", "R07", "R08", "R11", "R27", "R34", "R35", "R36"} <= absent


@pytest.mark.usefixtures("pack")
def test_resources_may_be_named_instead_of_referred_to(
    original: Document,
    place: Path,
) -> None:
    """The role of the switch by its name, inline policies, its function told the parameter's name."""
    document = copy.deepcopy(original)
    roles = document["resource"]["aws_iam_role"]
    name = name_like(document, "aws_iam_role", "switching_switch")
    own = document["resource"]["aws_iam_role_policy"]
    inline = [own.pop(key) for key in sorted(own) if own[key]["role"] == f"${{aws_iam_role.{name}.id}}"]
    roles[name]["name"] = "mover"
    roles[name]["inline_policy"] = [{"name": entry["name"], "policy": entry["policy"]} for entry in inline]
    function = body(document, "aws_lambda_function", "switching_switch")
    function["role"] = f"${{aws_iam_role.{name}.arn}}"
    report = harness.evaluate(document, place)
    assert report.errors == ()
    assert {pair for pair in harness.pairs(report) if pair[0] in ("CKV2_BG_5", "CKV2_BG_7")} == set()


@pytest.mark.usefixtures("pack")
@pytest.mark.parametrize("spelling", [("false", "true"), ("0", "1")], ids=["words", "digits"])
def test_booleans_may_be_strings(spelling: tuple[str, str], original: Document, place: Path) -> None:
    """Terraform converts them."""

    def respelt(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: item if key == "//" else respelt(item) for key, item in value.items()}
        if isinstance(value, list):
            return [respelt(item) for item in value]
        return spelling[value] if isinstance(value, bool) else value

    report = harness.evaluate(original | {"resource": respelt(original["resource"])}, place)
    assert (harness.pairs(report), report.errors) == (set(), ())


@pytest.mark.usefixtures("pack")
@pytest.mark.parametrize("blocks", ["nested", "listed"])
def test_nested_blocks_are_read_in_both_spellings(
    blocks: str,
    original: Document,
    place: Path,
) -> None:
    """CDKTF writes one block as an object or as a list of one; other generators the other way round."""

    def respelt(value: Any, depth: int = 0) -> Any:
        if isinstance(value, dict):
            return {
                k: v if k in ("tags", "variables", "//") else respelt(v, depth + 1) for k, v in value.items()
            }
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and blocks == "nested":
            return respelt(value[0], depth)
        return value

    document = original | {"resource": respelt(copy.deepcopy(original["resource"]))}
    if blocks == "listed":
        for listener in document["resource"]["aws_lb_listener"].values():
            for action in listener["default_action"]:
                for key in {"forward", "redirect"} & set(action):
                    action[key] = [action[key]]
        for group in document["resource"]["aws_lb_target_group"].values():
            group["health_check"] = [group["health_check"]]
    report = harness.evaluate(document, place)
    assert report.errors == ()
    assert harness.pairs(report) == set()
