"""Stock moto has no service-linked role that nobody created; AWS's services create theirs for the first
resource that needs it, and there is one of each.

That the caller may (`iam:CreateServiceLinkedRole`) is not decided here.
IAM user guide, "Create a service-linked role"; for each service, "Using service-linked roles" of its guide.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html
"""

import sys
from collections.abc import Callable
from typing import Any

from moto.iam.exceptions import InvalidInput
from moto.iam.models import IAMBackend, Role

from embedded_aws.extensions import Server, replace

# Principal → moto's module, its backends, and what a backend has once the service made its role.
MADE_FOR = {
    "backup.amazonaws.com": ("backup", "backup_backends", "vaults"),
    "ecs.amazonaws.com": ("ecs", "ecs_backends", "clusters"),
    "ecs.application-autoscaling.amazonaws.com": (
        "applicationautoscaling",
        "applicationautoscaling_backends",
        "targets",
    ),
    "elasticloadbalancing.amazonaws.com": ("elbv2", "elbv2_backends", "load_balancers"),
    "network-firewall.amazonaws.com": ("networkfirewall", "networkfirewall_backends", "firewalls"),
    "rds.amazonaws.com": ("rds", "rds_backends", "clusters"),
    "wafv2.amazonaws.com": ("wafv2", "wafv2_backends", "logging_configurations"),
}


def install(_: Server) -> None:
    """Extend moto's identities."""
    replace(IAMBackend, "create_service_linked_role", _create)
    for name in ("get_role", "list_roles"):
        replace(IAMBackend, name, _looked_up)


def _looked_up(stock: Callable[..., Any], backend: IAMBackend, *args: Any, **named: Any) -> Any:
    for principal, (module, backends, resources) in MADE_FOR.items():
        if not _exists(backend, principal) and _has(backend.account_id, module, backends, resources):
            backend.create_service_linked_role(principal, "", "")
    return stock(backend, *args, **named)


def _create(
    stock: Callable[..., Role], backend: IAMBackend, service_name: str, description: str, suffix: str
) -> Role:
    if not suffix and (found := _exists(backend, service_name)):
        raise InvalidInput(
            f"Service role name {found.name} has been taken in this account, please try a different suffix."
        )
    return stock(backend, service_name, description, suffix)


def _exists(backend: IAMBackend, principal: str) -> Role | None:
    path = f"/aws-service-role/{principal}/"
    return next((role for role in backend.roles.values() if role.path == path), None)


def _has(account: str, module: str, backends: str, resources: str) -> bool:
    """Whether the account has any. A service that was never called has none, and need not be loaded; nor has
    one whose module another thread is importing.
    """
    found = getattr(sys.modules.get(f"moto.{module}.models"), backends, None)
    regions = found[account].values() if found is not None else ()
    return any(getattr(backend, resources) for backend in list(regions))
