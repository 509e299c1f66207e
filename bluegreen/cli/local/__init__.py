"""`bluegreen local`: the platform on this machine, applied for real to an embedded AWS."""

import typer

from bluegreen.cli.local import denials, down, dsn, env, fail, health, load, stand_in, status, up
from bluegreen.cli.verbs import add

app = typer.Typer(help="The platform on this machine, in an embedded AWS.", no_args_is_help=True)
add(
    app,
    up.up,
    status.status,
    load.load,
    fail.fail,
    health.health,
    stand_in.stand_in,
    denials.denials,
    env.env,
    dsn.dsn,
    down.down,
)
