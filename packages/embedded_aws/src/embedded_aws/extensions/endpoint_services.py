"""Stock moto fails with 500 when DescribeVpcEndpointServices has filters: it reads the key of another parser.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html
"""

from collections.abc import Callable
from typing import Any

from moto.ec2.models.vpcs import VPCBackend

from embedded_aws.extensions import Server, replace


def install(_: Server) -> None:
    """Extend moto's VPC."""
    replace(VPCBackend, "describe_vpc_endpoint_services", _describe)


def _describe(
    stock: Callable[..., dict[str, Any]], backend: VPCBackend, *, filters: list[dict[str, Any]], **asked: Any
) -> dict[str, Any]:
    read = [{**one, "Value": one.get("Values", [])} for one in filters]
    return stock(backend, filters=read, **asked)
