"""The public entrance: load balancer and web application firewall."""

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, field_validator

from modules.config.model import PRIVATE_NETWORKS, Distinct, Model

# Of the 60 rules that a security group may have by default, less those for the redirect, HTTPS and the three
# NAT gateways. Source: VPC user guide, "Amazon VPC quotas".
MOST_NETWORKS = 45
WIDEST_PREFIX = 16
# From which nothing arrives over the internet (RFC 1918, RFC 6598, loopback, link-local).
NEVER_SEEN = (
    *PRIVATE_NETWORKS,
    *(IPv4Network(cidr) for cidr in ("100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16")),
)


class LoadBalancer(Model):
    """The public entrance."""

    certificate_arn: str = Field(
        pattern=r"^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        description="the ARN of an ACM certificate in the deployment's region and account",
        examples=["arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000001"],
    )
    test_listener_port: int = Field(
        default=8443,
        strict=True,
        ge=1024,
        le=65535,
        description="a port from 1024 to 65535: 80 and 443 are the public listeners'",
        examples=[8443],
    )
    test_listener_cidrs: Annotated[tuple[IPv4Network, ...], Distinct] = Field(
        min_length=1,
        max_length=MOST_NETWORKS,
        description="1 to 45 public IPv4 networks, /16 or narrower, from which testers reach the test "
        "listener. The NAT gateways' addresses, from which clients in the VPC arrive, are admitted anyway",
        examples=[["203.0.113.0/24"]],
    )
    log_retention_days: int = Field(
        default=365,
        strict=True,
        ge=365,
        le=3650,
        description="365 to 3650 days: PCI DSS 10.5.1 asks for twelve months of audit history",
        examples=[365],
    )

    log_lock_days: int = Field(
        default=0,
        strict=True,
        ge=0,
        le=3650,
        description="0 to 3650 days for which S3 Object Lock (governance mode) keeps each log; 0: no lock",
        examples=[365],
    )

    @field_validator("test_listener_cidrs")
    @classmethod
    def _reachable_and_narrow(cls, networks: tuple[IPv4Network, ...]) -> tuple[IPv4Network, ...]:
        if wide := [str(net) for net in networks if net.prefixlen < WIDEST_PREFIX]:
            raise ValueError(f"{', '.join(wide)} is wider than /{WIDEST_PREFIX}")
        inside = [str(net) for net in networks if any(net.overlaps(private) for private in NEVER_SEEN)]
        if inside:
            raise ValueError(
                f"{', '.join(inside)} admits no one: to a load balancer that faces the internet, no client "
                "comes from a private address"
            )
        return networks


class WebFirewall(Model):
    """AWS WAF in front of the load balancer."""

    requests_per_address: int = Field(
        default=2000,
        strict=True,
        ge=10,
        le=2_000_000_000,
        description="10 to 2000000000 requests that one client address may send within five minutes",
        examples=[2000],
    )
    large_bodies: Literal["block", "count"] = Field(
        default="block",
        description="what becomes of requests with a body over 8 KiB, of which only the first 8 KiB are "
        'inspected: "block", or "count" to let them pass',
        examples=["block"],
    )
    anonymous_addresses: Literal["block", "count", "ignore"] = Field(
        default="count",
        description="what becomes of requests through anonymising proxies, Tor and hosting providers: "
        '"block" stops partners that run in a cloud, too; "count" shows how many there are; "ignore"',
        examples=["count"],
    )
