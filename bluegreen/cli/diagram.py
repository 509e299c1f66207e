"""`bluegreen diagram`: a picture of what is synthesized."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from safe_io import exact

from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import DEFAULT, DeploymentOption
from bluegreen.cli.terminal import notice


class Format(StrEnum):
    """What is written: a page to print, or text that forges and wikis draw."""

    svg = "svg"
    mermaid = "mermaid"


SUFFIX = {Format.svg: ".svg", Format.mermaid: ".mmd"}


def diagram(
    directory: Annotated[
        Path | None, typer.Argument(help="A stack of any CDKTF output, instead of the deployment's.")
    ] = None,
    *,
    deployment: DeploymentOption = DEFAULT,
    format_: Annotated[Format, typer.Option("--format", help="A page of A4, or a Mermaid flowchart.")] = (
        Format.svg
    ),
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", show_default="topology-STACK.svg or .mmd", help="Where to; - is standard output."
        ),
    ] = None,
) -> None:
    """Draw the topology of a synthesized stack: tiers, both colours, encryption, where traffic goes.

    Examples:
        bluegreen diagram
        bluegreen diagram --format mermaid --out -
    """
    from bluegreen.diagram import DiagramError, draw  # noqa: PLC0415 - importing this module has to be cheap

    try:
        name, text = draw(directory or Deployment(deployment).stack, format_.value)
    except DiagramError as error:
        raise CommandError(ExitCode.INVALID, str(error), error.fix) from error
    file = out or Path(f"topology-{name}{SUFFIX[format_]}")
    if file == Path("-"):
        exact(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(
            ExitCode.INVALID, f"{file} can't be written: {error.strerror}", "give a file that can be written"
        ) from error
    notice(f"{name} drawn in {file}")
