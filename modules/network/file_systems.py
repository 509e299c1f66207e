"""EFS file systems of the account, reached from the application subnets.

Source: Amazon EFS user guide, "Creating and managing mount targets and security groups".
"""

from collections.abc import Iterable

from cdktf_cdktf_provider_aws.efs_mount_target import EfsMountTarget
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from modules.config import Deployment
from modules.config.containers import FileSystem
from modules.network.security_groups import allow, security_group
from modules.network.vpc import Network

NFS = 2049


class FileSystems(Construct):
    """For each file system that a colour mounts, a mount target in each zone; for all of them one security
    group. Without any, nothing. A file system has mount targets in one VPC at a time.
    """

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment, network: Network) -> None:
        super().__init__(scope, id_)
        ids = {one.id for _, colour in deployment.colours.items() for one in colour.service.file_systems}
        self._group: SecurityGroup | None = None
        self._targets: dict[str, list[EfsMountTarget]] = {}
        if not ids:
            return
        self._group = security_group(
            self,
            "security-group",
            name=f"{deployment.prefix}-file-systems",
            description="Mount targets of the file systems",
            vpc_id=network.vpc_id,
        )
        for id_of_system in sorted(ids):
            zones = zip(deployment.availability_zones, network.application.subnet_ids, strict=True)
            self._targets[id_of_system] = [
                EfsMountTarget(
                    self,
                    f"{id_of_system}-{zone}",
                    file_system_id=id_of_system,
                    subnet_id=subnet,
                    security_groups=[self._group.id],
                )
                for zone, subnet in zones
            ]

    def targets_of(self, mounted: Iterable[FileSystem]) -> list[EfsMountTarget]:
        """In all zones. Without one in its zone a task that mounts the file system does not start."""
        return [target for id_ in dict.fromkeys(each.id for each in mounted) for target in self._targets[id_]]

    def admit(self, client: SecurityGroup, id_: str) -> None:
        """Lets members of `client` mount the file systems."""
        if self._group is not None:
            allow(
                self,
                id_,
                source=client,
                destination=self._group,
                port=NFS,
                description=f"{id_} to the file systems",
            )
