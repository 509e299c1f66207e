"""`bluegreen rollback`: all traffic back to where it came from."""

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


def rollback(
    *,
    to: Annotated[
        Side | None, typer.Option("--to", help="The side to go back to, where the records do not tell.")
    ] = None,
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEFAULT,
    output: OutputOption = Output.text,
    function: FunctionOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointOption = None,
) -> None:
    """Move all traffic back to where the migration started.

    As JSON: the result of the switch function, as it is.
    """
    target = connect(Deployment(deployment), function, region, endpoint_url)
    move(target, {"action": "rollback", "target": to and to.value, "reason": reason}, output)
