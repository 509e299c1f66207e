"""`bluegreen local fail`: makes a colour's service or database fail, to rehearse incidents."""

import time
from enum import StrEnum
from typing import Annotated

import embedded_aws
import typer
from safe_io import say

from bluegreen.cli.connect import running_aws
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.options import DEFAULT, DeploymentOption
from bluegreen.operate.databases import modes
from bluegreen.operate.service.incident import MODES as INCIDENTS
from lambda_src.contract.values import Colour


class Mode(StrEnum):
    """As `bluegreen.operate.service.incident` and `bluegreen.operate.databases.incidents` have them."""

    none = "none"
    errors = "errors"
    slow = "slow"
    unhealthy = "unhealthy"
    database_killed = "database-killed"
    replication_stopped = "replication-stopped"
    replication_slow = "replication-slow"
    network_cut = "network-cut"
    transaction_open = "transaction-open"


MODES = "; ".join(f"{mode}: {what}" for mode, what in {**INCIDENTS, **modes.MODES}.items())
LONGEST_SECONDS = 3600


def fail(
    *,
    colour: Annotated[Colour, typer.Option("--colour", help="The colour.")],
    mode: Annotated[Mode, typer.Option("--mode", help=f"What is wrong with it. {MODES}.")],
    share: Annotated[
        float, typer.Option("--share", min=0, max=1, help="Which share of its payments that hits.")
    ] = 1.0,
    seconds: Annotated[
        int, typer.Option("--seconds", min=1, max=LONGEST_SECONDS, help="How long transaction-open lasts.")
    ] = 30,
    deployment: DeploymentOption = DEFAULT,
) -> None:
    """Make a colour's service or database fail, or restore both (`--mode none`), to rehearse.

    `none` restores replication in both directions, too. `transaction-open` ends with Ctrl-C or after
    `--seconds`.

    Examples:
        bluegreen local fail --colour green --mode errors --share 0.5
        bluegreen local fail --colour green --mode replication-slow
        bluegreen local fail --colour green --mode none
    """
    place = Deployment(deployment)
    if mode in modes.MODES:
        _fail_database(place, colour, mode, seconds)
        return
    aws = running_aws(place)
    if mode is Mode.none:
        _restore_databases(aws)
    embedded_aws.set_incident(aws, colour, mode, share)
    hit = "" if mode is Mode.none else f" ({share:.0%} of its payments)"
    say(f"{colour} in {deployment}: {mode}{hit}, {INCIDENTS[mode]}")


# The database driver brings a library of cryptography with it, which takes a while to load.
def _restore_databases(aws: embedded_aws.LocalAws) -> None:
    from bluegreen.operate.databases import incidents, local  # noqa: PLC0415
    from bluegreen.operate.databases.pair import PLACES  # noqa: PLC0415

    if (local.directory(aws) / PLACES).exists():
        incidents.end_all(aws)


def _fail_database(place: Deployment, colour: Colour, mode: Mode, seconds: int) -> None:
    from bluegreen.operate.databases import incidents  # noqa: PLC0415

    aws = running_aws(place)
    said = f"{colour} in {place.name}: {mode}, {modes.MODES[mode]}"
    if mode is not Mode.transaction_open:
        incidents.begin(aws, colour, mode)
        say(said)
        return
    with incidents.transaction_open(aws, colour):
        say(f"{said}, for {seconds} s")
        time.sleep(seconds)
