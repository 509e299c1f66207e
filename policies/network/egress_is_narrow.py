"""Nothing in the VPC has a wide way out, and the databases have none."""

from collections.abc import Iterator
from ipaddress import ip_network

from stack_gate.stack import LOAD_BALANCERS, Block, Body, listed, number

from policies._policy import ResourcePolicy
from policies.network._network_firewall import Firewalls

_GROUPS = ("aws_security_group", "aws_default_security_group")
_RULES = ("aws_security_group_rule", "aws_vpc_security_group_egress_rule")
_RANGES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
_LISTS = ("prefix_list_ids", "prefix_list_id")
_DATABASES = ("aws_rds_cluster", "aws_db_instance")
_OWN = ("aws_vpc", "aws_default_vpc", "aws_subnet")
_PRIVATE = [
    ip_network(own) for own in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]
_NARROWEST = {4: 24, 6: 56}  # bits: a partner's network, not a part of the internet


class EgressIsNarrow(ResourcePolicy):
    policy = "CKV_BG_312"
    title = "Ways out of the VPC lead to named networks on single ports; databases have none"
    requirement = None
    pci = "1.3.2"
    severity = "CRITICAL"
    why = "What breaks into the application sends cardholder data wherever it wants"
    fix = (
        "name the network (/24 or narrower, IPv6 /56), one port, and a description that says what for; or "
        "the security group; or route all private ways out through a network firewall that knows the names"
    )
    types = (*_GROUPS, *_RULES)

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == "aws_security_group_rule" and resource.get("type") != "egress":
            return
        groups = [resource] if resource.type in _GROUPS else resource.refers("security_group_id", *_GROUPS)
        of_database = any(
            True
            for group in groups
            for _ in resource.stack.users(group, "vpc_security_group_ids", *_DATABASES)
        )
        of_function = any(
            True
            for group in groups
            for _ in resource.stack.users(group, "vpc_config.security_group_ids", "aws_lambda_function")
        )
        for rule in resource.blocks("egress") if resource.type in _GROUPS else [resource.body]:
            for network in _networks(rule, resource):
                yield from _of(network, rule, resource, of_database, of_function)


def _networks(rule: Body, resource: Block) -> Iterator[str]:
    for key in _RANGES:
        yield from (str(value) for value in listed(rule.get(key)) if value is not None)
    for key in _LISTS:
        for found in resource.stack.referred(rule.get(key), "aws_ec2_managed_prefix_list"):
            apart = resource.stack.users(found, "prefix_list_id", "aws_ec2_managed_prefix_list_entry")
            yield from (
                str(e.get("cidr")) for e in [*found.blocks("entry"), *(entry.body for entry in apart)]
            )


def _of(text: str, rule: Body, resource: Block, of_database: bool, of_function: bool) -> Iterator[str]:
    if text.startswith("${"):
        if not [block for block in resource.stack.referred(text, *_OWN) if block.kind == "resource"]:
            yield f"leads to {text}, a network that is not known"
        return
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        yield f"leads to {text}, which is no network"
        return
    if any(network.version == own.version and network.subnet_of(own) for own in _PRIVATE):  # type: ignore[arg-type]
        return
    if of_database:
        yield f"leads from the database to {text}"
    elif of_function and not _is_filtered(resource):
        yield f"leads from a function to {text}"
    elif network.prefixlen < _NARROWEST[network.version] and not _is_filtered(resource):
        yield f"leads to {text}"
    elif not _is_one_port(rule):
        yield f"leads to {text} on more than one port"
    elif not rule.get("description"):
        yield f"leads to {text}, and doesn't say what for (description)"


def _is_filtered(resource: Block) -> bool:
    """Whether a network firewall decides by name what leaves: on every private way out, and what is in the
    group is no load balancer, which stands in front of it.
    """
    stack = resource.stack
    groups = [resource] if resource.type in _GROUPS else resource.refers("security_group_id", *_GROUPS)
    in_front = any(True for group in groups for _ in stack.users(group, "security_groups", *LOAD_BALANCERS))
    return not in_front and stack.derived(Firewalls).guards_every_way_out()


def _is_one_port(rule: Body) -> bool:
    first, last = number(rule.get("from_port")), number(rule.get("to_port"))
    protocol = str(rule.get("ip_protocol", rule.get("protocol"))).lower()
    return protocol in ("tcp", "udp", "6", "17") and first is not None and first == last and first > 0


check = EgressIsNarrow()
