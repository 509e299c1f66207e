"""Stock moto forgets most settings of a new ECS service: Terraform would find every service changed."""

from collections.abc import Callable
from typing import Any

from botocore import xform_name
from moto.ecs.responses import EC2ContainerServiceResponse

from embedded_aws.extensions import Server, replace

# Setting → what a service has that names none (Amazon ECS API reference, CreateService). An update keeps
# them all.
DEFAULTS: dict[str, Any] = {
    "availabilityZoneRebalancing": "DISABLED",
    "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "healthCheckGracePeriodSeconds": 0,
}


def install(_: Server) -> None:
    """Extend moto's services."""
    replace(EC2ContainerServiceResponse, "create_service", _create_service)


def _create_service(
    stock: Callable[[EC2ContainerServiceResponse], Any], response: EC2ContainerServiceResponse
) -> Any:
    answer = stock(response)
    cluster, name = response._get_param("cluster", "default"), response._get_param("serviceName")
    (service,), _ = response.ecs_backend.describe_services(cluster, [name])
    for setting, default in DEFAULTS.items():
        given = response._get_param(setting)
        setattr(service, xform_name(setting), default if given is None else given)
    return answer
