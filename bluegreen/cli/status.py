"""`bluegreen status`: both sides as they are now."""

from bluegreen.cli.connect import connect
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import (
    DEFAULT,
    DeploymentOption,
    EndpointOption,
    FunctionOption,
    Output,
    OutputOption,
    RegionOption,
)
from bluegreen.cli.terminal import show, waiting
from bluegreen.cli.views.traffic import status_view
from bluegreen.client import FunctionFailedError, OutcomeUnknownError


def status(
    *,
    deployment: DeploymentOption = DEFAULT,
    output: OutputOption = Output.text,
    function: FunctionOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointOption = None,
) -> None:
    """Show both sides: weights, target health, records.

    As JSON: the result of the switch function, as it is.
    """
    target = connect(Deployment(deployment), function, region, endpoint_url)
    try:
        with waiting("reading both sides"):
            result = target.invoke({"action": "status"})
    except (FunctionFailedError, OutcomeUnknownError) as error:
        # Other than a move, it can't have left anything half done.
        raise CommandError(ExitCode.INVALID, f"the status could not be read. {error}", "repeat it") from error
    show(result, output, lambda: status_view(result, str(target)))
