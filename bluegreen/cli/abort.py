"""`bluegreen abort`: ends the shift in progress."""

from bluegreen.cli.options import ReasonOption, WorkflowArgument
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.views.workflow import workflow_view


@on_target
def abort(target: Target, workflow: WorkflowArgument = None, *, reason: ReasonOption = "") -> None:
    """End the shift in progress: the workflow rolls all traffic back.

    As JSON: the result of the switch function, as it is. `bluegreen follow` shows how it ends.

    Examples:
        bluegreen shift --to green --steps 25,100 --bake 10m --yes --detach
        until bluegreen abort --reason "checkout fails"; do sleep 2; done
        bluegreen follow  # rolled back: exit code 5
    """
    request = {"action": "abort", "workflow": workflow, "reason": reason}
    result = target.act(request, "aborting")
    target.show(result, lambda shown: workflow_view(shown["workflow"]))
