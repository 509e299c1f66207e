"""`bluegreen ledger status`: who takes the payments, and whether the way to the other colour is open."""

import typer

from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.ledger.place import functions, reporting
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption
from bluegreen.cli.terminal import show, waiting
from bluegreen.cli.views.ledger import status_view


def status(*, deployment: DeploymentOption = DEFAULT, output: OutputOption = Output.text) -> None:
    """Show writer, replication and guards. Exit code 1: not open, or a guard fails.

    As JSON: `writer`, `epoch`, `state`, `since_seconds` (null without a ledger), `healthy`, `databases` (by
    colour `row`, `channel` with `running`, `lag` in seconds and `error`, `engine`, `error`), `guards`
    (`name`, `colour`, `passed`, `found`), `verified` and `verifying` (the last verification that ended, and
    the one in progress, as `bluegreen ledger verify` has them; null: none).

    Examples:
        bluegreen ledger status
    """
    asked = functions(deployment)
    with reporting(), waiting("reading both databases"):
        found = asked.status()
    show(found, output, status_view)
    if not found["healthy"]:
        raise typer.Exit(ExitCode.REFUSED)
