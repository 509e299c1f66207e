"""The options that verbs share, each declared once."""

from enum import StrEnum
from typing import Annotated

import typer

from bluegreen.cli.deployment import NAME

DEFAULT = "local"  # the default --deployment


class Side(StrEnum):
    """The two colours."""

    blue = "blue"
    green = "green"


class Output(StrEnum):
    """`text` is for people and may change; `json` is for programs and is stable."""

    text = "text"
    json = "json"


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise typer.BadParameter(f"{value!r} is no deployment's name; one is like 'local' or 'staging'")
    return value


DeploymentOption = Annotated[
    str,
    typer.Option(
        "--deployment", "-d", envvar="DEPLOYMENT", callback=_name, metavar="NAME", help="Which deployment."
    ),
]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="Text for people, JSON for programs.")]
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
