"""The root command: what verbs there are."""

import atexit
import gc
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from safe_io import notice, report_error, standard_output

from bluegreen.cli import (
    abort,
    admit,
    apply,
    approve,
    bootstrap,
    completion,
    deploy,
    diagram,
    doctor,
    exit_codes,
    follow,
    freeze,
    guard,
    history,
    ledger,
    local,
    mutate,
    permissions,
    plan,
    policies,
    preflight,
    reconcile,
    release,
    rollback,
    scan,
    schema,
    shift,
    status,
    switch,
    unfreeze,
)
from bluegreen.cli.errors import ReportingGroup
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.project import ProjectOption, install, use
from bluegreen.cli.verbs import add
from bluegreen.cli.version import show as show_version

HELP = """Operate the blue-green payment platform.

First, in the checkout: `make up` brings the platform up on this machine, without an AWS account. Then:

  bluegreen status
  bluegreen shift --to green --steps 25,100 --bake 10s
  bluegreen rollback

A tutorial: docs/tutorial.md. Every verb with examples: docs/cli.md. On a real account: docs/runbook.md."""

LOOK, MOVE, DEPLOY, MACHINE, MORE = "See", "Move traffic", "Deploy", "On this machine", "More"
GROUPS = (LOOK, MOVE, DEPLOY, MACHINE, MORE)

OF_THE_GATE = {"admit", "guard", "mutate", "scan"}  # what they did not evaluate is INVALID


class Root(ReportingGroup):
    """Lists its commands by group, in the order of GROUPS. `verb`: the one that was called."""

    verb: str | None = None

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the base names it
        def place(name: str) -> int:
            return GROUPS.index(str(getattr(self.commands[name], "rich_help_panel", MORE)))

        return sorted(self.commands, key=place)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:  # as every filter, without a word; Typer's own exit code is REFUSED
            os.dup2(os.open(os.devnull, os.O_WRONLY), standard_output().fileno())  # for what is left
            raise typer.Exit(_unknown()) from error


app = typer.Typer(
    cls=Root,
    help=HELP,
    epilog=exit_codes.epilog(),
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they would print the values of local variables
    add_completion=False,  # `completion` prints the scripts
)
add(app, status.status, preflight.preflight, history.history, group=LOOK)
add(
    app,
    shift.shift,
    approve.approve,
    follow.follow,
    abort.abort,
    switch.switch,
    rollback.rollback,
    group=MOVE,
)
add(app, freeze.freeze, unfreeze.unfreeze, reconcile.reconcile, group=MOVE)
add(app, deploy.deploy, release.release, group=MOVE)
add(
    app,
    doctor.doctor,
    scan.scan,
    admit.admit,
    bootstrap.bootstrap,
    permissions.permissions,
    plan.plan,
    guard.guard,
    apply.apply,
    group=DEPLOY,
)
app.add_typer(ledger.app, name="ledger", rich_help_panel=MOVE)
app.add_typer(local.app, name="local", rich_help_panel=MACHINE)
add(app, diagram.diagram, policies.policies, mutate.mutate, schema.schema, completion.completion, group=MORE)


@app.callback()
def root(
    ctx: typer.Context,
    *,
    project: ProjectOption = None,
    version: Annotated[  # noqa: ARG001 - its callback ends the command
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Show the version, and end."),
    ] = False,
) -> None:
    """Before every verb."""
    Root.verb = ctx.invoked_subcommand
    use(project)


def main(checkout: Path | None = None) -> None:
    """Entry point of `python -m bluegreen`, and of the command that set-up installs into `checkout`."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, Path(os.devnull).open("r+", encoding="utf-8"))  # noqa: SIM115
    install(checkout)
    completion.prepare()
    atexit.register(gc.freeze)  # nothing is looked through for garbage that ends with the process
    # All as Ctrl-C: Terraform has to save its state first.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, signal.default_int_handler)
    try:
        app(prog_name=completion.NAME)
    except OSError as error:
        with suppress(OSError):  # standard error may be what failed
            report_error(_of_the_machine(error))
        sys.exit(_unknown())
    except Exception:  # noqa: BLE001 - a defect of this tool; Python's own exit code for it, 1, means REFUSED here
        notice(traceback.format_exc().rstrip())
        sys.exit(_unknown())


def _unknown() -> ExitCode:
    """Of a command that ended anywhere."""
    return ExitCode.INVALID if Root.verb in OF_THE_GATE else ExitCode.INCOMPLETE


def _of_the_machine(error: OSError) -> str:
    """What this machine refused: a full disk, a file that can't be read or written."""
    where = f": {error.filename}" if error.filename else ""
    return (
        f"{Root.verb or completion.NAME} could not be finished{where}\n"
        f"  cause: {error.strerror or error}\n"
        "  state: what was begun may have been done\n"
        "  fix: correct the cause, look with `bluegreen status`, then run the same command again"
    )
