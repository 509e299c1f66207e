"""The database gate, by AWS's lists of status values: Aurora user guide, "Viewing DB cluster status" and
"Viewing DB instance status in an Aurora cluster".
"""

from collections.abc import Sequence
from typing import Any

import pytest

from lambda_src.contract.values import Colour, Verdict
from lambda_src.switch.database_status import (
    CLUSTER_REFUSED,
    CLUSTER_SERVES,
    INSTANCE_REFUSED,
    INSTANCE_SERVES,
)
from lambda_src.switch.gates import Gates
from lambda_src.switch.settings import Settings
from tests.lambda_src.live_platform import GREEN, LivePlatform
from tests.lambda_src.switch.scenarios import later
from tests.lambda_src.switch.test_switch_settings import ENVIRONMENT


class Statuses:
    """The gateway's look at databases, with the status that a test names: RDS has no call that sets one."""

    def __init__(self, cluster: str = "available", instance: str = "available") -> None:
        self.settings = Settings.from_environment(ENVIRONMENT)
        self._cluster, self._instance = cluster, instance

    def database_statuses(self, cluster: str, instances: Sequence[str]) -> dict[str, str]:
        return {cluster: self._cluster} | dict.fromkeys(instances, self._instance)


def verdict(**statuses: str) -> Verdict:
    gateway: Any = Statuses(**statuses)
    return Gates(gateway, later(0)()).database(Colour.GREEN)


@pytest.mark.parametrize("status", sorted(CLUSTER_SERVES))
def test_a_cluster_that_serves_passes(status: str) -> None:
    found = verdict(cluster=status)
    assert found.passed
    assert status == "available" or found.value == f"pay-green is {status}"


@pytest.mark.parametrize("status", sorted(INSTANCE_SERVES))
def test_an_instance_that_serves_passes(status: str) -> None:
    found = verdict(instance=status)
    assert found.passed
    assert status == "available" or found.value == f"pay-green-0 is {status}"


@pytest.mark.parametrize("status", [*sorted(CLUSTER_REFUSED), "missing", "a-status-of-tomorrow", ""])
def test_any_other_status_of_a_cluster_does_not_pass(status: str) -> None:
    found = verdict(cluster=status)
    assert (found.passed, found.value) == (False, f"pay-green is {status}")


@pytest.mark.parametrize("status", [*sorted(INSTANCE_REFUSED), "missing", "a-status-of-tomorrow", ""])
def test_any_other_status_of_an_instance_does_not_pass(status: str) -> None:
    found = verdict(instance=status)
    assert (found.passed, found.value) == (False, f"pay-green-0 is {status}")


def test_no_status_is_in_both_lists() -> None:
    assert not CLUSTER_SERVES & CLUSTER_REFUSED
    assert not INSTANCE_SERVES & INSTANCE_REFUSED
    # What the platform itself causes: backups, applies, and the rotation of the administrator's password.
    assert {"backing-up", "modifying", "resetting-master-credentials"} <= CLUSTER_SERVES & INSTANCE_SERVES


def test_a_database_that_is_stopped_gets_no_traffic(platform: LivePlatform) -> None:
    platform.colours.stop_database(GREEN)
    gates = platform.invoke({"action": "preflight", "target": "green"})["gates"]
    (found,) = [gate for gate in gates if gate["gate"] == "database"]
    assert (found["passed"], "payments-green is stopped" in found["value"]) == (False, True)
