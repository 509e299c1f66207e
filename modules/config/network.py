"""What the services may reach outside the VPC: acquirers."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from modules.config.model import Distinct, Model

if TYPE_CHECKING:
    from modules.config.deployment import Deployment

WIDEST_PREFIX = 16
HOURS = 730
GATEWAY_USD, ADDRESS_USD = 0.045, 0.005  # an hour each in us-east-1: docs/costs.md


class Egress(Model):
    """One acquirer that one colour's service, or each, connects to."""

    cidr: IPv4Network | None = Field(
        default=None,
        description="an IPv4 network, /16 or narrower; or prefix_list instead",
        examples=["203.0.113.0/24"],
    )
    prefix_list: str | None = Field(
        default=None,
        pattern=r"^pl-([0-9a-f]{8}|[0-9a-f]{17})$",
        description="the id of a prefix list; or cidr instead",
        examples=["pl-0123456789abcdef0"],
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
        if (self.cidr is None) == (self.prefix_list is None):
            raise ValueError("name either cidr or prefix_list")
        if self.cidr is not None and self.cidr.prefixlen < WIDEST_PREFIX:
            raise ValueError(f"cidr = {self.cidr} is wider than /{WIDEST_PREFIX}")
        return self

    @property
    def destination(self) -> str:
        """The network or the prefix list, as its rule names it."""
        return str(self.cidr or self.prefix_list)


class NetworkAccess(Model):
    """Ways out of the VPC."""

    egress: Annotated[tuple[Egress, ...], Distinct] = Field(
        default=(),
        max_length=30,
        description="up to 30 acquirers, each a table with cidr or prefix_list, port, colour and reason: "
        "nothing else outside AWS is reached",
        examples=[[{"cidr": "203.0.113.0/24", "port": 443, "colour": "both", "reason": "acquirer"}]],
    )


def remarks(deployment: "Deployment") -> Iterator[str]:
    """What an operator should know of a deployment that is otherwise in order."""
    if not deployment.network.egress:
        zones = len(deployment.availability_zones)
        month = zones * HOURS * (GATEWAY_USD + ADDRESS_USD)
        yield (
            f"config/{deployment.name}.toml: [network] egress names no acquirer, so nothing uses the "
            f"{zones} NAT gateways, which cost about {month:.2f} USD a month (docs/costs.md)"
        )
