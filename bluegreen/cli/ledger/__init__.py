"""`bluegreen ledger`: the database that takes the payments, and its move from one colour to the other."""

import typer

from bluegreen.cli.ledger import migrate, move, reclaim, setup, status, verify
from bluegreen.cli.verbs import add

app = typer.Typer(help="The ledger: which colour's database takes the payments.", no_args_is_help=True)
add(app, status.status, setup.setup, move.move, verify.verify, migrate.migrate, reclaim.reclaim)
