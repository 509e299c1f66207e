"""Between two groups of the stack each path has both its ends, on one port."""

from collections import defaultdict
from collections.abc import Iterator

from stack_gate.stack import Block, Stack, number

from policies._policy import StackPolicy

_GROUP = "aws_security_group"
_EGRESS, _INGRESS = "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"
_OTHER = {_EGRESS: _INGRESS, _INGRESS: _EGRESS}
_ALL = 65_535
_MEMBER = "referenced_security_group_id"


class PathsHaveBothEnds(StackPolicy):
    policy = "CKV2_BG_449"
    title = (
        "Each rule between two groups of the stack is of one port, and has its counterpart in the other group"
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
        ends = {
            (type_, *end): rule for type_ in _OTHER for rule in stack.resources(type_) for end in _ends(rule)
        }
        written_inside = any(
            group.blocks("ingress") + group.blocks("egress") for group in stack.resources(_GROUP)
        )
        older = written_inside or bool(stack.resources("aws_security_group_rule"))
        ports: dict[tuple[str, str, str], list[tuple[float, float]]] = defaultdict(list)
        for type_, group, member, *span in ends:
            ports[type_, group, member].append((span[0], span[1]))
        for (type_, group, member, port, last), rule in ends.items():
            if not member:
                continue
            if port != last:
                yield rule, f"opens the ports {port:g} to {last:g} between groups"
            elif not older and not any(
                low <= port <= high
                for other in (group, "")  # of the group, or by addresses
                for low, high in ports.get((_OTHER[type_], member, other), ())
            ):
                what = "ingress" if type_ == _EGRESS else "egress"
                yield rule, f"is half a path: {member} has no {what} rule for {group} on {port:g}"


def _ends(rule: Block) -> Iterator[tuple[str, str, float, float]]:
    ports = number(rule.get("from_port")), number(rule.get("to_port"))
    group, member = (
        rule.stack.one(rule.get("security_group_id"), _GROUP),
        rule.stack.one(rule.get(_MEMBER), _GROUP),
    )
    if group and ports[0] is not None and ports[1] is not None:
        yield group.key, member.key if member else "", ports[0], ports[1]
    elif group and str(rule.get("ip_protocol")) == "-1":
        yield group.key, member.key if member else "", 0, _ALL


check = PathsHaveBothEnds()
