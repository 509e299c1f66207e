"""The services that the VPC endpoints name, in each zone that an endpoint has a network interface in.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html
"""

from collections.abc import Iterator

from stack_gate.stack import Block

from bluegreen.operate.doctor.findings import Answer, Check, failed, passed
from bluegreen.operate.doctor.subject import Subject, listed

GATEWAY = "Gateway"  # where an endpoint does not say


def services(subject: Subject) -> Iterator[Answer]:
    """By name and type: S3 has both. By a filter: an unknown name in ServiceNames fails the whole call."""
    endpoints = subject.stack.resources("aws_vpc_endpoint")
    names = sorted({str(endpoint.get("service_name")) for endpoint in endpoints})
    answer = subject.pages(
        "ec2",
        "describe_vpc_endpoint_services",
        "ServiceDetails",
        Filters=[{"Name": "service-name", "Values": names}],
    )
    zones = {
        (service["ServiceName"], type_["ServiceType"]): set(service["AvailabilityZones"])
        for service in answer
        for type_ in service["ServiceType"]
    }
    missing = [
        f"{service} ({type_}{': ' if lacks else ''}{', '.join(lacks)})"
        for endpoint in endpoints
        for service, type_ in [(endpoint.get("service_name"), endpoint.get("vpc_endpoint_type") or GATEWAY)]
        if (lacks := sorted(_zones(endpoint) - zones.get((service, type_), set())))
        or (service, type_) not in zones
    ]
    needed = f"{len(names)} services in {', '.join(subject.zones)}"
    if not missing:
        yield passed(f"all {len(names)}", needed=needed)
    else:
        fix = "set availability_zones to zones that have them, or choose another region"
        yield failed(f"not there: {listed(missing)}", fix, needed=needed)


def _zones(endpoint: Block) -> set[str]:
    """Those of its subnets; a gateway endpoint has none."""
    subnets = endpoint.refers("subnet_ids", "aws_subnet")
    return {str(subnet.get("availability_zone")) for subnet in subnets}


CHECKS = (Check("endpoint services", "in each zone", ("ec2:DescribeVpcEndpointServices",), services),)
