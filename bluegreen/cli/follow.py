"""`bluegreen follow`: follow a shift in progress."""

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.following import finish, follow_to_the_end
from bluegreen.cli.options import IntervalOption, StateMachineOption, WorkflowArgument
from bluegreen.cli.target import Target, on_target


@on_target
def follow(
    target: Target,
    workflow: WorkflowArgument = None,
    *,
    interval: IntervalOption = 5.0,
    state_machine: StateMachineOption = None,
) -> None:
    """Show the progress of a shift, and how it ended. Ctrl-C ends the display only.

    As JSON: one document at the end, as `bluegreen shift` has it.

    Examples:
        bluegreen follow
    """
    machine = target.machine(state_machine)
    name = workflow or _current(target)
    finish(target, name, follow_to_the_end(target, machine, name, interval), None)


def _current(target: Target) -> str:
    found = target.read({"action": "status"}, "looking for a shift")["workflow"]
    if found is None:
        raise CommandError(
            ExitCode.REFUSED, "there is no shift to follow", "start one with `bluegreen shift --to …`"
        )
    name: str = found["id"]
    return name
