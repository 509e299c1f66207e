"""`--allow`: one resource, with a reason, visible, and only while it is needed."""

from pathlib import Path

import pytest
from stack_gate import ExitCode
from stack_gate.plan.guard import ALLOWANCE_UNUSED
from stack_gate.plan.judge import ACTIVE_COLOUR, STATE

from tests.gate.plan.plans import Edit, judged, refused

pytestmark = pytest.mark.xdist_group("plan")


def test_it_lets_one_resource_through_and_says_so(edit: Edit, tmp_path: Path) -> None:
    blue, green = (edit.named("aws_rds_cluster", colour) for colour in ("blue", "green"))
    for address in (blue, green):
        edit.act(address, "delete")
    report = judged(edit.write(tmp_path), **{blue: "end of the migration"})
    assert refused(report) == {(STATE, green)}
    assert {(item.finding.policy, item.finding.resource) for item in report.waived} == {
        (ACTIVE_COLOUR, blue), (STATE, blue)
    }  # fmt: skip
    assert {(item.reason, item.expires) for item in report.waived} == {("end of the migration", "2026-11-23")}


@pytest.mark.parametrize(
    ("address", "why"),
    [("aws_vpc.none", "no such resource"), (None, "nothing is wrong")],
    ids=["absent", "harmless"],
)
def test_one_that_lets_nothing_through_is_a_finding(
    edit: Edit, tmp_path: Path, address: str | None, why: str
) -> None:
    address = address or edit.named("aws_rds_cluster", "green")
    report = judged(edit.write(tmp_path), **{address: "just in case"})
    assert refused(report) == {(ALLOWANCE_UNUSED, address)}
    assert why in report.findings[0].message
    assert report.exit_code is ExitCode.FINDINGS
