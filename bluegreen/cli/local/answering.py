"""What answers on this machine: a service of each colour behind the local load balancer."""

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import embedded_aws

from bluegreen.cli.connect import outputs
from bluegreen.cli.deployment import Deployment, task_families
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.ledger.place import functions_if_any
from bluegreen.cli.ledger.recording import try_to_record_writer
from lambda_src.contract.images import APPLICATION
from lambda_src.contract.values import Colour

SUBNETS, TABLE, REGION = "application_subnet_cidrs", "dynamodb_table_name", "region"
CONNECTIONS = "connection_info"
LISTENER, TEST_LISTENER = "listener_arn", "test_listener_arn"
# In each application subnet; AWS itself takes the first four.
TARGET_HOST = {Colour.BLUE: 10, Colour.GREEN: 11}
CHECKED_SECONDS = 30.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class BroughtUp:
    """What `bring_up` did. `registered`: addresses of new targets."""

    registered: list[str]
    changed: bool


def bring_up(place: Deployment, aws: embedded_aws.LocalAws) -> BroughtUp:
    """Run a service with one target in each application subnet for each colour, and the load balancer.

    What runs already goes on. Returns once each target has been checked for the first time.
    """
    # Imported here: the database driver brings a library of cryptography with it, which takes a while to
    # load.
    from bluegreen.operate import local_ledger  # noqa: PLC0415
    from bluegreen.operate.service import starting  # noqa: PLC0415

    groups = {colour: f"{colour}_target_group_arn" for colour in TARGET_HOST}
    found = outputs(place, aws.environment(), (SUBNETS, TABLE, REGION, CONNECTIONS, *groups.values()))
    subnets = [ipaddress.IPv4Network(cidr) for cidr in found[SUBNETS]]
    secret_arns = {colour.value: found[CONNECTIONS][colour]["secret_arn"] for colour in Colour}
    databases = local_ledger.bring_up(aws, secret_arns, functions_if_any(place.name))
    try_to_record_writer(place.name)
    families = task_families(place.document())
    registered: list[str] = []
    started = False
    for colour, host in TARGET_HOST.items():
        group, addresses = found[groups[colour]], [str(subnet[host]) for subnet in subnets]
        registered += embedded_aws.register_targets(aws, group, addresses)
        targets = [target for target in targets_of(aws, group) if target[0] in addresses]
        started |= starting.start(
            aws,
            colour,
            targets,
            table=found[TABLE],
            region=found[REGION],
            databases=databases[colour],
            variables=_variables(aws, families[colour]) if colour in families else {},
        )
    started |= embedded_aws.start_load_balancer(aws)
    for output in groups.values():
        _await_first_check(aws, found[output])
    return BroughtUp(registered, bool(registered) or started)


def _variables(aws: embedded_aws.LocalAws, family: str) -> dict[str, str]:
    """Those of the application in its newest task definition, as ECS gives them to a task."""
    definition = aws.client("ecs").describe_task_definition(taskDefinition=family)["taskDefinition"]
    containers = {one["name"]: one for one in definition["containerDefinitions"]}
    return {pair["name"]: pair["value"] for pair in containers[APPLICATION]["environment"]}


def endpoints(place: Deployment, aws: embedded_aws.LocalAws) -> dict[str, str]:
    """Where the listeners are on this machine: `url`, `test_url`, and the `certificates` to trust there.

    Raises CommandError where the load balancer doesn't run.
    """
    found = outputs(place, aws.environment(), (LISTENER, TEST_LISTENER))
    traffic = embedded_aws.local_traffic(aws)
    urls = {listener.arn: listener.url for listener in traffic.listeners}
    if not traffic.running or found[LISTENER] not in urls or found[TEST_LISTENER] not in urls:
        raise CommandError(
            ExitCode.UNREACHABLE,
            f"the local load balancer of {place.name} does not run",
            f"start it with `bluegreen local up --deployment {place.name}`",
        )
    return {
        "url": urls[found[LISTENER]],
        "test_url": urls[found[TEST_LISTENER]],
        "certificates": str(_shown(traffic.certificates)),
    }


def targets_of(aws: embedded_aws.LocalAws, group: str) -> list[tuple[str, int]]:
    """Address and port of each target that is registered with `group`."""
    return [(item["Target"]["Id"], item["Target"]["Port"]) for item in _health(aws, group)]


def _health(aws: embedded_aws.LocalAws, group: str) -> list[Mapping[str, Any]]:
    described = aws.client("elbv2").describe_target_health(TargetGroupArn=group)
    health: list[Mapping[str, Any]] = described["TargetHealthDescriptions"]
    return health


def _await_first_check(aws: embedded_aws.LocalAws, group: str) -> None:
    """For CHECKED_SECONDS at most: a service that doesn't answer shows in the status."""
    deadline = time.monotonic() + CHECKED_SECONDS
    while time.monotonic() < deadline:
        if all(item["TargetHealth"]["State"] != "initial" for item in _health(aws, group)):
            return
        time.sleep(POLL_SECONDS)


def _shown(path: Path) -> Path:
    """Relative to where the user is: as short as it can be."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
