"""The load balancer and the services of an embedded AWS: start them, find them, break them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded_aws import state
from embedded_aws.handle import LocalAws, LocalAwsError

START_SECONDS = 90.0
HOST = "localhost"  # the seeded certificate is for this name, too


@dataclass(frozen=True)
class LocalListener:
    """A listener of a load balancer. `url`: where it is on this machine; `port`: the one it stands for."""

    arn: str
    port: int
    url: str


@dataclass(frozen=True)
class LocalTraffic:
    """What runs beside the embedded AWS. `services`: by colour `running`, `mode`, `share` of its incident.

    `certificates`: a PEM file of what the listeners' clients are to trust.
    """

    running: bool
    listeners: tuple[LocalListener, ...]
    services: dict[str, dict[str, Any]]
    certificates: Path


def start_load_balancer(aws: LocalAws) -> bool:
    """Start the local load balancer where it doesn't run. Returns whether it had to be."""
    return bool(aws.control("POST", "load-balancer", timeout=START_SECONDS)["started"])


def start_service(
    aws: LocalAws,
    colour: str,
    targets: Iterable[tuple[str, int]],
    *,
    module: str,
    root: Path,
    settings: Mapping[str, str],
) -> bool:
    """Start a colour's service, `python -m <module>` in `root`, where it doesn't run. Returns whether it did.

    `targets`: address and port of each, as registered; `settings`: what it is told besides. It speaks the
    protocol of `companions/channel.py`, and keeps its files in `services_dir`.
    """
    state.services_dir(aws.state_dir).mkdir(mode=0o700, exist_ok=True)
    told = {
        "colour": colour,
        "targets": [list(target) for target in targets],
        "module": module,
        "root": str(root),
        **settings,
    }
    return bool(aws.control("POST", "service", told, START_SECONDS)["started"])


def start_databases(
    aws: LocalAws,
    endpoints: Mapping[str, str],
    targets: Iterable[tuple[str, int]],
    *,
    module: str,
    root: Path,
    directory: Path,
    authority: Path,
) -> bool:
    """Start the servers behind database clusters where they don't run. Returns whether it did.

    `endpoints`: identifier of a cluster → host that the cluster answers as its endpoint; `targets`: host and
    port of each server, in the same order; `directory`: for the servers' files; `authority`: file of who
    signs their certificates. The server of a cluster gets the cluster's administrator.
    """
    told = {
        "targets": [list(target) for target in targets],
        "module": module,
        "root": str(root),
        "directory": str(directory),
        "endpoints": dict(endpoints),
        "authority": str(authority),
    }
    return bool(aws.control("POST", "databases", told, START_SECONDS)["started"])


def stand_in(aws: LocalAws, address: str, port: int, local_port: int, name: str | None = None) -> None:
    """Have a port of this machine stand for a host outside the VPC: services reach it as far as the network
    lets them.

    `address`: an IPv4 address that the host would have; `name`: what resolves to it. The services' way out is
    the proxy in their setting `egress`. Raises LocalAwsError.
    """
    body = {"address": address, "port": port, "local_port": local_port, "name": name}
    aws.control("POST", "stand-in", body)


def refused_egress(aws: LocalAws) -> list[dict[str, Any]]:
    """The connections of services to hosts outside that did not pass, the oldest first: `at` (epoch seconds),
    `service` (its colour), `destination`, `by` and `reason`.
    """
    found: list[dict[str, Any]] = aws.control("GET", "egress")["refused"]
    return found


def services_dir(aws: LocalAws) -> Path:
    """Where services keep their files; gone with the embedded AWS."""
    return state.services_dir(aws.state_dir)


def local_traffic(aws: LocalAws) -> LocalTraffic:
    """What runs. The load balancer goes by all that was configured before this is called."""
    found = aws.control("GET", "companions", timeout=START_SECONDS)
    listeners = tuple(
        LocalListener(item["arn"], item["port"], f"{item['protocol'].lower()}://{HOST}:{item['local_port']}")
        for item in found["load_balancer"]["listeners"]
    )
    certificates = state.certificates_file(aws.state_dir)
    return LocalTraffic(found["load_balancer"]["running"], listeners, found["services"], certificates)


def forget_metrics(aws: LocalAws) -> list[str]:
    """Begin anew after an incident: drop all metric data and set every alarm on metrics to OK.

    Otherwise those of the incident ring as long as their periods reach back to it. Returns the alarms that
    were not OK.
    """
    alarms: list[str] = aws.control("POST", "forget-metrics")["alarms"]
    return alarms


def denials(aws: LocalAws) -> list[dict[str, Any]]:
    """The calls that were denied, the oldest first: `at` (epoch seconds), `action`, `resource`, `caller`,
    `operation`, `reason`.
    """
    found: list[dict[str, Any]] = aws.control("GET", "denials")["denials"]
    return found


def needs(aws: LocalAws) -> list[dict[str, Any]]:
    """What was allowed, each different one once: `caller`, `action`, `resource`, `operation` (the call that
    needed the action) and `context`, the condition keys of service and tags.
    """
    found: list[dict[str, Any]] = aws.control("GET", "needs")["needs"]
    return found


def rotation(aws: LocalAws, secret_arn: str) -> dict[str, Any]:
    """Wait for a secret's last rotation, for some seconds: whether it is still `running`, and its `error`."""
    return aws.control("POST", "rotation", {"secretArn": secret_arn}, START_SECONDS)


def run_schedule(aws: LocalAws, rule: str) -> list[str]:
    """Have a rule with a schedule reach its targets now; their ARNs. None runs by itself when it is due."""
    targets: list[str] = aws.control("POST", "schedule", {"rule": rule})["targets"]
    return targets


def run_backup_plan(aws: LocalAws, plan: str) -> list[str]:
    """Have each rule of a plan, by its name, start its jobs now; their ids. None starts when it is due."""
    jobs: list[str] = aws.control("POST", "backup-plan", {"plan": plan})["jobs"]
    return jobs


def set_conditions(aws: LocalAws, seed: int | None) -> None:
    """Have AWS throttle by its documented rates, and show writes of roles, functions and listeners after a
    moment (rules/conditions.py). The seed decides how long; None: off, as at the start.
    """
    aws.control("POST", "conditions", {"seed": seed})


def set_incident(aws: LocalAws, colour: str, mode: str, share: float = 1.0) -> None:
    """Make a colour's service fail in a way that it knows, or recover with `none`.

    `share`: of its requests, from 0 to 1. Raises LocalAwsError where it doesn't run.
    """
    if not 0 <= share <= 1:
        raise LocalAwsError(f"{share} is no share of the requests: give a number from 0 to 1")
    aws.control("POST", "incident", {"colour": colour, "mode": mode, "share": share}, START_SECONDS)
