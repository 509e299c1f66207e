"""AWS Network Firewall: its endpoints, and the routes that lead through them.

Source: Network Firewall developer guide, "Architecture with an internet gateway and a NAT gateway".
"""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, Body, Stack, listed, objects

from policies._network import DESTINATIONS, EVERYWHERE, Network, default_routes

FIREWALL = "aws_networkfirewall_firewall"
POLICY = "aws_networkfirewall_firewall_policy"
RULES = "aws_networkfirewall_rule_group"
LOGGING = "aws_networkfirewall_logging_configuration"
ZONE = re.compile(r'"([a-z]{2}(?:-[a-z]+)+-\d[a-z])"')


class Firewalls:
    """The firewalls of one stack, and what passes them."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self._network = stack, stack.derived(Network)
        self.all = stack.resources(FIREWALL)
        self._places = {
            subnet.address
            for firewall in self.all
            for mapping in firewall.blocks("subnet_mapping")
            for subnet in stack.referred(mapping.get("subnet_id"), "aws_subnet")
        }

    def holds(self, subnet: Block) -> bool:
        """Whether an endpoint of a firewall is in the subnet."""
        return subnet.address in self._places

    def uses_alone(self, table: Block) -> bool:
        """Whether the table is of endpoints of a firewall only, from which nothing of its own leaves."""
        users = [
            subnet for subnet in self._network.private_subnets() if table in self._network.tables(subnet)
        ]
        return all(map(self.holds, users))

    def passed(self, route: Body) -> bool:
        """Whether the route leads to a firewall."""
        return bool(self._stack.referred(route.get("vpc_endpoint_id"), FIREWALL))

    def zones(self, route: Body) -> set[str]:
        """The zones whose endpoint the route names; empty where that can't be told."""
        text = str(route.get("vpc_endpoint_id", ""))
        named = self._network.zones(
            [f"${{{found}}}" for found in re.findall(r"aws_subnet\.[\w-]+\.id", text)]
        )
        return named or set(ZONE.findall(text))

    def leaving(self) -> Iterator[tuple[Block, Block, Body]]:
        """Subnet, table and default route of all that leaves without an internet gateway, but the firewall's
        own subnets.
        """
        for subnet in self._network.private_subnets():
            if not self.holds(subnet):
                for table in self._network.tables(subnet):
                    for route in default_routes(self._network.routes(table)):
                        yield subnet, table, route

    def back(self, subnet: Block) -> list[Body]:
        """The routes to the subnet in the tables of the NAT gateways of its zone."""
        zone, wanted = self._network.zone(subnet), str(subnet.get("cidr_block"))
        places = [
            place
            for gateway in self._stack.resources("aws_nat_gateway")
            for place in self._stack.referred(gateway.get("subnet_id"), "aws_subnet")
            if self._network.zone(place) == zone
        ]
        return [
            route
            for place in places
            for table in self._network.tables(place)
            for route in self._network.routes(table)
            if any(wanted == str(route.get(key)) for key in DESTINATIONS)
            or any(subnet in self._stack.referred(route.get(key), "aws_subnet") for key in DESTINATIONS)
        ]

    def guards_every_way_out(self) -> bool:
        """Whether what leaves privately passes a firewall."""
        ways = list(self.leaving())
        return bool(self.all and ways) and all(self.passed(route) for _, _, route in ways)


def rule_groups(policy: Block) -> list[Block]:
    """Those of a firewall policy that are in the stack."""
    stated = [*policy.blocks("firewall_policy.stateful_rule_group_reference")]
    stateless = [*policy.blocks("firewall_policy.stateless_rule_group_reference")]
    return [
        group
        for reference in (*stated, *stateless)
        for group in policy.stack.referred(reference.get("resource_arn"), RULES)
    ]


# A Suricata rule's head: action, protocol, source, its port, direction, destination, its port.
HEAD = re.compile(r"^\s*pass\s+(\S+)\s+\S+\s+\S+\s+(?:->|<>)\s+(\S+)\s+(\S+)\s*(\(.*\))?", re.MULTILINE)
ANY = ("any", "$EXTERNAL_NET", *EVERYWHERE)
# What tells one server from another in a packet. Source: Suricata's documentation, rule keywords.
NAMES = re.compile(r"\b(?:tls[._]sni|tls\.cert|http\.host|http_host|dns\.query)\b")


# A list that names all of a top-level domain, such as `.com`.
WHOLE = re.compile(r"\.[\w-]+")


def passing_everything(group: Block) -> Iterator[str]:
    """The rules of a group that let all servers pass."""
    yield from _strings(str(group.get("rules") or ""))
    for source in group.blocks("rule_group.rules_source"):
        yield from _strings(str(source.get("rules_string") or ""))
        yield from _lists(source)
        yield from _rules(source)


def _strings(text: str) -> Iterator[str]:
    for match in HEAD.finditer(text):
        protocol, destination, _, options = match.groups()
        if destination in ANY and not NAMES.search(options or ""):
            yield f"lets {protocol} to any address pass"


def _lists(source: Body) -> Iterator[str]:
    for names in objects(source.get("rules_source_list")):
        if names.get("generated_rules_type") == "ALLOWLIST":
            targets = map(str, listed(names.get("targets")))
            yield from (f"lets every name below {one} pass" for one in targets if WHOLE.fullmatch(one))


def _rules(source: Body) -> Iterator[str]:
    for rule in objects(source.get("stateful_rule")):
        for header in objects(rule.get("header")):
            if rule.get("action") == "PASS" and str(header.get("destination")).lower() in ANY:
                yield f"lets {header.get('protocol')} to any address pass"
    for stateless in objects(source.get("stateless_rules_and_custom_actions")):
        for rule in objects(stateless.get("stateless_rule")):
            for definition in objects(rule.get("rule_definition")):
                if "aws:pass" in listed(definition.get("actions")):
                    yield "lets packets pass that no stateful rule sees"
