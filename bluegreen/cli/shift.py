"""`bluegreen shift`: a share of the traffic to one side."""

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


def shift(
    *,
    to: Annotated[Side, typer.Option("--to", help="The side that gets the share.")],
    percent: Annotated[
        int, typer.Option("--percent", min=0, max=100, help="Weight of that side; the other gets the rest.")
    ],
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEFAULT,
    output: OutputOption = Output.text,
    function: FunctionOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointOption = None,
) -> None:
    """Set one side's share, if the gaining side has healthy targets.

    As JSON: the result of the switch function, as it is.
    """
    target = connect(Deployment(deployment), function, region, endpoint_url)
    move(target, {"action": "shift", "target": to.value, "percent": percent, "reason": reason}, output)
