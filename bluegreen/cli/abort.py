"""`bluegreen abort`: ends the shift in progress."""

from bluegreen.cli.options import ReasonOption, WorkflowArgument
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.views.workflow import workflow_view


@on_target
def abort(target: Target, workflow: WorkflowArgument = None, *, reason: ReasonOption = "") -> None:
    """End the shift in progress: the workflow rolls all traffic back.

    As JSON: the result of the switch function, as it is. `bluegreen follow` shows how it ends.
    """
    request = {"action": "abort", "workflow": workflow, "reason": reason}
    result = target.act(request, "aborting")
    target.show(result, lambda shown: workflow_view(shown["workflow"]))
