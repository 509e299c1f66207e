"""EFS: who may make mount targets, and what a task needs to mount a file system.

EFS API reference, CreateMountTarget and following; EFS user guide, "Using IAM to control file system data
access" and "Using VPC security groups"; Service Authorization Reference, Amazon Elastic File System.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from embedded_aws import LocalAws

from packages.embedded_aws.tests.authorisation.acting import HERE, Acting, Statement, allow, denied, document
from packages.embedded_aws.tests.roles import trust

TASKS = "ecs-tasks.amazonaws.com"
NFS = 2049
ZONE, ANOTHER_ZONE = "us-east-1a", "us-east-1c"
FAILS = "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: "


@dataclass
class Place:
    """A file system with an access point, and a VPC with a subnet and a security group at each end."""

    aws: LocalAws

    def __post_init__(self) -> None:
        ec2, efs, self.name = self.aws.client("ec2"), self.aws.client("efs"), f"files-{uuid.uuid4().hex[:8]}"
        self.vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.subnet_in(ZONE, "10.8.1.0/24")
        self.of_tasks, self.of_targets = self._group("tasks"), self._group("targets")
        found = efs.create_file_system(CreationToken=self.name, Encrypted=True)
        self.id, self.arn = found["FileSystemId"], found["FileSystemArn"]
        point = efs.create_access_point(ClientToken=self.name, FileSystemId=self.id)
        self.point, self.point_arn = point["AccessPointId"], point["AccessPointArn"]

    def _group(self, end: str) -> str:
        """Without any rule."""
        ec2 = self.aws.client("ec2")
        name = f"{self.name}-{end}"
        id_ = ec2.create_security_group(GroupName=name, Description=end, VpcId=self.vpc)["GroupId"]
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ec2.revoke_security_group_egress(GroupId=id_, IpPermissions=everything)
        return str(id_)

    def subnet_in(self, zone: str, network: str) -> str:
        """In a zone that is named: without one, EC2 chooses any (API reference, CreateSubnet)."""
        asked = {"VpcId": self.vpc, "CidrBlock": network, "AvailabilityZone": zone}
        return str(self.aws.client("ec2").create_subnet(**asked)["Subnet"]["SubnetId"])

    def wanted(self) -> dict[str, Any]:
        """Of CreateMountTarget."""
        return {"FileSystemId": self.id, "SubnetId": self.subnet, "SecurityGroups": [self.of_targets]}

    def target(self) -> str:
        """A mount target in the subnet."""
        return str(self.aws.client("efs").create_mount_target(**self.wanted())["MountTargetId"])

    def lets_out(self, port: int = NFS, **end: Any) -> None:
        """A rule of the tasks' group; to the targets' group, unless `end` says another."""
        end = end or {"UserIdGroupPairs": [{"GroupId": self.of_targets}]}
        self.aws.client("ec2").authorize_security_group_egress(
            GroupId=self.of_tasks, IpPermissions=[_permission(port, end)]
        )

    def lets_in(self, port: int = NFS, **end: Any) -> None:
        """A rule of the targets' group; from the tasks' group, unless `end` says another."""
        end = end or {"UserIdGroupPairs": [{"GroupId": self.of_tasks}]}
        self.aws.client("ec2").authorize_security_group_ingress(
            GroupId=self.of_targets, IpPermissions=[_permission(port, end)]
        )

    def starts(self, *rights: Statement, iam: str = "ENABLED") -> str:
        """A service whose task mounts it as a role with these rights: why its task stopped, or nothing."""
        ecs, name = self.aws.client("ecs"), f"files-{uuid.uuid4().hex[:8]}"
        ecs.create_cluster(clusterName=name)
        definition = ecs.register_task_definition(
            family=name,
            networkMode="awsvpc",
            taskRoleArn=self._role(name, rights),
            containerDefinitions=[{"name": "application", "image": "example.test/a", "memory": 128}],
            volumes=[
                {
                    "name": "files",
                    "efsVolumeConfiguration": {
                        "fileSystemId": self.id,
                        "transitEncryption": "ENABLED",
                        "authorizationConfig": {"accessPointId": self.point, "iam": iam},
                    },
                }
            ],
        )["taskDefinition"]["taskDefinitionArn"]
        place = {"subnets": [self.subnet], "securityGroups": [self.of_tasks]}
        ecs.create_service(
            cluster=name,
            serviceName=name,
            taskDefinition=definition,
            desiredCount=1,
            networkConfiguration={"awsvpcConfiguration": place},
        )
        (service,) = ecs.describe_services(cluster=name, services=[name])["services"]
        if service["deployments"][0]["rolloutState"] == "COMPLETED":
            return ""
        arns = ecs.list_tasks(cluster=name, serviceName=name, desiredStatus="STOPPED")["taskArns"]
        stopped = ecs.describe_tasks(cluster=name, tasks=arns)["tasks"]
        (reason,) = {str(task["stoppedReason"]) for task in stopped}
        return reason

    def _role(self, name: str, rights: tuple[Statement, ...]) -> str:
        iam = self.aws.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(TASKS))["Role"]["Arn"]
        if rights:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*rights))
        return str(arn)


def _permission(port: int, end: dict[str, Any]) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **end}


@pytest.fixture
def place(aws: LocalAws) -> Place:
    return Place(aws)


@pytest.fixture
def reachable(place: Place) -> Place:
    place.target()
    place.lets_out()
    place.lets_in()
    return place


def test_a_task_needs_a_mount_target(place: Place) -> None:
    assert place.starts() == f'{FAILS}Failed to resolve "{place.id}.efs.us-east-1.amazonaws.com"'
    place.target()
    place.lets_out()
    place.lets_in()
    assert place.starts() == ""


def test_a_mount_target_is_for_its_zone(reachable: Place) -> None:
    reachable.subnet = reachable.subnet_in(ANOTHER_ZONE, "10.8.2.0/24")
    assert "Failed to resolve" in reachable.starts()


@pytest.mark.parametrize("missing", ["out", "in", "port"])
def test_both_security_groups_admit_nfs(place: Place, missing: str) -> None:
    place.target()
    if missing != "out":
        place.lets_out(443 if missing == "port" else NFS)
    if missing != "in":
        place.lets_in()
    assert place.starts() == f"{FAILS}mount.nfs4: Connection timed out"


def test_networks_admit_too(place: Place) -> None:
    place.target()
    place.lets_out(IpRanges=[{"CidrIp": "10.8.0.0/16"}])
    place.lets_in(IpRanges=[{"CidrIp": "10.8.2.0/24"}])
    assert place.starts() == f"{FAILS}mount.nfs4: Connection timed out"
    place.lets_in(IpRanges=[{"CidrIp": "10.8.1.0/24"}])
    assert place.starts() == ""


@pytest.mark.parametrize(
    ("condition", "iam", "mounts"),
    [
        ({}, "ENABLED", True),
        ({}, "DISABLED", False),
        ({"elasticfilesystem:AccessPointArn": "{point}"}, "ENABLED", True),
        ({"elasticfilesystem:AccessPointArn": "{point}0"}, "ENABLED", False),
    ],
)
def test_a_file_system_with_a_policy_asks_for_the_role(
    reachable: Place, condition: dict[str, str], iam: str, mounts: bool
) -> None:
    nothing = allow("elasticfilesystem:ClientWrite", on=reachable.arn, Principal={"AWS": "*"})
    reachable.aws.client("efs").put_file_system_policy(FileSystemId=reachable.id, Policy=document(nothing))
    equals = {key: value.format(point=reachable.point_arn) for key, value in condition.items()}
    more = {"Condition": {"StringEquals": equals}} if equals else {}
    right = allow("elasticfilesystem:ClientMount", on=reachable.arn, **more)
    found = reachable.starts(right, iam=iam)
    assert found == "" if mounts else "elasticfilesystem:ClientMount was denied" in found


MADE = (
    ("elasticfilesystem:CreateMountTarget", "{system}"),
    ("ec2:DescribeSubnets", "*"),
    ("ec2:DescribeNetworkInterfaces", "*"),
    ("ec2:CreateNetworkInterface", "*"),
)
DELETED = (("elasticfilesystem:DeleteMountTarget", "{system}"), ("ec2:DeleteNetworkInterface", "{interface}"))
READ = (
    ("elasticfilesystem:DescribeMountTargetSecurityGroups", "{system}"),
    ("ec2:DescribeNetworkInterfaceAttribute", "*"),
)
CHANGED = (
    ("elasticfilesystem:ModifyMountTargetSecurityGroups", "{system}"),
    ("ec2:ModifyNetworkInterfaceAttribute", "*"),
)


def rights(place: Place, interface: str, *needed: tuple[str, str]) -> list[Statement]:
    where = {"system": place.arn, "interface": interface}
    return [allow(action, on=on.format(**where)) for action, on in needed]


@pytest.mark.parametrize("missing", [None, *range(len(MADE))])
def test_making_a_mount_target_needs_its_file_system_and_a_network_interface(
    place: Place, missing: int | None
) -> None:
    needed = [one for index, one in enumerate(MADE) if index != missing]
    efs = Acting(place.aws, *rights(place, "*", *needed)).client("efs")
    code, message = denied(efs.create_mount_target, **place.wanted())
    assert code == ("" if missing is None else "AccessDeniedException")
    assert missing is None or MADE[missing][0] in message


@pytest.mark.parametrize(
    ("operation", "needed", "more"),
    [
        ("delete_mount_target", DELETED, {}),
        ("describe_mount_target_security_groups", READ, {}),
        ("modify_mount_target_security_groups", CHANGED, {"SecurityGroups": []}),
        ("describe_mount_targets", (("elasticfilesystem:DescribeMountTargets", "{system}"),), {}),
    ],
)
def test_a_mount_target_is_its_file_systems(
    place: Place, operation: str, needed: tuple[tuple[str, str], ...], more: dict[str, Any]
) -> None:
    target, efs = place.target(), place.aws.client("efs")
    (found,) = efs.describe_mount_targets(MountTargetId=target)["MountTargets"]
    interface = f"arn:aws:ec2:{HERE}:network-interface/{found['NetworkInterfaceId']}"
    for index, (action, _) in enumerate(needed):
        role = Acting(place.aws, *rights(place, interface, *needed[:index]))
        code, message = denied(getattr(role.client("efs"), operation), MountTargetId=target, **more)
        assert (code, action in message) == ("AccessDeniedException", True)
    role = Acting(place.aws, *rights(place, interface, *needed))
    assert denied(getattr(role.client("efs"), operation), MountTargetId=target, **more) == ("", "")


def test_another_file_system_is_not_covered(place: Place) -> None:
    other = Place(place.aws)
    efs = Acting(place.aws, *rights(other, "*", *MADE)).client("efs")
    assert denied(efs.create_mount_target, **place.wanted())[0] == "AccessDeniedException"


def test_a_mount_target_that_is_gone_is_not_found(place: Place) -> None:
    target, efs = place.target(), place.aws.client("efs")
    efs.delete_mount_target(MountTargetId=target)
    role = Acting(place.aws, *rights(place, "*", ("elasticfilesystem:DescribeMountTargets", "{system}")))
    asked = role.client("efs").describe_mount_targets
    assert denied(asked, MountTargetId=target)[0] == "MountTargetNotFound"
