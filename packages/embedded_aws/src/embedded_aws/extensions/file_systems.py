"""What a Fargate task needs to mount its EFS file systems: a mount target in its zone, TCP 2049 on the way,
and its role's permission.

Only the path of the mount is looked at: files are neither kept nor read here.

Sources: Amazon ECS developer guide, "Use Amazon EFS volumes with Amazon ECS"; Amazon EFS user guide, "Using
IAM to control file system data access" and "Using VPC security groups"; wording of a name that isn't found:
issue 1083 of aws/amazon-ecs-cli.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from typing import Any

from moto.ecs.models import EC2ContainerServiceBackend, Service

from embedded_aws.authorisation import held
from embedded_aws.authorisation.checks import Check
from iam_evaluation import Caller

NFS = 2049
FAILS = "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: {}"
NO_TARGET = 'Failed to resolve "{}.efs.{}.amazonaws.com"'
TIMED_OUT = "mount.nfs4: Connection timed out"


def mount_checks(definition: Any, where: tuple[str, str]) -> Iterator[Check]:
    """Of the task's role. A file system without a policy asks nothing of its clients (EFS user guide,
    "Default EFS file system policy").
    """
    region, account = where
    efs = held.backend("efs", region, account)
    for volume in _volumes(definition):
        system = efs.file_systems_by_id.get(volume["fileSystemId"]) if efs else None
        if system is None or not system.file_system_policy:
            continue
        through = volume.get("authorizationConfig") or {}
        role = vars(definition).get("task_role_arn") if through.get("iam") == "ENABLED" else None
        caller = Caller.role(role, "ecs") if role else Caller.anonymous()
        keys = {
            "aws:SecureTransport": volume.get("transitEncryption") == "ENABLED",
            "elasticfilesystem:AccessedViaMountTarget": True,
        }
        if point := through.get("accessPointId"):
            arn = f"arn:aws:elasticfilesystem:{region}:{account}:access-point/{point}"
            keys["elasticfilesystem:AccessPointArn"] = arn
        yield Check(caller, "elasticfilesystem:ClientMount", system.file_system_arn, keys)


def why_not_mounted(backend: EC2ContainerServiceBackend, service: Service, definition: Any) -> str | None:
    """The reason with which ECS stops a task. None: the network leads to each of its file systems."""
    region, account = backend.region_name, backend.account_id
    efs, ec2 = (held.backend(name, region, account) for name in ("efs", "ec2"))
    place = (service.network_configuration or {}).get("awsvpcConfiguration", {})
    groups = place.get("securityGroups") or ()
    for volume in _volumes(definition):
        id_ = volume["fileSystemId"]
        targets = list(efs.mount_targets_by_id.values()) if efs else []
        by_zone = {one.availability_zone_name: one for one in targets if one.file_system_id == id_}
        for subnet in map(ec2.get_subnet, place.get("subnets", ())):
            target = by_zone.get(subnet.availability_zone)
            if target is None or target.vpc_id != subnet.vpc_id:
                return FAILS.format(NO_TARGET.format(id_, region))
            own = target.security_groups or ()
            out = [rule for one in groups for rule in ec2.get_security_group_from_id(one).egress_rules]
            into = [rule for one in own for rule in ec2.get_security_group_from_id(one).ingress_rules]
            if not (_admit(out, own, target.ip_address) and _admit(into, groups, subnet.cidr_block)):
                return FAILS.format(TIMED_OUT)
    return None


def _admit(rules: Iterable[Any], groups: Iterable[str], network: str) -> bool:
    """Whether a rule admits TCP 2049 from or to a member of these groups, in this network."""
    return any(
        rule.ip_protocol in ("tcp", "-1")
        and (rule.from_port is None or rule.from_port <= NFS <= rule.to_port)
        and (
            rule.source_group.get("GroupId") in groups
            or (rule.cidr_ipv4 and IPv4Network(network).subnet_of(IPv4Network(rule.cidr_ipv4)))
        )
        for rule in rules
    )


def _volumes(definition: Any) -> Iterator[dict[str, Any]]:
    for volume in definition.volumes:
        if found := volume.get("efsVolumeConfiguration"):
            yield found
