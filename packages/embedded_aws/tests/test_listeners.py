"""How Elastic Load Balancing differs from stock moto in listeners and target groups."""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from embedded_aws import LocalAws

UNKNOWN = "0123456789abcdef"


@dataclass(frozen=True)
class Balanced:
    """A listener that forwards to two groups by weight."""

    elbv2: Any
    listener: str
    groups: list[str]

    @classmethod
    def on(cls, aws: LocalAws) -> "Balanced":
        own = uuid.uuid4().hex[:8]
        ec2, elbv2 = aws.client("ec2"), aws.client("elbv2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
            for number, zone in enumerate("ab")
        ]
        names = [subnet["Subnet"]["SubnetId"] for subnet in subnets]
        balancer = elbv2.create_load_balancer(Name=f"balanced-{own}", Subnets=names)["LoadBalancers"][0]
        groups = [
            elbv2.create_target_group(
                Name=f"{name}-{own}", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip"
            )
            for name in ("one", "two")
        ]
        arns = [group["TargetGroups"][0]["TargetGroupArn"] for group in groups]
        listener = elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[forward(arns, sticky=False)],
        )
        return cls(elbv2, listener["Listeners"][0]["ListenerArn"], arns)

    def forward(self, *, sticky: bool) -> None:
        self.elbv2.modify_listener(
            ListenerArn=self.listener, DefaultActions=[forward(self.groups, sticky=sticky)]
        )

    def keep_clients(self, value: str) -> None:
        attribute = {"Key": "stickiness.enabled", "Value": value}
        self.elbv2.modify_target_group_attributes(TargetGroupArn=self.groups[0], Attributes=[attribute])


def forward(groups: list[str], *, sticky: bool) -> dict[str, Any]:
    config = {
        "TargetGroups": [{"TargetGroupArn": arn, "Weight": 50} for arn in groups],
        "TargetGroupStickinessConfig": {"Enabled": sticky, "DurationSeconds": 1},
    }
    return {"Type": "forward", "ForwardConfig": config}


def test_an_unknown_listener_fails_the_whole_call(aws: LocalAws) -> None:
    balanced = Balanced.on(aws)
    arns = [balanced.listener, f"{balanced.listener[:-16]}{UNKNOWN}"]
    with pytest.raises(ClientError, match="ListenerNotFound"):
        balanced.elbv2.describe_listeners(ListenerArns=arns)
    assert balanced.elbv2.describe_listeners(ListenerArns=arns[:1])["Listeners"]


def test_a_sticky_group_needs_a_sticky_forward(aws: LocalAws) -> None:
    balanced = Balanced.on(aws)
    with pytest.raises(ClientError, match="InvalidConfigurationRequest"):
        balanced.keep_clients("true")
    balanced.forward(sticky=True)
    balanced.keep_clients("true")
    with pytest.raises(ClientError, match="InvalidConfigurationRequest"):
        balanced.forward(sticky=False)
    balanced.keep_clients("false")
    balanced.forward(sticky=False)


@pytest.mark.parametrize(
    ("protocol", "settings", "checked_by"),
    [
        ("HTTPS", {}, "HTTP"),
        ("HTTP", {}, "HTTP"),
        ("HTTPS", {"HealthCheckProtocol": "HTTPS"}, "HTTPS"),
        ("TLS", {}, "TCP"),
    ],
)
def test_health_checks_are_by_http_unless_a_request_says_otherwise(
    aws: LocalAws, protocol: str, settings: dict[str, str], checked_by: str
) -> None:
    assert health_check_protocol(aws, protocol, **settings) == checked_by


def health_check_protocol(aws: LocalAws, protocol: str, **settings: str) -> str:
    """Of a new target group."""
    vpc = aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    asked = {"Name": f"checked-{uuid.uuid4().hex[:8]}", "Protocol": protocol, "Port": 443, "VpcId": vpc}
    made = aws.client("elbv2").create_target_group(**asked, TargetType="ip", **settings)
    return str(made["TargetGroups"][0]["HealthCheckProtocol"])


def test_stock_moto_still_checks_by_the_targets_protocol(stock: LocalAws) -> None:
    assert health_check_protocol(stock, "HTTPS") == "HTTPS"


def test_stock_moto_still_accepts_both(stock: LocalAws) -> None:
    balanced = Balanced.on(stock)
    arns = [balanced.listener, f"{balanced.listener[:-16]}{UNKNOWN}"]
    assert len(balanced.elbv2.describe_listeners(ListenerArns=arns)["Listeners"]) == 1
    balanced.keep_clients("true")
