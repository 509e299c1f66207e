"""`bluegreen ledger reclaim`: takes the ledger back from a database that never returns."""

import sys
from time import sleep
from typing import Annotated, Any

import safe_io
import typer

from bluegreen.cli.connect import connect, outputs
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.ledger.place import functions, reporting
from bluegreen.cli.ledger.recording import try_to_record_writer
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption
from bluegreen.cli.terminal import needs_a_terminal, show, waiting
from bluegreen.cli.views.ledger import reclaimed_view
from bluegreen.operate import ledger
from bluegreen.operate.cut_off import PERMISSIONS, CutOffError, cut_off
from lambda_src.contract.values import Colour

ENDPOINTS = {colour: f"{colour}_cluster_endpoint" for colour in Colour}


def reclaim(
    *,
    to: Annotated[Colour, typer.Option("--to", help="The colour that handed the ledger over.")],
    confirm: Annotated[
        str | None, typer.Option("--confirm", help="`reclaim DEPLOYMENT`, instead of typing it.")
    ] = None,
    deployment: DeploymentOption = DEFAULT,
    output: OutputOption = Output.text,
) -> None:
    """Take a handed ledger back, where the new writer's database is lost. Exit code 4: run it again.

    For one case only: a move was handed over, and its target never opens. It refuses a target that has
    opened. It cuts that database off (security group rules), waits until no mover can be alive, and opens the
    other. The role *apply* may do all of it, the role *operate* may not.

    As JSON: `writer`, `epoch`, `revoked` (ids of security group rules).

    Examples:
        bluegreen ledger reclaim --to blue --confirm "reclaim local"  # exit code 1: not handed over
    """
    words = f"reclaim {deployment}"
    if confirm is None:
        needs_a_terminal("ledger reclaim", f"--confirm '{words}'")
    asked = functions(deployment)
    with reporting(), waiting("reading both databases"):
        found = asked.check_reclaim(to.value)
    _require_words(words, confirm, found)
    revoked = _cut_off(deployment, to.other)
    with waiting(f"waiting {found['wait_seconds']} s, until no mover can be alive"):
        sleep(found["wait_seconds"])
    with reporting(), waiting(f"opening {to}"):
        opened = asked.reclaim(to.value, found["epoch"])
        try_to_record_writer(deployment)
    show({**opened, "revoked": revoked}, output, reclaimed_view)


def _require_words(words: str, given: str | None, found: dict[str, Any]) -> None:
    answers = "answers, closed" if found["target_reachable"] else "does not answer"
    if given is None:
        said = f"{found['target']} {answers}; it was handed over {found['handed_seconds']:.0f} s ago."
        question = f"{said} Type `{words}` to cut it off and open {found['source']}:"
        safe_io.console().print(safe_io.Text(question))
        given = sys.stdin.readline().strip()
    if given != words:
        raise CommandError(ExitCode.REFUSED, "not confirmed; nothing was changed", f"type `{words}`")


def _cut_off(deployment: str, colour: Colour) -> list[str]:
    place = Deployment(deployment)
    switch = connect(place)
    needed = (ledger.SETUP, ledger.HEALTH, *ENDPOINTS.values())
    found = outputs(place, switch.environment, needed)
    endpoints = {of: str(found[name]) for of, name in ENDPOINTS.items()}
    functions_ = {name: str(found[name]) for name in (ledger.SETUP, ledger.HEALTH)}
    try:
        return cut_off(switch.access, colour, endpoints, functions_)
    except CutOffError as error:
        raise CommandError(
            ExitCode.INCOMPLETE,
            f"{colour}'s database is not cut off: {error}"
            "\n  state: the ledger was not reclaimed; no database is open",
            f"use an identity that may {', '.join(PERMISSIONS)}, then run it again",
        ) from error
