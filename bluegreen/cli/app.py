"""The root command: what verbs there are."""

import signal
import sys
import traceback

import typer
from safe_io import notice

from bluegreen.cli import (
    abort,
    apply,
    approve,
    bootstrap,
    diagram,
    exit_codes,
    follow,
    freeze,
    guard,
    history,
    ledger,
    local,
    permissions,
    plan,
    policies,
    preflight,
    reconcile,
    rollback,
    scan,
    shift,
    status,
    switch,
    unfreeze,
)
from bluegreen.cli.errors import ReportingGroup
from bluegreen.cli.exit_codes import ExitCode

app = typer.Typer(
    cls=ReportingGroup,
    help="Operate the blue-green payment platform.",
    epilog=exit_codes.epilog(),
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they would print the values of local variables
    add_completion=False,
)
for verb in (
    status.status,
    preflight.preflight,
    shift.shift,
    follow.follow,
    approve.approve,
    abort.abort,
    switch.switch,
    rollback.rollback,
    freeze.freeze,
    unfreeze.unfreeze,
    reconcile.reconcile,
    history.history,
    plan.plan,
    scan.scan,
    guard.guard,
    apply.apply,
    policies.policies,
    bootstrap.bootstrap,
    permissions.permissions,
    diagram.diagram,
):
    app.command()(verb)
app.add_typer(ledger.app, name="ledger")
app.add_typer(local.app, name="local")


def main() -> None:
    """Entry point of `python -m bluegreen`."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: Terraform has to save its state first
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, signal.default_int_handler)
    try:
        app(prog_name="bluegreen")
    except Exception:  # noqa: BLE001 - a defect of this tool; Python's own exit code for it, 1, means REFUSED here
        notice(traceback.format_exc().rstrip())
        # What these two did not evaluate is INVALID.
        judging = sys.argv[1:2] in (["scan"], ["guard"])
        sys.exit(ExitCode.INVALID if judging else ExitCode.INCOMPLETE)
