"""What a rule of a security group opens, as EC2 reads it."""

from dataclasses import dataclass

from stack_gate.stack import Block, number

GROUP = "aws_security_group"
_MEMBER = "referenced_security_group_id"
_NETWORKS = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id")
_ALL = 65_535
# Numbers of protocols, as EC2 takes them, too. Source: EC2 API reference, AuthorizeSecurityGroupIngress.
_NAMES = {"6": "tcp", "17": "udp", "all": "-1"}
_WITH_PORTS = ("tcp", "udp", "-1")


@dataclass(frozen=True)
class End:
    """What a rule opens: of a group, for another one or a network."""

    type: str
    group: str
    member: str
    networks: tuple[str, ...]
    protocol: str
    first: float
    last: float

    def meets(self, other: "End") -> bool:
        """Whether the rule at the other end admits the same."""
        return self.protocol in (other.protocol, "-1") and self.first <= other.first <= self.last


def end_of(rule: Block) -> End | None:
    """None where the group, the ports or the protocol are not of this stack, or none. With the protocol -1
    EC2 opens all ports, whatever ports the rule has beside it.
    """
    said = str(rule.get("ip_protocol"))
    protocol = _NAMES.get(said, said)
    group = rule.stack.one(rule.get("security_group_id"), GROUP)
    member = rule.stack.one(rule.get(_MEMBER), GROUP)
    ports = (0, _ALL) if protocol == "-1" else (number(rule.get("from_port")), number(rule.get("to_port")))
    if group is None or None in ports or protocol not in _WITH_PORTS:
        return None
    first, last = (float(port or 0) for port in ports)
    networks = tuple(str(found) for name in _NETWORKS if (found := rule.get(name)))
    return End(rule.type, group.key, member.key if member else "", networks, protocol, first, last)
