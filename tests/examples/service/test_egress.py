"""The laptop's service and its acquirer: payments pass as far as the network of its tasks lets them."""

import uuid
from collections.abc import Iterator
from typing import Any

import embedded_aws
import pytest

from bluegreen.operate.service import starting
from tests import standing_ledger
from tests.examples.service.acquirers import Acquirer, acquirer
from tests.examples.service.conftest import COLOURS, TABLE, Shop, secret, start_service

NAME, ADDRESS = "api.acquirer.example", "203.0.113.10"
TARGETS = [f"10.20.{zone}.10" for zone in range(3)]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acquirer]:
    with acquirer(tmp_path_factory.mktemp("acquirer"), NAME, closes=True) as found:
        yield found


@pytest.fixture(scope="module")
def group(opened: Shop, bank: Acquirer) -> Iterator[str]:
    """The security group of blue's tasks, while blue has its payments authorised."""
    aws = opened.aws
    found = placed(aws)
    embedded_aws.stand_in(aws, ADDRESS, 443, bank.port, NAME)
    starting.start(
        aws,
        "blue",
        [(address, 8443) for address in TARGETS],
        table=TABLE,
        region=embedded_aws.REGION,
        databases=standing_ledger.bring_up(aws, {name: secret(aws, name) for name in COLOURS}),
        variables={"ACQUIRER_URL": f"https://{NAME}/v1", "ACQUIRER_CA_BUNDLE": str(bank.certificate)},
    )
    yield found
    start_service(aws, "blue", TARGETS)
    aws.client("ecs").delete_service(cluster="shop-blue", service="shop-blue", force=True)


def placed(aws: embedded_aws.LocalAws) -> str:
    """An ECS service of blue; its security group, which reaches nothing."""
    ec2, ecs = aws.client("ec2"), aws.client("ecs")
    subnet = ec2.describe_subnets()["Subnets"][0]
    group: str = ec2.create_security_group(GroupName="shop-blue", Description="tasks", VpcId=subnet["VpcId"])[
        "GroupId"
    ]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    (table,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])[
        "RouteTables"
    ]
    nat = ec2.create_nat_gateway(SubnetId=subnet["SubnetId"], ConnectivityType="private")["NatGateway"]
    ec2.create_route(
        RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat["NatGatewayId"]
    )
    ecs.create_cluster(clusterName="shop-blue")
    definition = ecs.register_task_definition(
        family="shop-blue",
        networkMode="awsvpc",
        containerDefinitions=[{"name": "application", "image": "example.test/a", "memory": 128}],
    )["taskDefinition"]["taskDefinitionArn"]
    network = {"subnets": [subnet["SubnetId"]], "securityGroups": [group]}
    ecs.create_service(
        cluster="shop-blue",
        serviceName="shop-blue",
        taskDefinition=definition,
        desiredCount=0,
        networkConfiguration={"awsvpcConfiguration": network},
    )
    return group


def rule() -> list[dict[str, Any]]:
    ranges = [{"CidrIp": "203.0.113.0/24"}]
    return [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges}]


def test_a_payment_needs_the_egress_rule(opened: Shop, bank: Acquirer, group: str) -> None:
    ec2, key = opened.aws.client("ec2"), uuid.uuid4().hex
    refused = opened.pay("blue", key)
    assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
    assert (opened.written(key), bank.asked) == ([], [])
    last = embedded_aws.refused_egress(opened.aws)[-1]
    assert (last["service"], last["destination"], last["by"]) == ("blue", f"{NAME}:443", "security group")

    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=rule())
    assert opened.pay("blue", key).status == 201
    assert (len(opened.written(key)), bank.asked) == (1, [key])

    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=rule())
    other = uuid.uuid4().hex
    assert opened.pay("blue", other).status == 503
    assert opened.pay("green", other).status == 201  # without an acquirer
    assert (len(opened.written(other)), bank.asked) == (1, [key])
