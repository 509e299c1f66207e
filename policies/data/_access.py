"""Who is let in by a rule of a security group, as far as it isn't another group."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from stack_gate.stack import LOAD_BALANCERS, Block, Body, listed

from policies._network import Network

GROUPS = ("aws_security_group", "aws_default_security_group")
_RANGES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
_PREFIX_LISTS = ("prefix_list_ids", "prefix_list_id")
_MEMBERS = ("referenced_security_group_id", "source_security_group_id", "security_groups")
_VPCS = ("aws_vpc", "aws_default_vpc", "aws_subnet")


def strangers(rule: Body, group: Block) -> Iterator[str]:
    """What the rule admits from outside the VPC that the group is in, or straight from a load balancer."""
    for network in networks(rule, group):
        if not is_inside(network, group):
            yield network
        elif _is_public(network, group):
            yield f"{network}, a network that the internet reaches,"
    for key in _MEMBERS:
        for value in listed(rule.get(key)):
            if value and not group.stack.referred(value, *GROUPS):
                yield f"the group {value}, which is not in the stack,"
        for member in group.stack.referred(rule.get(key), *GROUPS):
            for balancer in group.stack.users(member, "security_groups", *LOAD_BALANCERS):
                yield f"the load balancer {balancer.address}"


def networks(rule: Body, group: Block) -> Iterator[str]:
    """The addresses that a rule names, those of prefix lists too."""
    for key in _RANGES:
        yield from (str(value) for value in listed(rule.get(key)))
    for key in _PREFIX_LISTS:
        for named in listed(rule.get(key)):
            found = group.stack.one(named, "aws_ec2_managed_prefix_list")
            if found is None:
                yield f"the prefix list {named}"
                continue
            apart = group.stack.users(found, "prefix_list_id", "aws_ec2_managed_prefix_list_entry")
            yield from (
                str(entry.get("cidr")) for entry in (*found.blocks("entry"), *(e.body for e in apart))
            )


def _is_public(network: str, group: Block) -> bool:
    """Whether it is that of public subnets alone."""
    stack, wanted = group.stack, _parsed(network)
    named = stack.referred(network, "aws_subnet") if wanted is None else []
    public = [s for s in stack.resources("aws_subnet") if stack.derived(Network).is_public(s)]
    own = [subnet for subnet in map(_of, public) if subnet is not None]
    return any(subnet in public for subnet in named) or (
        wanted is not None and any(_covers(subnet, wanted) for subnet in own)
    )


def _of(subnet: Block) -> IPv4Network | IPv6Network | None:
    return _parsed(subnet.get("cidr_block"))


def is_inside(network: str, group: Block) -> bool:
    """Whether a network is a part of the VPC that a group is in."""
    wanted = _parsed(network)
    if (
        wanted is None
    ):  # an expression: the network of the VPC or of one of its subnets, or nothing that can be seen
        return (
            bool(group.stack.referred(network, *_VPCS))
            or "data.aws_vpc." in network
            or "data.aws_subnet" in network
        )
    return any(_covers(own, wanted) for own in _own(group))


def _own(group: Block) -> Iterator[IPv4Network | IPv6Network]:
    for vpc in group.refers("vpc_id", "aws_vpc", "aws_default_vpc"):
        apart = group.stack.users(
            vpc, "vpc_id", "aws_vpc_ipv4_cidr_block_association", "aws_vpc_ipv6_cidr_block_association"
        )
        for block in (vpc, *apart):
            for key in ("cidr_block", "ipv6_cidr_block"):
                if (network := _parsed(block.get(key))) is not None:
                    yield network


def _covers(outer: IPv4Network | IPv6Network, inner: IPv4Network | IPv6Network) -> bool:
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network) and inner.subnet_of(outer)


def _parsed(network: object) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(str(network), strict=False)
    except ValueError:
        return None
