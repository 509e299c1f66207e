"""What the services may reach outside the VPC: acquirers."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from modules.config.model import Distinct, Model

if TYPE_CHECKING:
    from modules.config.deployment import Deployment

WIDEST_PREFIX = 16
HOURS = 730
GATEWAY_USD, ADDRESS_USD, FIREWALL_USD = 0.045, 0.005, 0.395  # an hour each in us-east-1: docs/costs.md
# A rule group takes five. Source: Network Firewall developer guide, "Network Firewall quotas".
PREFIX_LISTS = 5
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


class Egress(Model):
    """One acquirer that one colour's service, or each, connects to."""

    cidr: IPv4Network | None = Field(
        default=None,
        description="an IPv4 network, /16 or narrower; or prefix_list or domain instead",
        examples=["203.0.113.0/24"],
    )
    prefix_list: str | None = Field(
        default=None,
        pattern=r"^pl-([0-9a-f]{8}|[0-9a-f]{17})$",
        description="the id of a prefix list, with firewall of this account; or cidr or domain instead",
        examples=["pl-0123456789abcdef0"],
    )
    domain: str | None = Field(
        default=None,
        pattern=rf"^({LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]$",
        max_length=253,
        description="a host's full name in lower-case letters, digits, hyphens and dots, no wildcard, called "
        "with TLS; needs firewall = true; or cidr or prefix_list instead",
        examples=["api.acquirer.example"],
    )
    port: int = Field(default=443, strict=True, ge=1, le=65535, description="1 to 65535", examples=[443])
    colour: Literal["blue", "green", "both"] = Field(
        default="both", description='"blue", "green" or "both"', examples=["both"]
    )
    reason: str = Field(
        pattern=r"^[A-Za-z0-9. _:/()#,@=+;-]{1,200}$",
        description="who is reached and why: 1 to 200 letters, digits, spaces and . _ : / ( ) # , @ = + ; -",
        examples=["acquirer Example Bank, authorisations"],
    )

    @model_validator(mode="after")
    def _one_destination(self) -> Self:
        if [self.cidr, self.prefix_list, self.domain].count(None) != 2:  # noqa: PLR2004 - one of the three
            raise ValueError("name one of cidr, prefix_list and domain")
        if self.cidr is not None and self.cidr.prefixlen < WIDEST_PREFIX:
            raise ValueError(f"cidr = {self.cidr} is wider than /{WIDEST_PREFIX}")
        return self

    @property
    def destination(self) -> str:
        """The network, the prefix list or the host, as its rule names it."""
        return str(self.cidr or self.prefix_list or self.domain)


class NetworkAccess(Model):
    """Ways out of the VPC."""

    firewall: bool = Field(
        default=False,
        strict=True,
        description="true: AWS Network Firewall before the NAT gateways and DNS Firewall, which let the "
        "acquirers of egress pass and nothing else; docs/costs.md has what they cost. false: security groups "
        "alone decide, which know addresses and no names",
        examples=[True],
    )
    egress: Annotated[tuple[Egress, ...], Distinct] = Field(
        default=(),
        max_length=30,
        description="up to 30 acquirers, each a table with cidr, prefix_list or domain, port, colour and "
        "reason: nothing else outside AWS is reached",
        examples=[[{"cidr": "203.0.113.0/24", "port": 443, "colour": "both", "reason": "acquirer"}]],
    )

    @property
    def domains(self) -> tuple[str, ...]:
        """The hosts that are known by name, each once."""
        return tuple(sorted({row.domain for row in self.egress if row.domain}))

    @model_validator(mode="after")
    def _names_need_the_firewall(self) -> Self:
        if self.domains and not self.firewall:
            raise ValueError(
                f"egress names {', '.join(self.domains)}, but a security group knows no names: "
                "set firewall = true, or name the acquirer's networks in cidr"
            )
        return self

    @model_validator(mode="after")
    def _few_prefix_lists(self) -> Self:
        lists = {row.prefix_list for row in self.egress if row.prefix_list}
        if self.firewall and len(lists) > PREFIX_LISTS:
            raise ValueError(
                f"egress names {len(lists)} prefix lists: with firewall = true at most {PREFIX_LISTS}"
            )
        return self

    @model_validator(mode="after")
    def _colours_that_the_firewall_can_keep_apart(self) -> Self:
        """A host has any address, so its security group opens the port to all addresses, and the firewall
        alone decides; both colours are in the same subnets, so it can't tell them apart.
        """
        for port in {row.port for row in self.egress if row.domain}:
            found: Mapping[str, str] = {
                row.colour: row.destination for row in self.egress if row.port == port
            }
            if len(found) > 1:
                named = ", ".join(f"{colour} for {name}" for colour, name in found.items())
                raise ValueError(
                    f"egress on port {port} has {named}: with a domain on this port, the firewall lets each "
                    "colour reach all of them; give them one colour"
                )
        return self


def remarks(deployment: "Deployment") -> Iterator[str]:
    """What an operator should know of a deployment that is otherwise in order."""
    if not deployment.network.egress:
        zones = len(deployment.availability_zones)
        month = zones * HOURS * (GATEWAY_USD + ADDRESS_USD)
        yield (
            f"config/{deployment.name}.toml: [network] egress names no acquirer, so nothing uses the "
            f"{zones} NAT gateways, which cost about {month:.2f} USD a month (docs/costs.md)"
        )
        if deployment.network.firewall:
            yield (
                f"config/{deployment.name}.toml: [network] firewall = true, and egress names no acquirer: "
                f"nothing passes its {zones} endpoints, which cost about {zones * HOURS * FIREWALL_USD:.2f} "
                "USD a month (docs/costs.md)"
            )
