"""`bluegreen switch`: all traffic to one side."""

from typing import Annotated

import typer

from bluegreen.cli.connect import connect
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.move import move
from bluegreen.cli.options import (
    DEFAULT,
    DeploymentOption,
    EndpointOption,
    FunctionOption,
    Output,
    OutputOption,
    ReasonOption,
    RegionOption,
    Side,
)


def switch(
    *,
    to: Annotated[Side, typer.Option("--to", help="The side that gets all traffic.")],
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEFAULT,
    output: OutputOption = Output.text,
    function: FunctionOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointOption = None,
) -> None:
    """Move all traffic to one side, if it has enough healthy targets.

    As JSON: the result of the switch function, as it is.
    """
    target = connect(Deployment(deployment), function, region, endpoint_url)
    move(target, {"action": "switch", "target": to.value, "reason": reason}, output)
