"""The way of a connection out of a task, as the embedded AWS has it configured now.

The name is resolved (DNS Firewall), the subnet has a route, a security group admits, the firewall on the
route passes. A security group and a firewall drop packets and answer nothing: the client waits until it gives
up. Not looked at: network ACLs, the routes after the first one, IPv6, stateless rules.

Sources: VPC user guide, "Security group rules" and "Route priority"; Network Firewall developer guide,
"Evaluation order for stateful rule groups"; Route 53 developer guide, "How Resolver DNS Firewall works".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecs.models import Service, ecs_backends
from moto.networkfirewall.models import networkfirewall_backends
from moto.route53resolver.models import route53resolver_backends

from embedded_aws.egress.stand_ins import StandIn, StandIns
from embedded_aws.egress.suricata import Packet, Rule, UnreadableRuleError, decided, parse
from embedded_aws.extensions import name_firewalls
from embedded_aws.handle import ACCOUNT_ID
from embedded_aws.serial import ENTRANCE

RESOLVER, DNS_FIREWALL, ROUTES = "resolver", "DNS Firewall", "routes"
SECURITY_GROUP, FIREWALL, NOTHING = "security group", "Network Firewall", "this machine"
PASSES = "pass"


class RefusedError(Exception):
    """The connection does not come about. `by`: what refuses it; `silent`: the client is left waiting."""

    def __init__(self, by: str, reason: str, *, silent: bool = True) -> None:
        super().__init__(reason)
        self.by, self.silent = by, silent


@dataclass(frozen=True)
class Firewall:
    """On the way of a connection. `drops`: what no rule decides."""

    name: str
    rules: tuple[Rule, ...]
    drops: bool


@dataclass(frozen=True)
class Way:
    """Of one connection, as far as its first packet. `source`: the task's subnet."""

    source: IPv4Network
    end: StandIn
    firewall: Firewall | None

    def open(self) -> bool:
        """Whether the connection passes without a look at what the client sends. Raises RefusedError."""
        return self.firewall is None or self._decided(None) == PASSES

    def passes(self, server_name: str | None) -> None:
        """Judge the client hello, of which this is the name. Raises RefusedError."""
        if self.firewall is not None and self._decided(server_name or "") is None and self.firewall.drops:
            asked = f"server name {server_name}" if server_name else "no server name"
            raise RefusedError(FIREWALL, f"{self.firewall.name}: no rule passes {asked} on {self.end.port}")

    def _decided(self, server_name: str | None) -> str | None:
        firewall = self.firewall
        if firewall is None:
            return PASSES
        packet = Packet(self.source, IPv4Address(self.end.address), self.end.port, server_name)
        found = decided(firewall.rules, packet)
        if found not in (None, PASSES):
            # Source: Network Firewall developer guide, "Actions for stateful rules": reject sends a reset.
            raise RefusedError(FIREWALL, f"{firewall.name}: a rule says {found}", silent=found != "reject")
        return found


def way(stand_ins: StandIns, colour: str, host: str, port: int) -> Way:
    """From a task of the colour's service to `port` of a name or address. Raises RefusedError."""
    with ENTRANCE:
        service = _service(colour)
        ec2 = ec2_backends[ACCOUNT_ID][service.region_name]
        place = service.network_configuration.get("awsvpcConfiguration", {})
        subnet = ec2.get_subnet(place["subnets"][0])
        address = _resolved(stand_ins, service.region_name, subnet.vpc_id, host)
        target = _route(ec2, subnet, address)
        _admitted(ec2, place.get("securityGroups") or (), address, port)
        firewall = _firewall(service.region_name, target)
    end = stand_ins.at(str(address), port)
    if end is None:
        raise RefusedError(NOTHING, f"nothing stands for {address}:{port} here, so nothing answers")
    return Way(IPv4Network(subnet.cidr_block), end, firewall)


def _service(colour: str) -> Service:
    """As a launch finds the colour of a service: by the end of its name."""
    for backend in ecs_backends[ACCOUNT_ID].values():
        for service in backend.services.values():
            if service.name.rpartition("-")[2] == colour and service.status == "ACTIVE":
                return service
    raise RefusedError(NOTHING, f"no ECS service of {colour} has a place in a network")


def _resolved(stand_ins: StandIns, region: str, vpc: str, host: str) -> IPv4Address:
    try:
        return IPv4Address(host)
    except AddressValueError:
        name = host.lower().rstrip(".")
    _asked(region, vpc, name)
    found = stand_ins.address(name)
    if found is None:
        raise RefusedError(RESOLVER, f"nothing stands for {name} here: NXDOMAIN", silent=False)
    return IPv4Address(found)


def _asked(region: str, vpc: str, name: str) -> None:
    """By the rule groups of the VPC, and the rules in each, in the order of their priorities."""
    for rule, domains in name_firewalls.rules_of(route53resolver_backends[ACCOUNT_ID][region], vpc):
        if rule["Action"] == "ALERT" or not any(_covers(domain, name) for domain in domains):
            continue
        if rule["Action"] == "BLOCK":
            answer = rule.get("BlockResponse", "NODATA")
            raise RefusedError(DNS_FIREWALL, f"{rule['Name']} blocks {name}: {answer}", silent=False)
        return


def _covers(domain: str, name: str) -> bool:
    """`*.` covers every name, `*.example.` what is below, `a.example.` that name."""
    return domain == "*." or (f"{name}.".endswith(domain[1:]) if domain[0] == "*" else domain == f"{name}.")


def _route(ec2: Any, subnet: Any, address: IPv4Address) -> Any:
    """The most specific route of the subnet's table."""
    tables = [table for table in ec2.route_tables.values() if table.vpc_id == subnet.vpc_id]
    own = next((table for table in tables if subnet.id in table._associations.values()), None)
    table = own or next(table for table in tables if table.main_association_id)
    found = [
        (IPv4Network(route.destination_cidr_block).prefixlen, route)
        for route in table.routes
        if route.destination_cidr_block and address in IPv4Network(route.destination_cidr_block)
    ]
    if not found:
        raise RefusedError(ROUTES, f"the route table {table.id} leads to no network of {address}")
    target = max(found, key=lambda pair: pair[0])[1]
    if target.local:
        raise RefusedError(NOTHING, f"{address} is in the VPC, where nothing stands for it here")
    return target


def _admitted(ec2: Any, groups: Iterable[str], address: IPv4Address, port: int) -> None:
    names = list(groups)
    rules = [rule for id_ in names for rule in ec2.get_security_group_from_id(id_).egress_rules]
    for rule in rules:
        ports = rule.from_port is None or rule.from_port <= port <= rule.to_port
        if rule.ip_protocol in ("tcp", "-1") and ports and address in _Networks(ec2, rule):
            return
    raise RefusedError(
        SECURITY_GROUP, f"no egress rule of {', '.join(names) or 'no group'} admits TCP {address}:{port}"
    )


class _Networks:
    """Those of a rule's other end; another security group is in the VPC."""

    def __init__(self, ec2: Any, rule: Any) -> None:
        self._ec2, self._rule = ec2, rule

    def __contains__(self, address: IPv4Address) -> bool:
        return any(address in network for network in self._networks())

    def _networks(self) -> Iterator[IPv4Network]:
        if self._rule.cidr_ipv4:
            yield IPv4Network(self._rule.cidr_ipv4)
        if self._rule.prefix_list_id:
            yield from prefix_list(self._ec2, self._rule.prefix_list_id)


def prefix_list(ec2: Any, id_: str) -> Iterator[IPv4Network]:
    """The networks of its newest version."""
    found = ec2.managed_prefix_lists.get(id_)
    for entry in (found.entries.get(found.version) or ()) if found else ():
        yield IPv4Network(entry["Cidr"])


def _firewall(region: str, route: Any) -> Firewall | None:
    """The one whose endpoint the route leads to. Raises RefusedError."""
    backend = networkfirewall_backends[ACCOUNT_ID][region]
    firewalls: Iterable[Any] = backend.firewalls.values()
    for one in firewalls:
        if route.vpc_endpoint_id in {endpoint["Id"] for endpoint in one["Endpoints"].values()}:
            return _read(region, vars(backend), one)
    if route.vpc_endpoint_id:
        raise RefusedError(ROUTES, f"no firewall is at {route.vpc_endpoint_id}")
    return None


def _read(region: str, kept: dict[str, Any], firewall: dict[str, Any]) -> Firewall:
    policy = kept["kept_FirewallPolicy"][firewall["FirewallPolicyArn"]]["Body"]
    references = policy.get("StatefulRuleGroupReferences") or []
    rules: list[Rule] = []
    try:
        for reference in sorted(references, key=lambda one: one.get("Priority", 0)):
            body = kept["kept_RuleGroup"][reference["ResourceArn"]]["Body"]
            rules += parse(body["RulesSource"]["RulesString"], _named(region, body))
    except (UnreadableRuleError, KeyError) as error:
        raise RefusedError(
            FIREWALL, f"{firewall['Name']}: {error} is not imitated here, so nothing passes"
        ) from error
    drops = any(action.startswith("aws:drop") for action in policy.get("StatefulDefaultActions") or ())
    return Firewall(firewall["Name"], tuple(rules), drops)


def _named(region: str, body: dict[str, Any]) -> dict[str, tuple[IPv4Network, ...]]:
    """Of the group's variables, and of the prefix lists that it refers to."""
    ec2 = ec2_backends[ACCOUNT_ID][region]
    sets = (body.get("RuleVariables") or {}).get("IPSets") or {}
    references = (body.get("ReferenceSets") or {}).get("IPSetReferences") or {}
    variables = {
        name: tuple(IPv4Network(cidr) for cidr in one["Definition"] if ":" not in cidr)
        for name, one in sets.items()
    }
    lists = {
        name: tuple(prefix_list(ec2, one["ReferenceArn"].rpartition("/")[2]))
        for name, one in references.items()
    }
    return variables | lists
