"""A database that is cut off admits the other database and who looks at it, no service and no mover."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import embedded_aws
import pytest
from embedded_aws import LocalAws

from bluegreen.aws import Access
from bluegreen.operate.cut_off import CutOffError, cut_off
from lambda_src.contract.values import Colour
from packages.embedded_aws.tests.roles import role_of_anything

BLUE, GREEN = Colour


@pytest.fixture(scope="module")
def aws(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with embedded_aws.running(tmp_path_factory.mktemp("cut") / "aws") as aws:
        yield aws


@pytest.fixture(scope="module")
def groups(aws: LocalAws) -> dict[str, str]:
    """Security groups by name, in a network of their own."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    names = ("blue", "green", "blue-service", "green-service", "mover", "setup")
    return {
        name: ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in names
    }


@pytest.fixture(scope="module")
def endpoints(aws: LocalAws, groups: dict[str, str]) -> dict[Colour, str]:
    """Of two clusters."""
    return {
        colour: aws.client("rds").create_db_cluster(
            DBClusterIdentifier=f"cut-{colour}",
            Engine="aurora-mysql",
            MasterUsername="administrator",
            ManageMasterUserPassword=True,
            VpcSecurityGroupIds=[groups[colour]],
        )["DBCluster"]["Endpoint"]
        for colour in Colour
    }


@pytest.fixture(scope="module")
def setup(aws: LocalAws, groups: dict[str, str]) -> str:
    """A function that still reaches the database; its ARN."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("handler.py", "def handler(event, context): return {}")
    arn: str = aws.client("lambda").create_function(
        FunctionName="cut-setup",
        Runtime="python3.13",
        Role=role_of_anything(aws.client("iam"), "cut", "lambda.amazonaws.com"),
        Handler="handler.handler",
        Code={"ZipFile": package.getvalue()},
        VpcConfig={"SubnetIds": _subnets(aws, groups["setup"]), "SecurityGroupIds": [groups["setup"]]},
    )["FunctionArn"]
    return arn


def _subnets(aws: LocalAws, group: str) -> list[str]:
    ec2 = aws.client("ec2")
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return [ec2.create_subnet(VpcId=found["VpcId"], CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]]


def admit(aws: LocalAws, group: str, **rule: Any) -> None:
    aws.client("ec2").authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, **rule}]
    )


def admitted(aws: LocalAws, group: str) -> set[str]:
    """Peers of the group's ingress rules: groups, or networks."""
    found = aws.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    return {
        rule.get("ReferencedGroupInfo", {}).get("GroupId") or rule["CidrIpv4"]
        for rule in found["SecurityGroupRules"]
        if not rule["IsEgress"]
    }


def test_services_and_mover_go_and_the_others_stay(
    aws: LocalAws, groups: dict[str, str], endpoints: dict[Colour, str], setup: str
) -> None:
    for own in Colour:
        for peer in ("blue-service", "green-service", "mover", "setup", own.other.value):
            admit(aws, groups[own], UserIdGroupPairs=[{"GroupId": groups[peer]}])
    admit(aws, groups[GREEN], IpRanges=[{"CidrIp": "10.9.0.0/16"}])
    admit(aws, groups[GREEN], FromPort=443, ToPort=443, IpRanges=[{"CidrIp": "10.8.0.0/16"}])
    before = admitted(aws, groups[BLUE])
    access = Access("us-east-1", aws.endpoint, aws.variables())
    revoked = cut_off(access, GREEN, endpoints, {"setup": setup})
    assert len(revoked) == 4
    assert admitted(aws, groups[GREEN]) == {groups["blue"], groups["setup"], "10.8.0.0/16"}
    assert admitted(aws, groups[BLUE]) == before
    assert cut_off(access, GREEN, endpoints, {"setup": setup}) == []


def test_a_cluster_that_is_not_there_is_named(
    aws: LocalAws, endpoints: dict[Colour, str], setup: str
) -> None:
    access = Access("us-east-1", aws.endpoint, aws.variables())
    with pytest.raises(CutOffError, match="no cluster has the endpoint gone"):
        cut_off(access, GREEN, {**endpoints, GREEN: "gone"}, {"setup": setup})
