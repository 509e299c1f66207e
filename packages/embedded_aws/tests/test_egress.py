"""What services reach outside the VPC: as far as names, routes, security groups and firewalls let them."""

import base64
import contextlib
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any
from urllib.parse import urlsplit

import embedded_aws
import pytest
from embedded_aws import LocalAws
from embedded_aws.certificates import self_signed, tls_server

from packages.embedded_aws.tests.test_firewalls import STRICT, policy

ACQUIRER, NETWORK, NAME = "203.0.113.10", "203.0.113.0/24", "api.acquirer.example"
PATIENCE_SECONDS = 30
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
TRUSTING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TRUSTING.check_hostname, TRUSTING.verify_mode = False, ssl.CERT_NONE
# Tells where its way out is, and that it serves one target.
PROGRAM = """
import asyncio
from pathlib import Path
from embedded_aws.companions.channel import Channel

async def main():
    channel = Channel()
    async for message in channel.messages():
        Path("egress").write_text(message["start"]["egress"])
        channel.tell({"ports": [1]})

asyncio.run(main())
"""


class _Answering(BaseRequestHandler):
    """Says hello to each line; with TLS where the server has a context."""

    def handle(self) -> None:
        link = self.request
        with contextlib.suppress(OSError):
            if context := self.server.context:  # type: ignore[attr-defined]
                link = context.wrap_socket(link, server_side=True)
            link.sendall(b"hello, " + link.recv(100))


@contextlib.contextmanager
def answering(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A host, by its port here."""
    with ThreadingTCPServer(("127.0.0.1", 0), _Answering) as server:
        server.daemon_threads = True
        server.context = context  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@dataclass
class Place:
    """The network of a service of `colour`, whose way out is `proxy`."""

    aws: LocalAws
    colour: str
    proxy: str
    vpc: str
    subnet: str
    group: str
    table: str

    @property
    def ec2(self) -> Any:
        return self.aws.client("ec2")

    def admit(self, cidr: str = "", port: int = 443, **other: Any) -> None:
        """An egress rule."""
        ranges = {"IpRanges": [{"CidrIp": cidr}]} if cidr else {}
        self.ec2.authorize_security_group_egress(
            GroupId=self.group,
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **ranges, **other}],
        )

    def lead(self, **target: str) -> None:
        """The route to everything outside."""
        where = {"RouteTableId": self.table, "DestinationCidrBlock": "0.0.0.0/0"}
        with contextlib.suppress(self.ec2.exceptions.ClientError):
            self.ec2.delete_route(**where)
        if target:
            self.ec2.create_route(**where, **target)

    def connect(self, host: str, port: int, password: str | None = None) -> socket.socket:
        """With CONNECT sent."""
        where = urlsplit(self.proxy)
        link = socket.create_connection((str(where.hostname), where.port or 0), timeout=PATIENCE_SECONDS)
        given = base64.b64encode(f"{self.colour}:{password or where.password}".encode()).decode()
        head = (f"CONNECT {host}:{port} HTTP/1.1", f"Proxy-Authorization: Basic {given}", "", "")
        link.sendall("\r\n".join(head).encode())
        return link

    def says(self, host: str, port: int = 443, *, name: str | None = None, tls: bool = False) -> str:
        """What the host says to a line, or the proxy in its place."""
        with self.connect(host, port) as link:
            answer = link.recv(1000)
            if answer != ESTABLISHED:
                return answer.decode().split("\r\n")[0]
            if tls:
                with TRUSTING.wrap_socket(link, server_hostname=name) as secure:
                    secure.sendall(b"you")
                    return secure.recv(100).decode()
            link.sendall(b"you")
            return link.recv(100).decode()

    def refuses(self, host: str, port: int = 443, *, sent: bytes = b"") -> tuple[str, str]:
        """What refuses the connection without an answer, and why. `sent`: after the handshake of TCP, which
        passes then.
        """
        before = len(self.refused())
        with self.connect(host, port) as link:
            if sent:
                assert link.recv(len(ESTABLISHED)) == ESTABLISHED
                link.sendall(sent)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while len(self.refused()) == before:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            link.setblocking(False)
            with pytest.raises(BlockingIOError):
                link.recv(1)
        return self.refused()[-1]

    def refused(self) -> list[tuple[str, str]]:
        """What refused the service's connections, and why."""
        found = embedded_aws.refused_egress(self.aws)
        return [(one["by"], one["reason"]) for one in found if one["service"] == self.colour]


def hello(name: str | None) -> bytes:
    """A client hello, as it goes over the wire."""
    sent = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        TRUSTING.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=name).do_handshake()
    return sent.read()


Make = Callable[..., Place]


@pytest.fixture(scope="module")
def host() -> Iterator[int]:
    with answering() as port:
        yield port


@pytest.fixture(scope="module")
def tls_host() -> Iterator[int]:
    certificate, key = self_signed(NAME)
    with answering(tls_server(certificate.decode(), key.decode())) as port:
        yield port


def started(aws: LocalAws, directory: Path) -> str:
    """A service; where its way out is."""
    (directory / "program.py").write_text(PROGRAM)
    where = [("10.7.1.10", 8443)]
    embedded_aws.start_service(aws, "blue", where, module="program", root=directory, settings={})
    return (directory / "egress").read_text()


@pytest.fixture(scope="module")
def proxy(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> str:
    return started(aws, tmp_path_factory.mktemp("service"))


@pytest.fixture
def make(aws: LocalAws, proxy: str) -> Make:
    """An ECS service in a VPC with a route to a NAT gateway, and a process that stands for it."""

    def made() -> Place:
        ec2, ecs, colour = aws.client("ec2"), aws.client("ecs"), f"c{uuid.uuid4().hex[:8]}"
        vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName=colour, Description="tasks", VpcId=vpc)["GroupId"]
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        nat = ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]
        place = Place(aws, colour, proxy, vpc, subnet, group, table)
        place.lead(NatGatewayId=nat["NatGatewayId"])
        ecs.create_cluster(clusterName=colour)
        definition = ecs.register_task_definition(
            family=colour,
            networkMode="awsvpc",
            containerDefinitions=[{"name": "application", "image": "example.test/a", "memory": 128}],
        )["taskDefinition"]["taskDefinitionArn"]
        ecs.create_service(
            cluster=colour,
            serviceName=f"shop-{colour}",
            taskDefinition=definition,
            desiredCount=0,
            networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group]}},
        )
        return place

    return made


def test_a_security_group_admits_networks_and_ports(aws: LocalAws, make: Make, host: int) -> None:
    place = make()
    embedded_aws.stand_in(aws, ACQUIRER, 443, host)
    embedded_aws.stand_in(aws, ACQUIRER, 8443, host)
    assert place.refuses(ACQUIRER) == (
        "security group",
        f"no egress rule of {place.group} admits TCP {ACQUIRER}:443",
    )
    place.admit(NETWORK)
    assert place.says(ACQUIRER) == "hello, you"
    assert place.refuses(ACQUIRER, 8443)[0] == "security group"
    assert place.refuses("198.51.100.1")[0] == "security group"
    place.admit("198.51.100.0/24")
    assert place.refuses("198.51.100.1") == (
        "this machine",
        "nothing stands for 198.51.100.1:443 here, so nothing answers",
    )


def test_a_rule_that_is_removed_refuses_new_connections_only(aws: LocalAws, make: Make, host: int) -> None:
    place = make()
    embedded_aws.stand_in(aws, ACQUIRER, 443, host)
    place.admit(NETWORK)
    link = place.connect(ACQUIRER, 443)
    assert link.recv(len(ESTABLISHED)) == ESTABLISHED
    (rule,) = place.ec2.describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [place.group]}]
    )["SecurityGroupRules"]
    place.ec2.revoke_security_group_egress(
        GroupId=place.group, SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]]
    )
    assert place.refuses(ACQUIRER)[0] == "security group"
    with link:
        link.sendall(b"you")
        assert link.recv(100) == b"hello, you"


def test_a_prefix_list_admits_its_networks(aws: LocalAws, make: Make, host: int) -> None:
    place = make()
    embedded_aws.stand_in(aws, ACQUIRER, 443, host)
    listed = place.ec2.create_managed_prefix_list(
        PrefixListName="acquirers",
        MaxEntries=2,
        AddressFamily="IPv4",
        Entries=[{"Cidr": NETWORK, "Description": "x"}],
    )["PrefixList"]["PrefixListId"]
    place.admit(PrefixListIds=[{"PrefixListId": listed}])
    assert place.says(ACQUIRER) == "hello, you"
    assert place.refuses("198.51.100.1")[0] == "security group"


def test_without_a_route_nothing_leaves(aws: LocalAws, make: Make, host: int) -> None:
    place = make()
    embedded_aws.stand_in(aws, ACQUIRER, 443, host)
    place.admit(NETWORK)
    place.lead()
    assert place.refuses(ACQUIRER)[0] == "routes"


def test_a_name_resolves_to_what_stands_for_it(aws: LocalAws, make: Make, tls_host: int) -> None:
    place = make()
    place.admit(NETWORK)
    embedded_aws.stand_in(aws, ACQUIRER, 443, tls_host, NAME)
    assert place.says(NAME.upper(), tls=True) == "hello, you"
    assert place.says("other.example") == "HTTP/1.1 502 Bad Gateway"
    assert place.refused()[-1][0] == "resolver"


def block(place: Place, *allowed: str) -> None:
    """DNS Firewall: these names are resolved, no others."""
    client = place.aws.client("route53resolver")
    request = {"CreatorRequestId": uuid.uuid4().hex}
    group = client.create_firewall_rule_group(Name="names", **request)["FirewallRuleGroup"]["Id"]
    for priority, domains, action in (
        (1, list(allowed), {"Action": "ALLOW"}),
        (2, ["*"], {"Action": "BLOCK", "BlockResponse": "NXDOMAIN"}),
    ):
        request = {"CreatorRequestId": uuid.uuid4().hex}
        listed = client.create_firewall_domain_list(Name=f"l{priority}", **request)["FirewallDomainList"][
            "Id"
        ]
        client.update_firewall_domains(FirewallDomainListId=listed, Operation="ADD", Domains=domains)
        client.create_firewall_rule(
            FirewallRuleGroupId=group,
            FirewallDomainListId=listed,
            Priority=priority,
            Name=f"r{priority}",
            **request,
            **action,
        )
    client.associate_firewall_rule_group(
        FirewallRuleGroupId=group, VpcId=place.vpc, Priority=101, Name="names", **request
    )


def test_dns_firewall_resolves_the_names_that_it_allows(aws: LocalAws, make: Make, tls_host: int) -> None:
    place = make()
    place.admit("0.0.0.0/0")
    for name, address in ((NAME, ACQUIRER), ("evil.example", "198.51.100.7"), ("a.b.test", "198.51.100.8")):
        embedded_aws.stand_in(aws, address, 443, tls_host, name)
    block(place, NAME, "*.b.test")
    assert place.says(NAME, tls=True) == "hello, you"
    assert place.says("a.b.test", tls=True) == "hello, you"
    assert place.says("evil.example") == "HTTP/1.1 502 Bad Gateway"
    assert place.refused()[-1] == ("DNS Firewall", "r2 blocks evil.example: NXDOMAIN")


def wall(place: Place, *rules: str, default: str = "aws:drop_established_app_layer_to_server") -> str:
    """A firewall, and the route to its endpoint; the name of its rule group."""
    client, name = place.aws.client("network-firewall"), f"wall-{uuid.uuid4().hex[:8]}"
    arn = client.create_rule_group(
        RuleGroupName=name,
        Type="STATEFUL",
        Capacity=10,
        RuleGroup={
            "RuleVariables": {"IPSets": {"HOME_NET": {"Definition": ["10.7.0.0/16"]}}},
            "RulesSource": {"RulesString": "\n".join(rules)},
            "StatefulRuleOptions": STRICT,
        },
    )["RuleGroupResponse"]["RuleGroupArn"]
    found = policy(client, name, [arn], STRICT, StatefulDefaultActions=[default])
    client.create_firewall(
        FirewallName=name,
        FirewallPolicyArn=found,
        VpcId=place.vpc,
        SubnetMappings=[{"SubnetId": place.subnet}],
    )
    (state,) = client.describe_firewall(FirewallName=name)["FirewallStatus"]["SyncStates"].values()
    place.lead(VpcEndpointId=state["Attachment"]["EndpointId"])
    return name


SNI = (
    'pass tls $HOME_NET any -> any 443 (tls.sni; content:"api.acquirer.example"; startswith; endswith; '
    'nocase; msg:"x"; flow:to_server,established; sid:1; rev:1;)'
)
TCP = 'pass tcp $HOME_NET any -> 203.0.113.0/24 8443 (msg:"x"; sid:2; rev:1;)'


def test_a_firewall_passes_the_server_names_of_its_rules(aws: LocalAws, make: Make, tls_host: int) -> None:
    place = make()
    place.admit("0.0.0.0/0")
    embedded_aws.stand_in(aws, ACQUIRER, 443, tls_host, NAME)
    firewall = wall(place, SNI)
    assert place.says(NAME, name=NAME, tls=True) == "hello, you"
    assert place.says(ACQUIRER, name=NAME, tls=True) == "hello, you"  # the client may write any name
    assert place.refuses(NAME, sent=hello("evil.example")) == (
        "Network Firewall",
        f"{firewall}: no rule passes server name evil.example on 443",
    )
    assert place.refuses(NAME, sent=hello(None))[1] == f"{firewall}: no rule passes no server name on 443"
    assert place.refuses(NAME, sent=b"you")[1] == f"{firewall}: no TLS handshake"


def test_a_firewall_passes_the_networks_of_its_rules(aws: LocalAws, make: Make, host: int) -> None:
    place = make()
    place.admit("0.0.0.0/0", 8443)
    place.admit("0.0.0.0/0", 443)
    for address in (ACQUIRER, "198.51.100.9"):
        embedded_aws.stand_in(aws, address, 8443, host)
    embedded_aws.stand_in(aws, ACQUIRER, 443, host)
    wall(place, SNI, TCP)
    assert place.says(ACQUIRER, 8443) == "hello, you"
    for address, port in (("198.51.100.9", 8443), (ACQUIRER, 443)):
        assert place.refuses(address, port, sent=b"you")[0] == "Network Firewall"


def test_the_first_rule_of_a_firewall_decides(aws: LocalAws, make: Make, host: int) -> None:
    place = make()
    place.admit("0.0.0.0/0", 8443)
    embedded_aws.stand_in(aws, ACQUIRER, 8443, host)
    drop = TCP.replace("pass", "drop").replace("sid:2", "sid:3")
    firewall = wall(place, drop, TCP)
    assert place.refuses(ACQUIRER, 8443) == ("Network Firewall", f"{firewall}: a rule says drop")
    wall(place, drop.replace("drop", "alert"), TCP)
    assert place.says(ACQUIRER, 8443) == "hello, you"
    wall(place, drop.replace("drop", "reject"), TCP)
    assert place.says(ACQUIRER, 8443) == "HTTP/1.1 502 Bad Gateway"


def test_what_no_rule_decides_passes_a_firewall_that_only_alerts(
    aws: LocalAws, make: Make, host: int
) -> None:
    place = make()
    place.admit("0.0.0.0/0")
    embedded_aws.stand_in(aws, ACQUIRER, 443, host)
    wall(place, TCP, default="aws:alert_established")
    assert place.says(ACQUIRER) == "hello, you"


def test_rules_that_are_not_imitated_let_nothing_pass(aws: LocalAws, make: Make, host: int) -> None:
    place = make()
    place.admit("0.0.0.0/0", 8443)
    embedded_aws.stand_in(aws, ACQUIRER, 8443, host)
    wall(place, TCP, 'pass http any any -> any 80 (http.host; content:"x"; sid:9;)')
    assert "is not imitated here" in place.refuses(ACQUIRER, 8443)[1]


def test_the_way_out_asks_for_its_password(aws: LocalAws, make: Make, host: int) -> None:
    place = make()
    embedded_aws.stand_in(aws, ACQUIRER, 443, host)
    place.admit(NETWORK)
    with place.connect(ACQUIRER, 443, "guessed") as link:
        assert link.recv(1000).startswith(b"HTTP/1.1 407 ")
    where = urlsplit(place.proxy)
    given = base64.b64encode(f"{place.colour}:{where.password}".encode()).decode()
    for head, status in (
        (f"GET http://{ACQUIRER}/ HTTP/1.1\r\n\r\n", 407),
        (f"GET http://{ACQUIRER}/ HTTP/1.1\r\nProxy-Authorization: Basic {given}\r\n\r\n", 405),
        (f"CONNECT {ACQUIRER} HTTP/1.1\r\nProxy-Authorization: Basic {given}\r\n\r\n", 400),
    ):
        with socket.create_connection((str(where.hostname), where.port or 0), timeout=10) as link:
            link.sendall(head.encode())
            assert link.recv(1000).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("address", "port", "local_port"),
    [("api.example", 443, 1), ("::1", 443, 1), (ACQUIRER, 0, 1), (ACQUIRER, 443, 70000)],
)
def test_a_stand_in_needs_an_address_and_ports(
    aws: LocalAws, address: str, port: int, local_port: int
) -> None:
    with pytest.raises(embedded_aws.LocalAwsError, match="give one"):
        embedded_aws.stand_in(aws, address, port, local_port)


@pytest.mark.integration
def test_refusals_are_forgotten_with_a_reset(tmp_path: Path) -> None:
    with embedded_aws.running(tmp_path / "aws") as aws:
        place = Place(aws, "blue", started(aws, tmp_path), "", "", "", "")
        why = "no ECS service of blue has a place in a network"
        assert place.refuses(ACQUIRER) == ("this machine", why)
        aws.control("POST", "reset")
        assert embedded_aws.refused_egress(aws) == []
