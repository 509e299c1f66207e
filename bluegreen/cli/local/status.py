"""`bluegreen local status`: whether the embedded AWS of a deployment runs, and what is in it."""

import embedded_aws
import typer

from bluegreen.cli.deployment import Deployment
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption
from bluegreen.cli.terminal import show
from bluegreen.cli.views.local import status_view
from bluegreen.terraform import Terraform


def status(*, deployment: DeploymentOption = DEFAULT, output: OutputOption = Output.text) -> None:
    """Show where it runs; exit code 3 if it does not.

    As JSON: `deployment`, `running`, `endpoint` and `pid` (null when it doesn't run), `resources` (how many),
    `listeners` (`port` and, on this machine, `url`), `services` (of each colour `running`, and the `mode` and
    `share` of its incident).

    Examples:
        bluegreen local status
    """
    place = Deployment(deployment)
    aws = embedded_aws.find(place.state)
    traffic = embedded_aws.local_traffic(aws) if aws else None
    result = {
        "deployment": deployment,
        "running": aws is not None,
        "endpoint": aws and aws.endpoint,
        "pid": aws and aws.pid,
        "resources": _resources(place) if aws else 0,
        "listeners": [{"port": item.port, "url": item.url} for item in traffic.listeners] if traffic else [],
        "services": traffic.services if traffic else {},
    }
    show(result, output, status_view)
    if aws is None:
        raise typer.Exit(ExitCode.UNREACHABLE)


def _resources(place: Deployment) -> int:
    if not place.state_file.exists():  # nothing applied yet
        return 0
    return len(Terraform(place.stack).resources())
