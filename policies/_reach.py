"""Whether rules of security groups let one group reach another at a port."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body, Stack, listed, number

GROUPS = ("aws_security_group", "aws_default_security_group")
_APART = {
    "egress": ("aws_vpc_security_group_egress_rule", "aws_security_group_rule"),
    "ingress": ("aws_vpc_security_group_ingress_rule", "aws_security_group_rule"),
}
_MEMBERS = ("referenced_security_group_id", "source_security_group_id", "security_groups")
_NETWORKS = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "prefix_list_ids", "prefix_list_id")


def leads(direction: str, owners: list[Block], others: list[Block], port: float) -> bool:
    """Whether a rule of one of `owners` is about one of `others`, or a network, at the port."""
    return any(
        _covers(rule, port)
        and (
            any(
                other in owner.stack.referred([rule.get(key) for key in _MEMBERS], *GROUPS)
                for other in others
            )
            or any(listed(rule.get(key)) for key in _NETWORKS)
        )
        for owner in owners
        for rule in _rules(owner, direction)
    )


def _rules(group: Block, direction: str) -> Iterator[Body]:
    stack: Stack = group.stack
    yield from group.blocks(direction)
    for rule in stack.resources(*_APART[direction]):
        if rule.type == "aws_security_group_rule" and rule.get("type") != direction:
            continue
        if group in rule.refers("security_group_id", *GROUPS):
            yield rule.body


def _covers(rule: Body, port: float) -> bool:
    protocol = str(rule.get("ip_protocol", rule.get("protocol")))
    if protocol in ("-1", "all"):
        return True
    first, last = number(rule.get("from_port")), number(rule.get("to_port"))
    return protocol in ("tcp", "6") and first is not None and last is not None and first <= port <= last
