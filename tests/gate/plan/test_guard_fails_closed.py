"""What can't be judged is not let through: exit code 2, with the reason."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stack_gate import ExitCode, Report
from stack_gate.plan import Live, guard

from tests.gate.plan.conftest import Planned
from tests.gate.plan.plans import TODAY, Document, Edit, judged, refused

pytestmark = pytest.mark.xdist_group("plan")


def reason(report: Report) -> str:
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert report.findings == ()
    (problem,) = report.errors
    assert problem.fix
    return problem.message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        ("{}", "format version None"),
        ('{"format_version": "2.0"}', "format version '2.0'"),
        ('{"format_version": "1.0", "values": {}}', "no configuration"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_file_that_is_no_plan(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    assert why in reason(judged(path))


def test_no_file(tmp_path: Path) -> None:
    assert "can't be read" in reason(judged(tmp_path / "plan.json"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"errored": True}, "a planning that failed"),
        ({"errored": None}, "a planning that failed"),
        ({"complete": False}, "not complete"),
        ({"complete": None}, "not complete"),
        ({"deferred_changes": [{"reason": "unknown"}]}, "deferred_changes"),
        ({"action_invocations": [{"address": "action.x"}]}, "action_invocations"),
        ({"resource_changes": [{"address": "x"}]}, "is no plan of Terraform"),
        ({"resource_changes": [{"address": "x", "change": {"actions": ["levitate"]}}]}, "levitate"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_plan_that_is_not_whole(edit: Edit, tmp_path: Path, change: Document, why: str) -> None:
    edit.document |= change
    assert why in reason(judged(edit.write(tmp_path)))


def without(type_: str) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        edit.document["resource_changes"] = [
            entry for entry in edit.document["resource_changes"] if entry["type"] != type_
        ]

    return change


def each_before(edit: Edit, type_: str) -> list[Any]:
    return [e["change"]["before"] for e in edit.document["resource_changes"] if e["type"] == type_]


def third_group(edit: Edit) -> None:
    forward = edit.change(edit.named("aws_lb_listener", "https"))["before"]["default_action"][0]["forward"][0]
    forward["target_group"].append({"arn": "arn:third", "weight": 0})


def no_production(edit: Edit) -> None:
    without("aws_lambda_function")(edit)
    for listener in each_before(edit, "aws_lb_listener"):
        listener["port"] = 9000


def colourless(edit: Edit) -> None:
    without("aws_lambda_function")(edit)
    text = json.dumps(edit.document)
    edit.document = json.loads(text.replace("blue", "left").replace("green", "right"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (without("aws_lb_listener"), "the production listener does not exist"),
        (without("aws_lb_target_group"), "target groups that are not in it"),
        (third_group, "instead of blue's and green's target group"),
        (no_production, "2 weighted listeners, and nothing tells which serves"),
        (colourless, "which target group is blue's"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_tells_who_serves(
    edit: Edit, tmp_path: Path, change: Callable[[Edit], None], why: str
) -> None:
    change(edit)
    assert why in reason(judged(edit.write(tmp_path)))


def test_without_a_switch_function_the_rest_of_the_plan_tells(edit: Edit, tmp_path: Path) -> None:
    without("aws_lambda_function")(edit)
    cluster = edit.named("aws_rds_cluster", "blue")
    edit.update(cluster, engine_version="x")
    assert refused(judged(edit.write(tmp_path))) == {("BG_GUARD_ACTIVE_COLOUR", cluster)}


def test_the_switch_function_tells_which_listener_serves(edit: Edit, tmp_path: Path) -> None:
    for listener in each_before(edit, "aws_lb_listener"):
        listener["port"] = 9000
    assert refused(judged(edit.write(tmp_path))) == set()


def test_an_active_colour_without_traffic(edit: Edit, tmp_path: Path) -> None:
    assert "green is not the active colour" in reason(judged(edit.write(tmp_path), "green"))


def read(path: Path, live: Live) -> Report:
    return guard(path, active=None, read_live=lambda: live, allowances={}, today=TODAY)


def test_what_is_read_live_counts(edit: Edit, tmp_path: Path) -> None:
    path = edit.write(tmp_path)
    assert read(path, Live("blue", {"blue": 100, "green": 0})).exit_code is ExitCode.PASSED
    assert "now it has blue 90, green 10" in reason(read(path, Live("blue", {"blue": 90, "green": 10})))
    assert "said to be 'None'" in reason(read(path, Live("None", None)))


def test_a_first_apply_hurts_nobody(planned: Planned, tmp_path: Path) -> None:
    path = Edit(planned.create).write(tmp_path)
    report = judged(path, active=None)
    assert (refused(report), report.exit_code) == (set(), ExitCode.PASSED)
    assert report.passed == len(planned.create["resource_changes"])


def test_a_lost_state_looks_like_a_first_apply(planned: Planned, tmp_path: Path) -> None:
    path = Edit(planned.create).write(tmp_path)
    assert "blue is said to serve: is that the right state?" in reason(judged(path, active="blue"))
