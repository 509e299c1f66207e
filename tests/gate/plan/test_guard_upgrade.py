"""What the guard refuses of the upgrade from the previous release is what docs/upgrading.md says of it.

tests/e2e/test_upgrading.py applies that release and upgrades it, which takes minutes. Here its recorded stack
is compared with this version's, and the plan is made of the differences.
"""

import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.gate.plan.conftest import Planned
from tests.gate.plan.plans import Edit, judged
from tests.gate.plan.test_guard_property import with_traffic
from tests.workspaces import ROOT
from tools.stacks import differences

pytestmark = pytest.mark.xdist_group("plan")

(PREVIOUS,) = (ROOT / "tests" / "e2e" / "previous").iterdir()
CHANGE = re.compile(
    r"local: (?P<sign>[~+-]) resource\.(?P<address>[^:\s]+)(?:: (?P<argument>\w+)(?:\.\S+)?)?"
)
META = {"depends_on", "lifecycle"}  # which no plan shows as a change
REPLACED = {"aws_ecs_task_definition", "aws_lambda_permission"}  # the provider changes neither in place


def recorded() -> dict[str, Any]:
    with tarfile.open(PREVIOUS) as archive:
        file = archive.extractfile("local/cdk.tf.json")
        assert file is not None
        document: dict[str, Any] = json.load(file)
    return document


@pytest.mark.parametrize("active", ["blue", "green"])
def test_the_page_names_the_types_that_are_refused(planned: Planned, tmp_path: Path, active: str) -> None:
    before, now = recorded(), json.loads((planned.stack / "cdk.tf.json").read_text("utf-8"))
    edit = Edit(planned.after)
    with_traffic(edit, active)
    gone: set[str] = set()  # types of resources that only the release has: the page names them, too
    for line in differences({"local": before}, {"local": now}):
        found = CHANGE.fullmatch(line)
        if found is None or found["argument"] in META:  # outputs and the like
            continue
        address, argument = found["address"], found["argument"]
        if argument is None and found["sign"] == "-":
            gone.add(address.partition(".")[0])
        elif argument is None:
            edit.act(address, "create")
        elif address.partition(".")[0] in REPLACED:
            edit.act(address, "create", "delete")
            if address.startswith("aws_ecs"):
                colour = "blue" if ".blue-" in address else "green"
                edit.update(edit.named("aws_ecs_service", f"{colour}-fargate"), task_definition="another")
        elif argument == "tags":
            type_, label = address.split(".")
            former = before["resource"][type_][label].get("tags")
            change = edit.change(address)
            change |= {
                "actions": ["update"],
                "before": change["after"] | {"tags": former, "tags_all": former},
            }
        else:
            edit.update(address, **{argument: f"another {argument}"})
    functions = (
        before["resource"]["aws_lambda_function"].keys() & now["resource"]["aws_lambda_function"].keys()
    )
    for name in functions:  # their code: `differences` leaves hashes out
        edit.update(f"aws_lambda_function.{name}", source_code_hash="another")
    report = judged(edit.write(tmp_path), active)
    assert report.errors == ()
    refused = gone | {finding.resource.partition(".")[0] for finding in report.findings}
    page = (ROOT / "docs" / "upgrading.md").read_text("utf-8")
    row = next(row for row in page.splitlines() if row.startswith(f"| {PREVIOUS.name[: -len('.tar.xz')]} |"))
    assert refused == set(re.findall(r"`(aws_\w+)`", row)), "\n".join(
        f"{finding.resource}: {finding.message}" for finding in report.findings
    )
