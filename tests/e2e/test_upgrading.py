"""From the previous release to this one, with all traffic on green: docs/upgrading.md as it stands.

`previous/VERSION.tar.xz` is `cdktf.out/stacks/local` as that release synthesized it: no history is needed.
"""

import ipaddress
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedded_aws
import pytest

from bluegreen.cli.deployment import Deployment, certificates, clusters
from bluegreen.cli.local.answering import TARGET_HOST
from bluegreen.cli.local.applying import apply
from tests.documents.blocks import lines
from tests.e2e.documented import as_checkout, run
from tests.e2e.platform import Platform
from tests.workspaces import ROOT, with_shipped_configuration

pytestmark = [pytest.mark.e2e, pytest.mark.long]

(PREVIOUS,) = (Path(__file__).parent / "previous").glob("*.tar.xz")
STEPS = [line for line in lines() if line.run_by == "tests/e2e/test_upgrading.py"]


@pytest.fixture
def previous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """The previous release, applied, with all traffic on green and frozen: by its own function."""
    place = Platform(with_shipped_configuration(tmp_path))
    stacks = tmp_path / "cdktf.out" / "stacks"
    stacks.mkdir(parents=True)
    with tarfile.open(PREVIOUS) as recorded:
        recorded.extractall(stacks, filter="data")
    monkeypatch.chdir(tmp_path)
    deployment = Deployment("local")
    document = deployment.document()
    try:
        aws, _ = apply(deployment, embedded_aws.REGION, certificates(document), clusters(document))
        _serve(place, aws)
        ask(place, action="switch", target="green", reason="release 41", by="the test")
        ask(place, action="freeze", reason="upgrade", by="the test")
        assert place.weights() == {"blue": 0, "green": 100}
        yield place
    finally:
        down = place.bluegreen("local", "down")
        assert down.returncode == 0, down.stderr


def _serve(place: Platform, aws: embedded_aws.LocalAws) -> None:
    """Targets and credentials, as far as that release's gates ask. Its services do not run: this version's
    `local up` starts those of this version.
    """
    found = place.terraform.output()
    for colour, host in TARGET_HOST.items():
        group = found[f"{colour}_target_group_arn"]
        subnets = (ipaddress.IPv4Network(cidr) for cidr in found["application_subnet_cidrs"])
        embedded_aws.register_targets(aws, group, [str(subnet[host]) for subnet in subnets])
        embedded_aws.set_target_health(aws, group, "healthy")
        embedded_aws.seed_credentials(aws, found["connection_info"][colour]["secret_arn"])


def ask(place: Platform, **event: Any) -> dict[str, Any]:
    """The answer of the function that is deployed, past this version's client."""
    name = place.terraform.output()["switch_lambda_name"]
    answer = place.aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    payload: dict[str, Any] = json.load(answer["Payload"])
    assert "FunctionError" not in answer, payload
    return payload


def allowed_by_the_page() -> set[str]:
    """Types of resources whose change the page lets an operator allow."""
    page = (ROOT / "docs" / "upgrading.md").read_text("utf-8")
    row = next(line for line in page.splitlines() if line.startswith(f"| {PREVIOUS.name[:-7]} |"))
    return set(re.findall(r"`(aws_\w+)`", row))


def test_the_traffic_stays_and_the_new_version_operates_it(previous: Platform) -> None:
    again = next(index for index, line in enumerate(STEPS) if "--allow" in line.text)
    with as_checkout(previous.workspace):
        run(STEPS[:again], previous.workspace)
        findings = json.loads((previous.workspace / "guard.json").read_text())["findings"]
        addresses = sorted({finding["resource"] for finding in findings})
        assert {address.partition(".")[0] for address in addresses} == allowed_by_the_page()
        lines = [f"{address}=read for the upgrade\n" for address in addresses]
        (previous.workspace / "allow.txt").write_text("".join(lines))
        run(STEPS[again:], previous.workspace)
    assert previous.weights() == {"blue": 0, "green": 100}
    status = previous.json("status")
    assert (status["active"], status["frozen"], status["findings"]) == ("green", None, [])
    assert previous.terraform.plan().changes == ()
    assert previous.json("history", "--limit", "10")["entries"][-1]["reason"] == "release 41"
    moved = previous.json("rollback", "--reason", "after the upgrade")
    assert moved["after"] == {"blue": 100, "green": 0}
