"""Stock moto calls every registered target healthy. Here a target has the health that it was given last."""

from collections.abc import Callable
from typing import Any

from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup, elbv2_backends
from moto.utilities.arns import parse_arn

from bluegreen.local_aws.extensions import Server, replace
from bluegreen.local_aws.handle import LocalAwsError
from bluegreen.local_aws.seeding import HEALTH_STATES

HEALTH = "bluegreen-health"  # kept with the registered target: it goes when that is deregistered


def install(_: Server) -> None:
    """Extend moto's load balancers."""
    replace(FakeTargetGroup, "health_for", _health_for)


def set_health(target_group_arn: str, state: str, reason: str | None, target_id: str | None) -> list[str]:
    """The server's side of `seeding.set_target_health`."""
    if state not in HEALTH_STATES:
        raise LocalAwsError(f"{state!r} is not a state of target health: {', '.join(HEALTH_STATES)} are")
    targets = _target_group(target_group_arn).targets
    chosen = [target_id] if target_id else list(targets)
    if not chosen or chosen[0] not in targets:
        which = f"no target {target_id}" if target_id else "no targets"
        raise LocalAwsError(f"{target_group_arn} has {which}: only a registered target has a health to set")
    for name in chosen:
        targets[name][HEALTH] = (state, reason or HEALTH_STATES[state])
    return chosen


def _target_group(arn: str) -> FakeTargetGroup:
    try:
        where = parse_arn(arn)
        return elbv2_backends[where.account][where.region].target_groups[arn]
    except (KeyError, IndexError, ValueError) as error:
        raise LocalAwsError(f"there is no target group {arn} here: apply the deployment first") from error


def _health_for(
    stock: Callable[..., FakeHealthStatus], group: FakeTargetGroup, target: dict[str, Any], ec2_backend: Any
) -> FakeHealthStatus:
    health = stock(group, target, ec2_backend)
    registered = group.targets.get(target["Id"], {})
    if HEALTH in registered:
        state, reason = registered[HEALTH]
        description = "set by hand on the embedded AWS" if reason else None
        return FakeHealthStatus(
            health.instance_id, health.port, health.health_check_port, state, reason, description
        )
    return health
