"""Stock moto calls every registered target healthy, and forgets one that is deregistered at once.

Here a target has the health that somebody gave it by hand; else what the local load balancer's checks found,
where that runs. A deregistered one is draining while the load balancer has requests of its in flight.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup, elbv2_backends
from moto.utilities.arns import parse_arn

from embedded_aws.extensions import Server, replace
from embedded_aws.handle import LocalAwsError
from embedded_aws.seeding import CHECKED, HEALTH_STATES
from embedded_aws.serial import ENTRANCE

# Kept with the registered target: they go when that is deregistered. State, reason and description.
FORCED, FOUND = "bluegreen-forced-health", "bluegreen-found-health"
DRAINING = "bluegreen_draining"  # kept with the target group: FakeHealthStatus of each


def install(_: Server) -> None:
    """Extend moto's load balancers."""
    replace(FakeTargetGroup, "health_for", _health_for)
    replace(ELBv2Backend, "describe_target_health", _describe_target_health)


def set_health(target_group_arn: str, state: str, reason: str | None, target_id: str | None) -> list[str]:
    """The server's side of `seeding.set_target_health`."""
    if state not in (*HEALTH_STATES, CHECKED):
        raise LocalAwsError(f"{state!r} is not a state of target health: {', '.join(HEALTH_STATES)} are")
    with ENTRANCE:
        return _set_health(target_group_arn, state, reason, target_id)


def found(health: Iterable[Mapping[str, Any]]) -> None:
    """Take over what the load balancer found of all targets: `group`, `id`, `port`, `state` (state, reason,
    description).
    """
    with ENTRANCE:
        for group in _groups():
            vars(group)[DRAINING] = []
        for entry in health:
            known = _find(entry["group"])
            if known is None:
                continue
            if entry["id"] in known.targets:
                known.targets[entry["id"]][FOUND] = entry["state"]
            elif entry["state"][0] == "draining":
                status = FakeHealthStatus(entry["id"], entry["port"], None, *entry["state"])
                vars(known)[DRAINING].append(status)


def _set_health(target_group_arn: str, state: str, reason: str | None, target_id: str | None) -> list[str]:
    targets = _target_group(target_group_arn).targets
    chosen = [target_id] if target_id else list(targets)
    if not chosen or chosen[0] not in targets:
        which = f"no target {target_id}" if target_id else "no targets"
        raise LocalAwsError(f"{target_group_arn} has {which}: only a registered target has a health to set")
    for name in chosen:
        if state == CHECKED:
            targets[name].pop(FORCED, None)
        else:
            why = reason or HEALTH_STATES[state]
            targets[name][FORCED] = (state, why, "set by hand on the embedded AWS" if why else None)
    return chosen


def _target_group(arn: str) -> FakeTargetGroup:
    group = _find(arn)
    if group is None:
        raise LocalAwsError(f"there is no target group {arn} here: apply the deployment first")
    return group


def _groups() -> Iterator[FakeTargetGroup]:
    for account in elbv2_backends.values():
        for backend in account.values():
            yield from backend.target_groups.values()


def _find(arn: str) -> FakeTargetGroup | None:
    try:
        where = parse_arn(arn)
        return elbv2_backends[where.account][where.region].target_groups.get(arn)
    except (KeyError, IndexError, ValueError):
        return None


def _health_for(
    stock: Callable[..., FakeHealthStatus], group: FakeTargetGroup, target: dict[str, Any], ec2_backend: Any
) -> FakeHealthStatus:
    health = stock(group, target, ec2_backend)
    registered = group.targets.get(target["Id"], {})
    known = registered.get(FORCED) or registered.get(FOUND)
    if known is None:
        return health
    return FakeHealthStatus(health.instance_id, health.port, health.health_check_port, *known)


def _describe_target_health(
    stock: Callable[..., list[FakeHealthStatus]],
    backend: ELBv2Backend,
    target_group_arn: str,
    targets: list[dict[str, Any]],
) -> list[FakeHealthStatus]:
    described = stock(backend, target_group_arn, targets)
    draining: list[FakeHealthStatus] = vars(backend.target_groups[target_group_arn]).get(DRAINING, [])
    asked = {target["Id"] for target in targets}
    gone = [status for status in draining if not asked or status.instance_id in asked]
    known = {status.instance_id for status in gone}
    return [status for status in described if status.instance_id not in known] + gone
