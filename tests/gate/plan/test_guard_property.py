"""Whatever a plan does: what must never pass does not pass."""

import copy
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stack_gate import ExitCode
from stack_gate.plan.protection import DESCRIPTIVE, STATEFUL

from tests.gate.plan.conftest import Planned
from tests.gate.plan.plans import Edit, expected, judged

pytestmark = pytest.mark.xdist_group("plan")

WITHOUT_SHRINKING = settings(  # each example is a whole platform: minutes for a smaller one of the same kind
    max_examples=15,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
ACTIONS = [("delete",), ("delete", "create"), ("create", "delete"), ("forget",), ("update",), ("no-op",)]


def with_traffic(edit: Edit, active: str) -> None:
    """Production gives everything to `active`, the test listener to the other colour."""
    for path, holder in (("https", active), ("test", "green" if active == "blue" else "blue")):
        change = edit.change(edit.named("aws_lb_listener", path))
        for values in (change["before"], change["after"]):
            for group in values["default_action"][0]["forward"][0]["target_group"]:
                group["weight"] = 100 * (holder in group["arn"])


def mutated(data: st.DataObject, value: Any) -> Any:
    """The value, or another one of the same kind."""
    return data.draw(st.sampled_from([value, None, "other", 7, [], True]))


@WITHOUT_SHRINKING
@given(data=st.data(), active=st.sampled_from(["blue", "green"]))
def test_no_plan_passes_that_moves_weights_destroys_data_or_hurts_who_serves(
    planned: Planned, data: st.DataObject, active: str
) -> None:
    edit = Edit(planned.after)
    with_traffic(edit, active)
    addresses = [entry["address"] for entry in planned.after["resource_changes"]]
    must_fail: set[str] = set()
    for address in data.draw(st.lists(st.sampled_from(addresses), unique=True, max_size=12)):
        change, actions = edit.change(address), data.draw(st.sampled_from(ACTIONS))
        type_ = edit.entry(address)["type"]
        if actions == ("update",):
            name = data.draw(st.sampled_from(sorted(change["after"])))
            edit.update(address, **{name: mutated(data, change["after"][name])})
            routed = type_ == "aws_lb_listener" and name == "default_action"
            harms = routed or (active in expected(address) and name not in DESCRIPTIVE)
            must_fail |= {address} if harms and change["after"] != change["before"] else set()
        elif actions != ("no-op",):
            edit.act(address, *actions)
            gone = "delete" in actions or "forget" in actions
            must_fail |= {address} if gone and (type_ in STATEFUL or active in expected(address)) else set()
    with tempfile.TemporaryDirectory() as directory:
        report = judged(edit.write(Path(directory)), active)
    found = {finding.resource for finding in report.findings}
    assert must_fail <= found or report.errors  # some of the mutations are no plan any more
    assert not (must_fail and report.exit_code is ExitCode.PASSED)


@WITHOUT_SHRINKING
@given(blue=st.integers(0, 999), green=st.integers(0, 999), path=st.sampled_from(["https", "test"]))
def test_no_other_weights_pass(planned: Planned, blue: int, green: int, path: str) -> None:
    edit = Edit(planned.after)
    address = edit.named("aws_lb_listener", path)
    before = copy.deepcopy(edit.change(address)["before"])
    edit.update(address)
    for group in edit.change(address)["after"]["default_action"][0]["forward"][0]["target_group"]:
        group["weight"] = blue if "blue" in group["arn"] else green
    with tempfile.TemporaryDirectory() as directory:
        report = judged(edit.write(Path(directory)))
    same = edit.change(address)["after"] == before
    assert (report.exit_code == 0) is same
