"""What the load balancer has to know of moto's backends, as JSON that its `configuration.py` reads."""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from moto.acm.models import acm_backends
from moto.elbv2.models import (
    ELBv2Backend,
    FakeAction,
    FakeListener,
    FakeLoadBalancer,
    FakeTargetGroup,
    elbv2_backends,
)
from moto.utilities.arns import parse_arn

from embedded_aws.extensions.target_health import FORCED
from embedded_aws.handle import ACCOUNT_ID

Document = dict[str, Any]
Routes = Mapping[tuple[str, int], tuple[str, int]]  # address of a target → where it is on this machine
Ports = Mapping[str, int]  # ARN of a listener → the local port that it had before

PROTOCOLS = ("HTTP", "HTTPS")
IDLE_TIMEOUT_SECONDS = 60.0  # what AWS has where nobody set it


def take(routes: Routes, ports: Ports) -> Document:
    """Listeners, target groups and targets of all regions. Who calls holds the lock of `elb`."""
    backends: list[ELBv2Backend] = list(elbv2_backends[ACCOUNT_ID].values())
    listeners = [listener for backend in backends for listener in _listeners(backend, ports)]
    groups = [group for backend in backends for group in backend.target_groups.values()]
    return {
        "listeners": listeners,
        "groups": [_group(group, routes) for group in groups if group.protocol in PROTOCOLS],
    }


def balancer_name(arn: str) -> str:
    """The load balancer of an ARN (its own or a listener's), as metrics name it: app/<name>/<id>."""
    return "/".join(arn.partition("/")[2].split("/")[:3])


def _listeners(backend: ELBv2Backend, ports: Ports) -> Iterator[Document]:
    for balancer in backend.load_balancers.values():
        for listener in balancer.listeners.values():
            if listener.protocol in PROTOCOLS:
                yield _listener(balancer, listener, ports)


def _listener(balancer: FakeLoadBalancer, listener: FakeListener, ports: Ports) -> Document:
    own = sorted(listener._non_default_rules.values(), key=lambda rule: int(rule.priority))
    rules = [{"conditions": rule.conditions, "action": _action(rule.actions)} for rule in own]
    return {
        "arn": listener.arn,
        "balancer": balancer_name(balancer.arn),
        "idle": float(balancer.attrs.get("idle_timeout.timeout_seconds") or IDLE_TIMEOUT_SECONDS),
        "port": int(listener.port),
        "protocol": listener.protocol,
        "certificate": _certificate(listener.certificate) if listener.protocol == "HTTPS" else None,
        "rules": [*rules, {"conditions": [], "action": _action(listener.default_actions)}],
        "local_port": ports.get(listener.arn, 0),
    }


def _action(actions: list[FakeAction]) -> Document:
    """The first action: one that authenticates comes before the one that answers."""
    first = min(actions, key=lambda action: int(action.data.get("Order") or 1))
    data: Document = first.data
    return data


def _certificate(arn: str | None) -> tuple[str, str]:
    """A certificate and its private key, as PEM."""
    where = parse_arn(arn or "")
    bundle = acm_backends[where.account][where.region]._certificates[arn or ""]
    return bundle.cert.decode(), bundle.key.decode()


def _group(group: FakeTargetGroup, routes: Routes) -> Document:
    attributes = group.attributes
    return {
        "arn": group.arn,
        "suffix": group.arn.rpartition(":")[2],
        "protocol": group.protocol,
        "algorithm": attributes["load_balancing.algorithm.type"],
        "delay": float(str(attributes["deregistration_delay.timeout_seconds"])),
        "check": {
            "enabled": bool(group.health_check_enabled),
            "protocol": group.health_check_protocol,
            "port": str(group.health_check_port),
            "path": group.health_check_path or "/",
            "matcher": group.matcher["HttpCode"],
            "interval": float(group.health_check_interval_seconds),
            "timeout": float(group.health_check_timeout_seconds),
            "healthy": int(group.healthy_threshold_count),
            "unhealthy": int(group.unhealthy_threshold_count),
        },
        "targets": [_target(target, routes) for target in group.targets.values()],
    }


def _target(target: Mapping[str, Any], routes: Routes) -> Document:
    address = target["Id"], int(target["Port"])
    return {
        "id": address[0],
        "port": address[1],
        "address": routes.get(address) or (address if _is_loopback(address[0]) else None),
        "forced": target.get(FORCED, (None,))[0],
    }


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # an instance, a function or another load balancer
        return False
