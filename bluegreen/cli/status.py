"""`bluegreen status`: both colours as they are now."""

from typing import Annotated, Any

import typer

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import Output
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.views.traffic import status_view
from bluegreen.operate.client import FunctionFailedError, OutcomeUnknownError, SwitchError, SwitchFunction

REQUEST = {"action": "status"}


@on_target
def status(
    target: Target,
    *,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Read repeatedly; Ctrl-C ends it.")] = False,
    interval: Annotated[
        int, typer.Option(min=1, max=3600, help="With --watch: seconds between two readings.")
    ] = 5,
    times: Annotated[
        int, typer.Option(min=1, max=100_000, help="With --watch: how many readings at most.")
    ] = 720,
) -> None:
    """Show both colours: weights, target health, records.

    As JSON: the result of the switch function, as it is; with --watch one a line, and {"error": "..."} for a
    reading that failed, which does not end the watch.

    Examples:
        bluegreen status
        bluegreen status --watch --interval 1 --times 2

    On a real account:
        bluegreen status --deployment staging --output json
    """
    if watch:
        _watch(target.switch, target.output, interval, times)
        return
    try:
        result = target.read(REQUEST, "reading both colours")
    except (FunctionFailedError, OutcomeUnknownError) as error:
        raise _unread(error) from error
    target.show(result, lambda shown: status_view(shown, str(target.switch)))


def _watch(switch: SwitchFunction, output: Output, interval: int, times: int) -> None:
    from bluegreen.cli import watch  # noqa: PLC0415 - importing this module has to be cheap

    def view(result: Any) -> Any:
        return status_view(result, str(switch))

    try:
        with watch.screen(output, view) as screen:
            rhythm = watch.Rhythm(interval, times)
            watch.watch(lambda: switch.invoke(REQUEST), screen, rhythm, passing=SwitchError)
    except (FunctionFailedError, OutcomeUnknownError) as error:
        raise _unread(error) from error


def _unread(error: SwitchError) -> CommandError:
    """Other than a move, it can't have left anything half done."""
    return CommandError(ExitCode.INVALID, f"the status could not be read. {error}", "repeat it")
