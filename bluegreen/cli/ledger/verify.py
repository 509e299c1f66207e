"""`bluegreen ledger verify`: whether both databases have the same payments."""

from typing import Any

import typer

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.ledger.place import functions, reporting
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption
from bluegreen.cli.terminal import show, waiting
from bluegreen.cli.views.ledger import verified_view
from bluegreen.operate.ledger import LedgerFunctions

# Calls in a row that compare nothing more: the ledger moves, or one chunk takes longer than a call.
STANDSTILL = 5


def verify(*, deployment: DeploymentOption = DEFAULT, output: OutputOption = Output.text) -> None:
    """Compare both databases, row by row, while payments go on. Exit code 1: they differ.

    Chunks of the primary key are compared by checksums over all columns. A move needs a verification that is
    clean and at most a day old; a schedule begins one each half a day.

    As JSON: `ended`, `chunks`, `rows`, `differing` (chunks), `findings` (sentences, of the first 20),
    `age_seconds`.

    Examples:
        bluegreen ledger verify
    """
    asked = functions(deployment)
    with reporting(), waiting("comparing both databases"):
        found = _compared(asked)
    show(found, output, verified_view)
    if found["differing"]:
        raise typer.Exit(ExitCode.REFUSED)


def _compared(asked: LedgerFunctions) -> dict[str, Any]:
    """Call by call, to the end. Raises CommandError where it comes no further."""
    found, without_progress = asked.verify(fresh=True), 0
    while not found["ended"]:
        before, found = found, asked.verify()
        without_progress = 0 if found["chunks"] > before["chunks"] else without_progress + 1
        if without_progress == STANDSTILL:
            raise CommandError(
                ExitCode.INCOMPLETE,
                f"the verification comes no further than {found['chunks']} chunks"
                "\n  state: nothing was changed; its cursor is kept, and the schedule continues it",
                "run `bluegreen ledger status`: a move in progress, or a database that is too busy",
            )
    return found
