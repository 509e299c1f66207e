"""Which colour a resource belongs to, and which colours and groups of the network reach each other."""

from collections.abc import Iterator
from dataclasses import dataclass

from stack_gate.stack import Block, Body, Stack, listed, number
from stack_gate.stack.colours import said_colours

from policies.data._databases import CLUSTER
from policies.service._containers import SERVICE

GROUP, FUNCTION = "aws_security_group", "aws_lambda_function"
INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"
OLD_STYLE = "aws_security_group_rule"
DEFAULT_PORT = 3306
# Where the members of a group are named, by what has members.
MEMBERS = {
    SERVICE: "network_configuration.security_groups",
    FUNCTION: "vpc_config.security_group_ids",
    CLUSTER: "vpc_security_group_ids",
}
_SAID = ("tags.Colour", "cluster_identifier", "function_name", "family", "name")
_NETWORKS = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks")
_PEERS = ("referenced_security_group_id", "source_security_group_id", "security_groups")


def colour(block: Block) -> str | None:
    """The colour that the resource is of by tag or by name; None where it is of both or of none."""
    for path in _SAID:
        said = said_colours([str(block.get(path) or "")])
        if len(said) == 1:
            return next(iter(said))
    return None


def port(cluster: Block) -> int:
    """Where a cluster listens."""
    found = number(cluster.get("port"))
    return DEFAULT_PORT if found is None else int(found)


@dataclass(frozen=True)
class Rule:
    """A rule of a security group. `peers`: the groups that it names; `owner`: the resource that holds it."""

    owner: Block
    group: Block
    peers: tuple[Block, ...]
    inwards: bool
    body: Body

    @property
    def is_wide(self) -> bool:
        """Whether it names a network, in which both ends may be."""
        return any(self.body.get(key) for key in _NETWORKS)

    def opens(self, port: int) -> bool:
        """Whether it is about this TCP port."""
        if str(self.body.get("ip_protocol", self.body.get("protocol", "-1"))) == "-1":
            return True
        first, last = (number(self.body.get(key)) for key in ("from_port", "to_port"))
        return first is not None and last is not None and first <= port <= last


class Groups:
    """The rules between security groups of one stack, however they are written."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.rules = list(_rules(stack))

    def of(self, block: Block) -> list[Block]:
        """The groups whose member a service, function or cluster is."""
        return self._stack.referred(block.get(MEMBERS[block.type]), GROUP)

    def members(self, group: Block) -> Iterator[Block]:
        """What is in a group."""
        for type_, path in MEMBERS.items():
            yield from self._stack.users(group, path, type_)

    def reaches(self, source: Block, cluster: Block) -> bool:
        """Whether the rules of both ends let `source` connect to a cluster."""
        own, into = self.of(source), self.of(cluster)
        out = any(self._opened(group, into, cluster, inwards=False) for group in own)
        return out and any(self._opened(group, own, cluster, inwards=True) for group in into)

    def _opened(self, group: Block, peers: list[Block], cluster: Block, *, inwards: bool) -> bool:
        return any(
            rule.inwards is inwards
            and rule.group is group
            and (rule.is_wide or any(peer in peers for peer in rule.peers))
            and rule.opens(port(cluster))
            for rule in self.rules
        )


def _rules(stack: Stack) -> Iterator[Rule]:
    for type_, inwards in ((INGRESS, True), (EGRESS, False)):
        for rule in stack.resources(type_):
            yield from _apart(rule, inwards=inwards)
    for rule in stack.resources(OLD_STYLE):
        yield from _apart(rule, inwards=rule.get("type") == "ingress")
    for group in stack.resources(GROUP):
        for direction, inwards in (("ingress", True), ("egress", False)):
            for body in group.blocks(direction):
                yield Rule(group, group, _peers(stack, body), inwards, body)


def _apart(rule: Block, *, inwards: bool) -> Iterator[Rule]:
    for group in rule.refers("security_group_id", GROUP):
        yield Rule(rule, group, _peers(rule.stack, rule.body), inwards, rule.body)


def _peers(stack: Stack, body: Body) -> tuple[Block, ...]:
    return tuple(found for key in _PEERS for found in stack.referred(listed(body.get(key)), GROUP))
