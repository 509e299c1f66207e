"""`bluegreen local`: the platform on this machine, applied for real to an embedded AWS."""

import typer

from bluegreen.cli.local import denials, down, dsn, env, fail, health, load, status, up

app = typer.Typer(help="The platform on this machine, in an embedded AWS.", no_args_is_help=True)
for verb in (
    *(up.up, down.down, status.status, denials.denials, fail.fail, health.health, load.load, env.env),
    dsn.dsn,
):
    app.command()(verb)
