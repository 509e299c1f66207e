"""What is placed in subnets is placed in three availability zones."""

from collections.abc import Iterator

from stack_gate.stack import Block, listed

from policies._network import ZONES, Network
from policies._policy import ResourcePolicy

ARGUMENTS = (
    "subnets", "subnet_ids", "subnet_mapping", "subnet_configuration", "network_configuration.subnets",
    "vpc_config.subnet_ids",
)  # fmt: skip
_MAY_BE_NOWHERE = ("aws_ecs_service", "aws_lambda_function", "aws_vpc_endpoint")


class PlacedInThreeZones(ResourcePolicy):
    policy = "CKV_BG_8"
    title = (
        "Load balancers, network firewalls, services, functions, interface endpoints and database subnet "
        "groups are in three availability zones"
    )
    requirement = "R08"
    pci = "12.10.1"
    severity = "HIGH"
    why = "It goes down, or loses its reserve, with a zone although the network has others"
    fix = "name a subnet of each of three availability zones"
    types = ("aws_lb", "aws_alb", "aws_db_subnet_group", "aws_networkfirewall_firewall", *_MAY_BE_NOWHERE)

    def defects(self, resource: Block) -> Iterator[str]:
        named = [value for argument in ARGUMENTS for value in listed(resource.get(argument))]
        if resource.type in _MAY_BE_NOWHERE and (not named or not _has_choice(resource, named)):
            return
        zones = resource.stack.derived(Network).zones(named)
        elsewhere = {str(value) for value in named if not resource.stack.referred(value, "aws_subnet")}
        if len(zones) + len(elsewhere) < ZONES:  # of subnets that are not in the stack, each counts as a zone
            yield f"is in {len(zones) + len(elsewhere)} of {ZONES} zones"


def _has_choice(resource: Block, named: list[object]) -> bool:
    """Whether the tier that it is in spans the zones; else the tier is the defect."""
    network = resource.stack.derived(Network)
    own = set(map(id, resource.stack.referred(named, "aws_subnet")))
    tiers = [tier for tier in network.tiers().values() if own & set(map(id, tier))]
    return all(len({network.zone(subnet) for subnet in tier} - {None}) >= ZONES for tier in tiers)


check = PlacedInThreeZones()
