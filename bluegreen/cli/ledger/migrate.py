"""`bluegreen ledger migrate`: changes the schema of both databases, in steps that can be gone back from."""

import sys
from pathlib import Path
from typing import Annotated

import safe_io
import typer

from bluegreen.cli.connect import connect, outputs
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.ledger.place import functions, reporting
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption, ReasonOption
from bluegreen.cli.terminal import confirmed, needs_a_terminal, show, waiting
from bluegreen.cli.views.ledger import migrated_view
from bluegreen.operate import ledger


def migrate(
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Statements of SQL: CREATE TABLE, ALTER TABLE.")
    ],
    no_way_back: Annotated[
        bool, typer.Option("--no-way-back", help="Allow a contract step, such as DROP COLUMN.")
    ] = False,
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", help="`no way back DEPLOYMENT`, instead of typing it."),
    ] = None,
    reason: ReasonOption = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    deployment: DeploymentOption = DEFAULT,
    output: OutputOption = Output.text,
) -> None:
    """Change the ledger's schema on the writer, and wait for the other database. Exit code 4: run it again.

    Both versions of the code keep working: columns at the end that are optional, tables, indexes. Each other
    change is refused by its rule's name (docs/ledger.md, Schema). It holds the switch's lock: no shift and
    no move is in progress, and none begins. The role *apply* may do it, the role *operate* may not.

    As JSON: `writer`, `statements` (as they were understood), `done` (how many of them were carried out now;
    the others were done before).

    Examples:
        bluegreen ledger migrate examples/service/migrations/002_note.sql --yes
    """
    try:
        sql = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(ExitCode.INVALID, f"can't read {file}: {error}", "name a file of SQL") from error
    words = f"no way back {deployment}"
    if no_way_back and confirm is None:
        needs_a_terminal("ledger migrate", f"--confirm '{words}'")
    elif not no_way_back and not yes:
        needs_a_terminal("ledger migrate")
    functions(deployment)  # says what is missing where there is no ledger
    if no_way_back:
        _require_words(words, confirm)
    elif not yes and not confirmed(f"Change the schema of the ledger of {deployment} by {file}?"):
        raise CommandError(
            ExitCode.REFUSED, "not confirmed; nothing was changed", "answer yes, or give --yes"
        )
    place = Deployment(deployment)
    switch = connect(place)
    arn = str(outputs(place, switch.environment, (ledger.MIGRATE,))[ledger.MIGRATE])
    asked = ledger.migration(arn, switch)
    with reporting(), waiting("changing the schema"):
        migrated = asked.migrate(sql, no_way_back=no_way_back, reason=reason)
    show(migrated, output, migrated_view)


def _require_words(words: str, given: str | None) -> None:
    if given is None:
        question = f"Code that needs what is dropped fails, on either colour. Type `{words}`:"
        safe_io.console().print(safe_io.Text(question))
        given = sys.stdin.readline().strip()
    if given != words:
        raise CommandError(ExitCode.REFUSED, "not confirmed; nothing was changed", f"type `{words}`")
