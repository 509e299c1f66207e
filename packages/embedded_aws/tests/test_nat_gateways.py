"""A NAT gateway that is deleted gives its address back."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from embedded_aws import LocalAws


def moved(aws: LocalAws) -> tuple[str, dict[str, Any]]:
    """A gateway is deleted, and one in another subnet gets its address: the address, the other gateway."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"]
        for block in ("10.8.0.0/28", "10.8.1.0/28")
    ]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)["NatGateway"]
    ec2.delete_nat_gateway(NatGatewayId=gateway["NatGatewayId"])
    return address, ec2.create_nat_gateway(SubnetId=subnets[1], AllocationId=address)["NatGateway"]


def test_its_address_may_be_that_of_another_gateway(aws: LocalAws) -> None:
    address, gateway = moved(aws)
    assert [one["AllocationId"] for one in gateway["NatGatewayAddresses"]] == [address]


def test_stock_moto_still_keeps_it(stock: LocalAws) -> None:
    with pytest.raises(ClientError, match=r"Resource\.AlreadyAssociated"):
        moved(stock)
