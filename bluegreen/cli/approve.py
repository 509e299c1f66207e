"""`bluegreen approve`: what a shift that waits for a person waits for."""

from bluegreen.cli.options import ReasonOption, WorkflowArgument
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.views.workflow import workflow_view


@on_target
def approve(target: Target, workflow: WorkflowArgument = None, *, reason: ReasonOption = "") -> None:
    """Approve the next step of the shift that waits for it.

    As JSON: the result of the switch function, as it is.

    Examples:
        until bluegreen approve; do sleep 2; done  # in a script: as soon as the shift asks

    On a real account:
        bluegreen approve --reason "error rate unchanged" --deployment staging
    """
    request = {"action": "approve", "workflow": workflow, "reason": reason}
    result = target.act(request, "approving")
    target.show(result, lambda shown: workflow_view(shown["workflow"]))
