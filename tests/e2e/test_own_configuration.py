"""A deployment whose configuration differs from the shipped one in each key: synthesized, scanned, applied
and operated, with an additional container, and with acquirers behind its egress rules.
"""

import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import embedded_aws
import pytest

from tests.e2e.platform import Platform
from tests.examples.service.acquirers import Acquirer, acquirer
from tests.workspaces import ROOT, with_shipped_configuration
from tools.permissions.changes import CREATED, REGISTRY, changed, with_values
from tools.permissions.lifecycle import FILE_SYSTEMS, file_system, shared, toml

pytestmark = [pytest.mark.e2e, pytest.mark.long]

REGION = "eu-central-1"
ON_GREEN = {"blue": 0, "green": 100}
# As CHANGES has them in `network.egress`.
NAME, NAMED_AT = "api.acquirer.example", "198.51.100.20"
ADDRESS, PORT = "203.0.113.10", 8443
REPOSITORY = "payments-elsewhere"
DEPLOYED_SECONDS = 120


@dataclass(frozen=True)
class Place:
    """A platform, and the acquirers of blue (by name, past the firewall's rules for names) and green (by
    address).
    """

    platform: Platform
    by_name: Acquirer
    by_address: Acquirer

    @property
    def authorised(self) -> dict[str, Any]:
        """All payments, each by one acquirer."""
        assert not self.by_name.authorised.keys() & self.by_address.authorised.keys()
        return self.by_name.authorised | self.by_address.authorised


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    acquirers = acquirer(tmp_path, NAME, closes=True), acquirer(tmp_path, ADDRESS, closes=True)
    with acquirers[0] as by_name, acquirers[1] as by_address:
        aws = embedded_aws.start(_state(tmp_path), REGION)
        embedded_aws.stand_in(aws, NAMED_AT, 443, by_name.port, NAME)
        embedded_aws.stand_in(aws, ADDRESS, PORT, by_address.port)
        own = {
            "colours.blue.service.image": _image("1"),
            "colours.green.service.image": _image("2"),
            "colours.blue.service.environment": _told(f"https://{NAME}/v1", by_name),
            "colours.green.service.environment": _told(f"https://{ADDRESS}:{PORT}/v1", by_address),
        }
        for repository in (REPOSITORY, "collector"):
            aws.client("ecr").create_repository(repositoryName=repository)

        def change(text: str) -> str:
            return toml(with_values(changed(text), {**CREATED, **own})).replace("us-east-1", REGION)

        for platform in synthesized(tmp_path, change):
            yield Place(platform, by_name, by_address)


def _state(workspace: Path) -> Path:
    """Where `bluegreen local up` looks for the embedded AWS."""
    found = workspace / ".local" / "local"
    found.parent.mkdir(mode=0o700)
    return found


def _image(digit: str) -> str:
    return f"{REGISTRY}/{REPOSITORY}@sha256:{digit * 64}"


def _told(url: str, found: Acquirer) -> dict[str, str]:
    """Variables of a service. Its log is quieter than the default."""
    return {"LOG_LEVEL": "warning", "ACQUIRER_URL": url, "ACQUIRER_CA_BUNDLE": str(found.certificate)}


@pytest.fixture
def of_one_cluster(tmp_path: Path) -> Iterator[Platform]:
    aws = embedded_aws.start(_state(tmp_path))
    own = {"iam.path": "/payments/", FILE_SYSTEMS: [file_system(aws)]}

    def change(text: str) -> str:
        return toml(with_values(shared(tomllib.loads(text)), own))

    yield from synthesized(tmp_path, change)


def synthesized(directory: Path, change: Callable[[str], str]) -> Iterator[Platform]:
    """A platform with another `local.toml`."""
    place = Platform(with_shipped_configuration(directory))
    file = directory / "config" / "local.toml"
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    subprocess.run([sys.executable, str(ROOT / "main.py")], cwd=directory, check=True)
    yield place
    down = place.bluegreen("local", "down")
    assert down.returncode == 0, down.stderr


def comes_up(place: Platform) -> None:
    """Clean and applied."""
    scan = place.bluegreen("scan", "cdktf.out/stacks/local")
    assert scan.returncode == 0, scan.stdout + scan.stderr
    up = place.json("local", "up")
    assert up["changed"]
    assert up["status"]["consistent"]


def shifts(place: Platform) -> dict[str, Any]:
    """Under payments: what these saw."""
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(place.json, "local", "load", "--duration", "40s", "--rate", "20")
        shift = place.json("shift", "--to", "green", "--steps", "50,100", "--bake", "1s", "--yes")
        assert (shift["outcome"], shift["weights"]) == ("completed", ON_GREEN)
        found = load.result()
    assert (found["failed"], found["payments"]["lost"], found["payments"]["split"]) == (0, 0, 0)
    return found


def test_colours_that_share_a_cluster_come_up_and_shift(of_one_cluster: Platform) -> None:
    comes_up(of_one_cluster)
    shifts(of_one_cluster)
    assert "has no ledger that moves" in of_one_cluster.bluegreen("ledger", "status").stderr
    back = of_one_cluster.json("rollback")
    assert back["after"] == {"blue": 100, "green": 0}
    assert of_one_cluster.json("local", "up")["changed"] is False
    assert of_one_cluster.json("local", "denials")["denials"] == []


def test_it_is_clean_comes_up_and_takes_the_traffic_there_and_back(place: Place) -> None:
    platform = place.platform
    comes_up(platform)
    assert f".{REGION}.amazonaws.com" in platform.stack.read_text(encoding="utf-8")
    assert containers(platform) == {"application": "RUNNING", "collector": "RUNNING"}

    found = shifts(platform)
    assert set(found["answered_by"]) == {"blue", "green"}
    assert len(place.authorised) == found["payments"]["written"]
    assert len(place.by_name.authorised) > 0
    assert len(place.by_address.authorised) > 0
    assert platform.json("ledger", "status")["writer"] == "green"

    a_payment_needs_the_egress_rule(place)

    back = platform.bluegreen("rollback", "--with-ledger", "--reason", "a rehearsal")
    assert back.returncode == 0, back.stderr
    assert platform.json("ledger", "status")["writer"] == "blue"
    assert platform.json("local", "up")["changed"] is False
    assert platform.json("local", "denials")["denials"] == []


def a_payment_needs_the_egress_rule(place: Place) -> None:
    """Without it green's acquirer is silent: payments are refused, and none is written."""
    platform, before = place.platform, set(place.authorised)
    ec2 = platform.aws.client("ec2")
    (rule,) = (
        one
        for one in ec2.describe_security_group_rules()["SecurityGroupRules"]
        if one["IsEgress"] and one.get("ToPort") == PORT and green_has(ec2, one["GroupId"])
    )
    ec2.revoke_security_group_egress(
        GroupId=rule["GroupId"], SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]]
    )
    assert platform.json("local", "denials")["egress"] == []
    found = platform.json("local", "load", "--requests", "20", "--rate", "20")
    assert found["outcomes"] == {"503": 20}
    assert found["payments"] == {"written": 0, "lost": 0, "duplicated": 0, "split": 0, "unanswered": 0}
    assert set(place.authorised) == before
    refused = platform.json("local", "denials")["egress"]
    assert {(one["service"], one["destination"], one["by"]) for one in refused} == {
        ("green", f"{ADDRESS}:{PORT}", "security group")
    }

    assert platform.json("local", "up")["resources"]["added"] == 1
    found = platform.json("local", "load", "--requests", "60", "--rate", "30")
    assert (found["failed"], found["payments"]["lost"], found["payments"]["duplicated"]) == (0, 0, 0)
    assert len(set(place.authorised) - before) == found["payments"]["written"]
    assert len(platform.json("local", "denials")["egress"]) == len(refused)


def green_has(ec2: Any, group: str) -> bool:
    """Whether that security group is of green's tasks."""
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return {"Key": "Colour", "Value": "green"} in found["Tags"]


def containers(platform: Platform) -> dict[str, str]:
    """Of the tasks of both colours, what DescribeTasks says of each, once they have been deployed."""
    ecs, found = platform.aws.client("ecs"), dict[str, str]()
    for name in ("payments-local-blue", "payments-local-green"):
        deadline = time.monotonic() + DEPLOYED_SECONDS
        while not (arns := _running(ecs, name)):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        tasks = ecs.describe_tasks(cluster=name, tasks=arns)["tasks"]
        assert {task["lastStatus"] for task in tasks} == {"RUNNING"}
        found |= {one["name"]: one["lastStatus"] for task in tasks for one in task["containers"]}
    return found


def _running(ecs: Any, name: str) -> list[str]:
    """ARNs of tasks. A look at a service is a step of its deployment."""
    ecs.describe_services(cluster=name, services=[name])
    listed = ecs.list_tasks(cluster=name, serviceName=name, desiredStatus="RUNNING")
    found: list[str] = listed["taskArns"]
    return found
