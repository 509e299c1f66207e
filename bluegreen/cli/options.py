"""The options that verbs share, each declared once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bluegreen.cli.completion import deployments
from bluegreen.cli.deployment import NAME
from bluegreen.operate.shifting import durations

DEFAULT = "local"  # the default --deployment


class Output(StrEnum):
    """`text` is for people and may change; `json` is for programs and is stable."""

    text = "text"
    json = "json"


def seconds_of(value: str) -> int:
    """A span of time as people write it. Raises BadParameter."""
    try:
        return durations.parse(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def try_to_append(value: Path | None) -> None:
    """Of a file that gets a line at the end. Raises BadParameter before anything is begun."""
    if value is not None:
        try:
            value.open("a", encoding="utf-8").close()
        except OSError as error:
            raise typer.BadParameter(f"{value} can't be written: {error.strerror}") from error


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise typer.BadParameter(f"{value!r} is no deployment's name; one is like 'local' or 'staging'")
    return value


DeploymentOption = Annotated[
    str,
    typer.Option(
        "--deployment",
        "-d",
        envvar="DEPLOYMENT",
        callback=_name,
        autocompletion=deployments,
        metavar="NAME",
        help="Which deployment.",
    ),
]
StacksArgument = Annotated[
    Path | None,
    typer.Argument(help="CDKTF output, or a stack of it.", show_default="cdktf.out of the checkout"),
]
PoliciesOption = Annotated[
    Path | None,
    typer.Option(
        "--policies", metavar="DIR", help="Another package of policies, instead of the platform's own."
    ),
]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="Text for people, JSON for programs.")]
WorkflowArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[WORKFLOW]", help="Id of a shift, like shift-20261125T174500-3fa9; else the current one."
    ),
]
IntervalOption = Annotated[
    float, typer.Option("--interval", min=0.1, max=60, help="Seconds between two readings.")
]
StateMachineOption = Annotated[
    str | None,
    typer.Option("--state-machine", help="ARN of the state machine, where --function names the function."),
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the record; up to 256 characters.")]

FunctionOption = Annotated[
    str | None,
    typer.Option("--function", help="ARN or name of a switch function, instead of the deployment's."),
]
RegionOption = Annotated[
    str | None,
    typer.Option("--region", envvar="AWS_REGION", help="Region of --function, where that is a name."),
]
EndpointOption = Annotated[
    str | None,
    typer.Option(
        "--endpoint-url",
        envvar="AWS_ENDPOINT_URL",
        help="Endpoint of the AWS API; a local deployment always uses its own embedded AWS.",
    ),
]
