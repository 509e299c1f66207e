"""The subnets are parts of the VPC's network, and apart from each other."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from stack_gate.stack import Block, Stack

from policies._network import is_private
from policies._policy import StackPolicy

_ASSOCIATION = "aws_vpc_ipv4_cidr_block_association"
_LARGEST, _SMALLEST = 16, 28  # VPC user guide, "VPC CIDR blocks"


class AddressesFit(StackPolicy):
    policy = "CKV2_BG_451"
    title = "Each VPC has a private network between /16 and /28, with its subnets apart from each other in it"
    requirement = None
    pci = "1.2.5"
    severity = "MEDIUM"
    yields = True
    why = "The apply fails, or a network is wider than what routes and security groups were reviewed for"
    fix = "set cidr_block of the VPC and its subnets to networks that fit into each other"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for vpc in stack.resources("aws_vpc"):
            own = _networks(vpc, stack)
            said = vpc.get("cidr_block")
            if said and "${" not in str(said) and not _is_of_a_vpc(_network(said)):
                yield vpc, f"has the network {said}"
            for place in (vpc, *stack.users(vpc, "vpc_id", _ASSOCIATION)):
                if not is_private(str(place.get("cidr_block"))) and _network(place.get("cidr_block")):
                    yield place, f"has {place.get('cidr_block')}, which are addresses of the internet"
            taken: list[tuple[IPv4Network, Block]] = []
            for subnet in stack.users(vpc, "vpc_id", "aws_subnet"):
                network = _network(subnet.get("cidr_block"))
                if network is None:
                    if subnet.get("cidr_block") and "${" not in str(subnet.get("cidr_block")):
                        yield subnet, f"has the network {subnet.get('cidr_block')}"
                    continue
                if own and not any(network.subnet_of(outer) for outer in own):
                    yield subnet, f"is {network}, outside of {vpc.address}"
                taken.append((network, subnet))
            yield from _overlapping(taken)


def _overlapping(taken: list[tuple[IPv4Network, Block]]) -> Iterator[tuple[Block, str]]:
    """In order of addresses a network can only overlap the ones before that reach furthest."""
    furthest: tuple[IPv4Network, Block] | None = None
    for network, subnet in sorted(taken, key=lambda item: (item[0].network_address, item[0].prefixlen)):
        if furthest and network.network_address <= furthest[0].broadcast_address:
            yield subnet, f"is {network}, and {furthest[1].address} has {furthest[0]}"
        if furthest is None or network.broadcast_address > furthest[0].broadcast_address:
            furthest = network, subnet


def _networks(vpc: Block, stack: Stack) -> list[IPv4Network]:
    """Those of the VPC; none where one of them is not known."""
    said = [vpc.get("cidr_block")]
    said += [more.get("cidr_block") for more in stack.users(vpc, "vpc_id", _ASSOCIATION)]
    found = [_network(value) for value in said]
    return [] if None in found else [network for network in found if network]


def _is_of_a_vpc(network: IPv4Network | None) -> bool:
    return network is not None and _LARGEST <= network.prefixlen <= _SMALLEST


def _network(value: object) -> IPv4Network | None:
    try:
        return IPv4Network(str(value))
    except ValueError:
        return None


check = AddressesFit()
