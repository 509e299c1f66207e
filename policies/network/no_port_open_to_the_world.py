"""The world reaches the load balancer on 80 and 443, and nothing else."""

from collections.abc import Iterator

from stack_gate.stack import LOAD_BALANCERS, Block, Body, is_true, listed, number, objects

from policies._policy import ResourcePolicy

GROUPS = ("aws_security_group", "aws_default_security_group")
RANGES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
PREFIX_LISTS = ("prefix_list_ids", "prefix_list_id")
ENTRIES = "aws_ec2_managed_prefix_list_entry"
PUBLIC_PORTS = (80, 443)
WIDEST = 8  # bits: a network larger than a class A is the world, perhaps in pieces


class NoPortOpenToTheWorld(ResourcePolicy):
    policy = "CKV_BG_55"
    title = "Nothing but ports 80 and 443 of the load balancer is open to the world"
    requirement = None
    pci = "1.4.2"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "Whatever listens there is attacked by everybody within minutes"
    fix = "admit the security group that calls (referenced_security_group_id), or the networks that need it"
    types = (*GROUPS, "aws_security_group_rule", "aws_vpc_security_group_ingress_rule")

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == "aws_security_group_rule" and resource.get("type") != "ingress":
            return
        for rule in resource.blocks("ingress") if resource.type in GROUPS else [resource.body]:
            for network in _networks(rule, resource):
                if _is_world(network) and not (_is_web(rule) and _is_of_load_balancer(resource)):
                    yield f"admits {network} to {_ports(rule)}"


def _networks(rule: Body, resource: Block) -> Iterator[str]:
    for key in RANGES:
        yield from (str(value) for value in listed(rule.get(key)))
    for key in PREFIX_LISTS:
        for found in resource.stack.referred(rule.get(key), "aws_ec2_managed_prefix_list"):
            entries = [*found.blocks("entry"), *(
                entry.body
                for entry in resource.stack.users(found, "prefix_list_id", ENTRIES)
            )]  # fmt: skip
            yield from (str(entry.get("cidr")) for entry in objects(entries))


def _is_world(network: str) -> bool:
    bits = number(network.partition("/")[2])
    return bits is not None and bits < WIDEST


def _is_web(rule: Body) -> bool:
    protocol = rule.get("ip_protocol", rule.get("protocol"))
    first, last = number(rule.get("from_port")), number(rule.get("to_port"))
    return str(protocol) in ("tcp", "6") and first == last and first in PUBLIC_PORTS


def _is_of_load_balancer(resource: Block) -> bool:
    stack = resource.stack
    groups = [resource] if resource.type in GROUPS else resource.refers("security_group_id", *GROUPS)
    return any(
        balancer for group in groups for balancer in stack.users(group, "security_groups", *LOAD_BALANCERS)
        if not is_true(balancer.get("internal"))
    )  # fmt: skip


def _ports(rule: Body) -> str:
    first, last = rule.get("from_port"), rule.get("to_port")
    if str(rule.get("ip_protocol", rule.get("protocol"))) == "-1" or first is None:
        return "every port"
    return f"port {first}" if first == last else f"ports {first} to {last}"


check = NoPortOpenToTheWorld()
