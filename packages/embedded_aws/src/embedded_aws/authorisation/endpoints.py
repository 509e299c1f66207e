"""The VPC endpoint that a function's request goes through, and its policy.

A function in a VPC reaches a service through the VPC's endpoint for it: through an interface endpoint by its
private DNS name, through a gateway endpoint by the route tables. Others go another way, without a policy.
Source: AWS PrivateLink guide, "Control access to VPC endpoints using endpoint policies".
"""

from collections.abc import Sequence
from typing import Any

from embedded_aws.authorisation import held
from embedded_aws.authorisation.documents import parsed
from iam_evaluation import Caller, Kind, Policy

# Prefix of actions → the service's name in endpoints, where they differ.
NAMES = {"cloudwatch": "monitoring", "ecr": "ecr.api"}


def endpoint_of(caller: Caller, service: str, region: str) -> Any:
    """moto's endpoint. None: the caller is no function in a VPC, or the VPC has none for the service."""
    function = held.function(caller.arn.rpartition("/")[2], region)
    if function is None or function.role != caller.entity:
        return None
    ec2 = held.backend("ec2", region)
    vpc = _vpc(ec2, (function.vpc_config or {}).get("SubnetIds") or ())
    wanted = f"com.amazonaws.{region}.{NAMES.get(service, service)}"
    for endpoint in list(ec2.vpc_end_points.values()) if ec2 and vpc else ():
        routed = endpoint.vpc_endpoint_type == "Gateway" or endpoint.private_dns_enabled
        if routed and endpoint.vpc_id == vpc and endpoint.service_name == wanted:
            return endpoint
    return None


def _vpc(ec2: Any, subnets: Sequence[str]) -> str | None:
    """Of a function's subnets; moto itself has made one up."""
    for zone in list(ec2.subnets.values()) if ec2 and subnets else ():
        if subnets[0] in zone:
            return str(zone[subnets[0]].vpc_id)
    return None


def policies_of(document: str) -> tuple[Policy, ...]:
    """Of an endpoint. None for a document that can't be read: then it allows nothing."""
    policy = parsed(document, "endpoint policy", Kind.RESOURCE)
    return (policy,) if policy else ()
