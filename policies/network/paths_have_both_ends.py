"""Each path between two groups of the stack has both its ends, and each rule is of one port."""

from collections import defaultdict
from collections.abc import Iterator

from stack_gate.stack import Block, Stack, number

from policies._policy import StackPolicy
from policies.network._admitted import astray, past_the_balancer
from policies.network._ends import GROUP, End, end_of

_EGRESS, _INGRESS = "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"
_WITH_PORTS = ("tcp", "udp", "6", "17")
_OTHER = {_EGRESS: _INGRESS, _INGRESS: _EGRESS}


class PathsHaveBothEnds(StackPolicy):
    policy = "CKV2_BG_449"
    title = (
        "Each rule of a security group is of one port, and has its counterpart in the group that it names; "
        "tasks admit their load balancer, and endpoints the VPC alone"
    )
    requirement = None
    pci = "1.2.5"
    severity = "MEDIUM"
    yields = True
    why = (
        "A range opens ports that nothing listens on yet; half a path carries nothing, and the service fails"
    )
    fix = "write an egress rule of one group and an ingress rule of the other, each with the one port"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        yield from past_the_balancer(stack)
        yield from astray(stack)
        written_inside = any(
            group.blocks("ingress") + group.blocks("egress") for group in stack.resources(GROUP)
        )
        older = written_inside or bool(stack.resources("aws_security_group_rule"))
        yield from _wide(stack)
        rules: dict[End, Block] = {}
        between: dict[tuple[str, str, str], list[End]] = defaultdict(list)
        for type_ in _OTHER:
            for rule in stack.resources(type_):
                if (end := end_of(rule)) is None:
                    continue
                if end in rules:
                    for one, other in ((rule, rules[end]), (rules[end], rule)):
                        yield one, f"opens the same as {other.address}, which EC2 refuses"
                rules[end] = rule
                between[type_, end.group, end.member].append(end)
        for end, rule in rules.items():
            if end.first != end.last:
                whom = "between groups" if end.member else f"for {' and '.join(end.networks) or 'nothing'}"
                yield rule, f"opens the ports {end.first:g} to {end.last:g} {whom}"
            elif (
                end.member
                and not older
                and not any(
                    far.meets(end)
                    for other in (end.group, "")  # of the group, or by addresses
                    for far in between.get((_OTHER[end.type], end.member, other), ())
                )
            ):
                what = "ingress" if end.type == _EGRESS else "egress"
                yield (
                    rule,
                    f"is half a path: {end.member} has no {what} rule for {end.group} on {end.first:g}",
                )


def _wide(stack: Stack) -> Iterator[tuple[Block, str]]:
    """The older form: rules of more than a port, also among the members of a group."""
    for rule in stack.resources("aws_security_group_rule"):
        protocol = str(rule.get("protocol"))
        ports = number(rule.get("from_port")), number(rule.get("to_port"))
        group = rule.refers("security_group_id", GROUP)
        if group and (protocol in ("-1", "all") or (protocol in _WITH_PORTS and ports[0] != ports[1])):
            yield rule, "opens more than one port"


check = PathsHaveBothEnds()
