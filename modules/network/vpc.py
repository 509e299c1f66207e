"""The network: three tiers of subnets over three availability zones or more (R08-R11)."""

from dataclasses import dataclass
from ipaddress import IPv4Network

from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from constructs import Construct

from modules.config import Deployment
from modules.foundation.encryption import Encryption
from modules.network.firewall import Firewall
from modules.network.name_firewall import NameFirewall

INTERNET = "0.0.0.0/0"
ROW, SPARE = 4, 12  # blocks of a tier; the first block after the tiers'
LAST = 15  # the block that is cut for the firewall: 0-4 its endpoints, 5-9 the NAT gateways
FIREWALLED = {"firewall": 0, "egress": 5}


@dataclass(frozen=True)
class Tier:
    """One tier's subnets and route tables, in the order of the availability zones."""

    subnets: tuple[Subnet, ...]
    route_tables: tuple[RouteTable, ...]
    cidrs: tuple[IPv4Network, ...]
    subnet_ids: list[str]
    """Tokens, one a zone."""


class Network(Construct):
    """VPC with a public, an application and a database tier.

    The public tier reaches the internet, the application tier through the NAT gateway of its own zone, the
    database tier not at all. The VPC is cut into sixteen equal blocks: 0-3 application, 4-7 database, 8-11
    public, one a zone; a fifth zone has 12, 13 and 14.

    With `[network] firewall`, what leaves an application subnet passes the firewall endpoint of its zone on
    the way to the NAT gateway, and its answers on the way back. Therefore the gateways get subnets of their
    own, which the load balancer doesn't share: what it sends to the tasks must not take that way.
    Sources: Network Firewall developer guide, "Architecture with an internet gateway and a NAT gateway"; VPC
    user guide, "Route priority" and "Middlebox routing": a route to all of a subnet wins over the local one.
    """

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        self._prefix = deployment.prefix
        self._zones = deployment.availability_zones
        self._blocks = tuple(deployment.vpc_cidr.subnets(prefixlen_diff=4))
        self.vpc = Vpc(
            self,
            "vpc",
            cidr_block=str(deployment.vpc_cidr),
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": self._prefix},
        )
        self.vpc_id = self.vpc.id
        """Id of the VPC (a token)."""
        # Adopts the VPC's default group and removes its rules: what names no group of its own
        # reaches nothing.
        # It exists without a tag before. With a tag of its own the role that applies may adopt such a group
        # and remove rules, and never add one.
        closed = f"{self._prefix}-closed"
        DefaultSecurityGroup(self, "default", vpc_id=self.vpc_id, tags={"Name": closed, "Deployment": closed})
        self.public = self._tier("public", first_block=8, per_zone_tables=False)
        self.application = self._tier("application", first_block=0, per_zone_tables=True)
        self.database = self._tier("database", first_block=4, per_zone_tables=False)
        self.internet_gateway = self._internet()
        self.addresses: list[Eip] = []
        """What the internet sees of the application tier: the NAT gateways' addresses."""
        self.firewall: Firewall | None = None
        """None without `[network] firewall`."""
        if deployment.network.firewall:
            self.nat_gateways = self._firewalled(deployment, encryption)
        else:
            self.nat_gateways = self._nat_gateways(self.public)

    @property
    def private_route_tables(self) -> tuple[RouteTable, ...]:
        """The route tables of the application and database tiers."""
        return self.application.route_tables + self.database.route_tables

    def _tier(self, name: str, *, first_block: int, per_zone_tables: bool) -> Tier:
        places = [
            first_block + zone if zone < ROW else SPARE + first_block // ROW
            for zone in range(len(self._zones))
        ]
        return self._subnets(
            name, tuple(self._blocks[place] for place in places), per_zone_tables=per_zone_tables
        )

    def _subnets(self, name: str, cidrs: tuple[IPv4Network, ...], *, per_zone_tables: bool) -> Tier:
        subnets: list[Subnet] = []
        tables: list[RouteTable] = []
        subnet_ids: list[str] = []
        for zone, block in zip(self._zones, cidrs, strict=True):
            subnets.append(
                Subnet(
                    self,
                    f"{name}-{zone}",
                    vpc_id=self.vpc_id,
                    availability_zone=zone,
                    cidr_block=str(block),
                    map_public_ip_on_launch=False,
                    tags={"Name": f"{self._prefix}-{name}-{zone}"},
                )
            )
            subnet_ids.append(subnets[-1].id)
            if per_zone_tables or not tables:
                tables.append(self._route_table(f"{name}-{zone}" if per_zone_tables else name))
            RouteTableAssociation(
                self, f"{name}-{zone}-association", subnet_id=subnet_ids[-1], route_table_id=tables[-1].id
            )
        return Tier(tuple(subnets), tuple(tables), tuple(cidrs), subnet_ids)

    def _route_table(self, name: str) -> RouteTable:
        return RouteTable(self, f"{name}-routes", vpc_id=self.vpc_id, tags={"Name": f"{self._prefix}-{name}"})

    def _internet(self) -> InternetGateway:
        gateway = InternetGateway(self, "internet", vpc_id=self.vpc_id, tags={"Name": self._prefix})
        Route(
            self,
            "public-internet",
            route_table_id=self.public.route_tables[0].id,
            destination_cidr_block=INTERNET,
            gateway_id=gateway.id,
        )
        return gateway

    def _firewalled(self, deployment: Deployment, encryption: Encryption) -> tuple[NatGateway, ...]:
        small = tuple(self._blocks[LAST].subnets(new_prefix=28))
        inspected, translated = (
            self._subnets(name, small[first : first + len(self._zones)], per_zone_tables=True)
            for name, first in FIREWALLED.items()
        )
        self.firewall = Firewall(
            self,
            "firewall",
            deployment=deployment,
            vpc_id=self.vpc_id,
            subnet_ids=inspected.subnet_ids,
            encryption=encryption,
        )
        NameFirewall(self, "name-firewall", deployment=deployment, vpc_id=self.vpc_id)
        gateways = self._nat_gateways(translated)
        for index, (zone, nat) in enumerate(zip(self._zones, gateways, strict=True)):
            to_internet, back = translated.route_tables[index].id, str(self.application.cidrs[index])
            self._route(
                f"firewall-{zone}-nat", inspected.route_tables[index].id, INTERNET, nat_gateway_id=nat.id
            )
            self._route(f"egress-{zone}-internet", to_internet, INTERNET, gateway_id=self.internet_gateway.id)
            self._route(
                f"egress-{zone}-application", to_internet, back, vpc_endpoint_id=self.firewall.endpoints[zone]
            )
        return gateways

    def _route(
        self,
        id_: str,
        table_id: str,
        destination: str,
        *,
        gateway_id: str | None = None,
        nat_gateway_id: str | None = None,
        vpc_endpoint_id: str | None = None,
    ) -> None:
        Route(
            self,
            id_,
            route_table_id=table_id,
            destination_cidr_block=destination,
            gateway_id=gateway_id,
            nat_gateway_id=nat_gateway_id,
            vpc_endpoint_id=vpc_endpoint_id,
        )

    def _nat_gateways(self, places: Tier) -> tuple[NatGateway, ...]:
        gateways: list[NatGateway] = []
        for zone, subnet_id, table in zip(
            self._zones, places.subnet_ids, self.application.route_tables, strict=True
        ):
            name = f"{self._prefix}-nat-{zone}"
            address = Eip(self, f"nat-{zone}-address", domain="vpc", tags={"Name": name})
            self.addresses.append(address)
            nat = NatGateway(
                self,
                f"nat-{zone}",
                allocation_id=address.allocation_id,
                subnet_id=subnet_id,
                tags={"Name": name},
                # An address and a gateway work only once the VPC has its way out.
                depends_on=[self.internet_gateway],
            )
            # One address in the state, whatever it leads to: a second route to the internet would be refused.
            self._route(
                f"application-{zone}-nat",
                table.id,
                INTERNET,
                nat_gateway_id=None if self.firewall else nat.id,
                vpc_endpoint_id=self.firewall.endpoints[zone] if self.firewall else None,
            )
            gateways.append(nat)
        return tuple(gateways)
