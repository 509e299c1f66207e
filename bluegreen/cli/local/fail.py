"""`bluegreen local fail`: makes a colour's service fail, to rehearse incidents."""

from enum import StrEnum
from typing import Annotated

import embedded_aws
import typer
from safe_io import say

from bluegreen.cli.connect import running_aws
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.options import DEFAULT, DeploymentOption
from examples.payment_service.incident import MODES as INCIDENTS
from lambda_src.contract.values import Colour


class Mode(StrEnum):
    """As `examples.payment_service` has them."""

    none = "none"
    errors = "errors"
    slow = "slow"
    unhealthy = "unhealthy"


MODES = "; ".join(f"{mode}: {what}" for mode, what in INCIDENTS.items())


def fail(
    *,
    colour: Annotated[Colour, typer.Option("--colour", help="The colour.")],
    mode: Annotated[Mode, typer.Option("--mode", help=f"What is wrong with it. {MODES}.")],
    share: Annotated[
        float, typer.Option("--share", min=0, max=1, help="Which share of its payments that hits.")
    ] = 1.0,
    deployment: DeploymentOption = DEFAULT,
) -> None:
    """Make a colour's service fail, or restore it (`--mode none`), to rehearse.

    Examples:
        bluegreen local fail --colour green --mode errors --share 0.5
        bluegreen local fail --colour green --mode none
    """
    place = Deployment(deployment)
    embedded_aws.set_incident(running_aws(place), colour, mode, share)
    hit = "" if mode is Mode.none else f" ({share:.0%} of its payments)"
    say(f"{colour} in {deployment}: {mode}{hit}, {INCIDENTS[mode]}")
