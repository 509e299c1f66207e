"""What is placed in subnets is placed in three availability zones."""

from collections.abc import Iterator

from stack_gate.stack import LOAD_BALANCERS, Block, is_true, listed

from policies._network import ZONES, Network
from policies._policy import ResourcePolicy

ARGUMENTS = (
    "subnets", "subnet_ids", "subnet_mapping", "subnet_configuration", "network_configuration.subnets",
    "subnet_id", "vpc_config.subnet_ids",
)  # fmt: skip
_MAY_BE_NOWHERE = ("aws_ecs_service", "aws_lambda_function", "aws_vpc_endpoint")
_MOUNT_TARGET = "aws_efs_mount_target"  # of one zone


class PlacedInThreeZones(ResourcePolicy):
    policy = "CKV_BG_8"
    title = (
        "Load balancers, network firewalls, services, functions, interface endpoints and database subnet "
        "groups are in three availability zones; what calls databases, or has files, is in none of theirs"
    )
    requirement = "R08"
    pci = "12.10.1"
    severity = "HIGH"
    why = (
        "It goes down, or loses its reserve, with a zone although the network has others; or what breaks "
        "into it stands beside the databases"
    )
    fix = "name a subnet of each of three availability zones, of the tier that is between the other two"
    types = (
        "aws_lb", "aws_alb", "aws_db_subnet_group", "aws_networkfirewall_firewall", _MOUNT_TARGET,
        *_MAY_BE_NOWHERE,
    )  # fmt: skip

    def defects(self, resource: Block) -> Iterator[str]:
        named = [value for argument in ARGUMENTS for value in listed(resource.get(argument))]
        if resource.type == _MOUNT_TARGET:
            yield from _in_another_tier(resource, named)
            return
        if resource.type in _MAY_BE_NOWHERE and (not named or not _has_choice(resource, named)):
            return
        zones = resource.stack.derived(Network).zones(named)
        elsewhere = {str(value) for value in named if not resource.stack.referred(value, "aws_subnet")}
        if len(zones) + len(elsewhere) < ZONES:  # of subnets that are not in the stack, each counts as a zone
            yield f"is in {len(zones) + len(elsewhere)} of {ZONES} zones"
        if resource.type in LOAD_BALANCERS and not is_true(resource.get("internal")):
            network = resource.stack.derived(Network)
            for subnet in resource.stack.referred(named, "aws_subnet"):
                if network.tables(subnet) and not network.is_public(subnet):
                    yield f"is in {subnet.address}, which the internet has no way into"
        if resource.type in _MAY_BE_NOWHERE:
            yield from _in_another_tier(resource, named)


def _in_another_tier(resource: Block, named: list[object]) -> Iterator[str]:
    """Where there is a tier between the public one and that of the databases."""
    stack = resource.stack
    network = stack.derived(Network)
    groups = stack.resources("aws_db_subnet_group")
    theirs = {subnet.key for group in groups for subnet in group.refers("subnet_ids", "aws_subnet")}
    if all(subnet.key in theirs for subnet in network.private_subnets()):
        return
    for subnet in stack.referred(named, "aws_subnet"):
        if subnet.key in theirs:
            yield f"is in {subnet.address}, which is the databases'"
        elif network.is_public(subnet):
            yield f"is in {subnet.address}, which the internet has a way into"


def _has_choice(resource: Block, named: list[object]) -> bool:
    """Whether the tier that it is in spans the zones; else the tier is the defect."""
    network = resource.stack.derived(Network)
    own = set(map(id, resource.stack.referred(named, "aws_subnet")))
    tiers = [tier for tier in network.tiers().values() if own & set(map(id, tier))]
    return all(len({network.zone(subnet) for subnet in tier} - {None}) >= ZONES for tier in tiers)


check = PlacedInThreeZones()
