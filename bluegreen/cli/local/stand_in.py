"""`bluegreen local stand-in`: a port of this machine in the place of a host outside, such as an acquirer."""

import ipaddress
import re
from typing import Annotated

import embedded_aws
import typer
from safe_io import say

from bluegreen.cli.connect import running_aws
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.options import DEFAULT, DeploymentOption

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
LAST_PORT = 65535
HTTPS = 443


def stand_in(
    host: Annotated[str, typer.Argument(help="Its name, or its IPv4 address.")],
    *,
    local_port: Annotated[
        int, typer.Option("--local-port", min=1, max=LAST_PORT, help="The port of 127.0.0.1.")
    ],
    address: Annotated[str, typer.Option("--address", help="With a name: what it resolves to.")] = "",
    port: Annotated[int, typer.Option("--port", min=1, max=LAST_PORT, help="The port of the host.")] = HTTPS,
    deployment: DeploymentOption = DEFAULT,
) -> None:
    """Have a port of this machine stand for a host outside the VPC, until `bluegreen local down`.

    The services reach it as far as DNS Firewall, routes, egress rules and Network Firewall let them;
    `bluegreen local denials` lists what was refused.

    Examples:
        bluegreen local stand-in api.acquirer.example --address 198.51.100.20 --local-port 9443
        bluegreen local stand-in 203.0.113.10 --port 8443 --local-port 9443
    """
    if not HOST.fullmatch(host):
        raise typer.BadParameter(f"{host!r} is neither a host's name nor an IPv4 address", param_hint="HOST")
    name = None if _is_address(host) else host
    if name is None and address:
        raise typer.BadParameter(f"{host} is an address already", param_hint="--address")
    if name and not _is_address(address):
        raise typer.BadParameter(
            f"{name} is a name: give the IPv4 address that it resolves to, such as 198.51.100.20",
            param_hint="--address",
        )
    embedded_aws.stand_in(running_aws(Deployment(deployment)), address or host, port, local_port, name)
    say(f"127.0.0.1:{local_port} stands for {host}:{port} in {deployment}")


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
