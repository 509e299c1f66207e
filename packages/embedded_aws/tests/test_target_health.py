"""Stand-in targets, and targets that are as healthy as somebody wants them to be."""

import uuid

import embedded_aws
import pytest
from moto.moto_api._internal.urls import url_paths

ADDRESSES = ["10.0.16.10", "10.0.17.10"]
HEALTHY = ("healthy", None)


def create_target_group(aws: embedded_aws.LocalAws) -> str:
    """A new target group of IP addresses; returns its ARN."""
    vpc = aws.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    group = aws.client("elbv2").create_target_group(
        Name=uuid.uuid4().hex, Protocol="HTTPS", Port=8443, VpcId=vpc, TargetType="ip"
    )
    return str(group["TargetGroups"][0]["TargetGroupArn"])


def health(aws: embedded_aws.LocalAws, group: str) -> dict[str, tuple[str, str | None]]:
    """State and reason of every registered target."""
    described = aws.client("elbv2").describe_target_health(TargetGroupArn=group)
    return {
        entry["Target"]["Id"]: (entry["TargetHealth"]["State"], entry["TargetHealth"].get("Reason"))
        for entry in described["TargetHealthDescriptions"]
    }


@pytest.fixture
def group(aws: embedded_aws.LocalAws) -> str:
    """A target group with two stand-ins."""
    arn = create_target_group(aws)
    assert embedded_aws.register_targets(aws, arn, ADDRESSES) == ADDRESSES
    return arn


def test_stand_ins_are_healthy_and_at_the_groups_port(aws: embedded_aws.LocalAws, group: str) -> None:
    described = aws.client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert [entry["Target"] for entry in described] == [
        {"Id": address, "Port": 8443} for address in ADDRESSES
    ]
    assert health(aws, group) == dict.fromkeys(ADDRESSES, HEALTHY)


def test_registering_again_keeps_health(aws: embedded_aws.LocalAws, group: str) -> None:
    embedded_aws.set_target_health(aws, group, "unhealthy")
    assert embedded_aws.register_targets(aws, group, [*ADDRESSES, "10.0.18.10"], port=9000) == ["10.0.18.10"]
    sick = ("unhealthy", "Target.FailedHealthChecks")
    assert health(aws, group) == {**dict.fromkeys(ADDRESSES, sick), "10.0.18.10": HEALTHY}


@pytest.mark.parametrize(("state", "reason"), embedded_aws.HEALTH_STATES.items())
def test_every_state_of_aws_can_be_set(
    aws: embedded_aws.LocalAws, group: str, state: str, reason: str | None
) -> None:
    assert embedded_aws.set_target_health(aws, group, state) == ADDRESSES
    assert health(aws, group) == dict.fromkeys(ADDRESSES, (state, reason))


def test_one_target_can_be_made_different(aws: embedded_aws.LocalAws, group: str) -> None:
    sick = ADDRESSES[1]
    chosen = embedded_aws.set_target_health(aws, group, "unhealthy", target_id=sick, reason="Target.Timeout")
    assert chosen == [sick]
    assert health(aws, group) == {ADDRESSES[0]: HEALTHY, sick: ("unhealthy", "Target.Timeout")}


def test_health_ends_with_the_registration(aws: embedded_aws.LocalAws, group: str) -> None:
    embedded_aws.set_target_health(aws, group, "unhealthy")
    elbv2, target = aws.client("elbv2"), {"Id": ADDRESSES[0]}
    elbv2.deregister_targets(TargetGroupArn=group, Targets=[target])
    elbv2.register_targets(TargetGroupArn=group, Targets=[target])
    assert health(aws, group)[ADDRESSES[0]] == HEALTHY


def test_what_cannot_be_set_is_named(aws: embedded_aws.LocalAws, group: str) -> None:
    empty = create_target_group(aws)
    for arn, state, target, problem in (
        (group, "poorly", None, "'poorly' is not a state of target health: healthy, initial"),
        (group, "unhealthy", "10.9.9.9", "has no target 10.9.9.9"),
        (empty, "unhealthy", None, "has no targets"),
        (group[:-1], "unhealthy", None, "there is no target group"),
        ("blue", "unhealthy", None, "there is no target group blue"),
    ):
        with pytest.raises(embedded_aws.LocalAwsError, match=problem):
            embedded_aws.set_target_health(aws, arn, state, target_id=target)
    assert health(aws, group) == dict.fromkeys(ADDRESSES, HEALTHY)


def test_stand_ins_need_a_target_group(aws: embedded_aws.LocalAws, group: str) -> None:
    with pytest.raises(embedded_aws.LocalAwsError, match="apply the deployment first"):
        embedded_aws.register_targets(aws, group[:-1], ADDRESSES)


def test_stock_moto_still_lacks_it(stock: embedded_aws.LocalAws) -> None:
    group = create_target_group(stock)
    embedded_aws.register_targets(stock, group, ADDRESSES)
    # In AWS they would be `unused`: no load balancer has the group. And nothing is there to say otherwise.
    assert health(stock, group) == dict.fromkeys(ADDRESSES, HEALTHY)
    assert not [path for path in url_paths if "elb" in path or "health" in path]
