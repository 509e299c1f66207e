"""No change elsewhere makes Terraform replace what serves traffic or holds data."""

from collections.abc import Iterator

from stack_gate.stack import Block, strings

from policies._policy import ResourcePolicy
from policies._world import RESOURCES

# No client calls them, nothing passes through them, and no data is in them.
_MADE_ANEW = frozenset({
    "aws_appautoscaling_policy", "aws_appautoscaling_scheduled_action", "aws_cloudwatch_dashboard",
    "aws_cloudwatch_metric_alarm", "aws_ecs_task_definition",
})  # fmt: skip


class NothingThatServesIsReplaced(ResourcePolicy):
    policy = "CKV_BG_407"
    title = "No replace_triggered_by is on what serves traffic, lets callers in, or holds data"
    requirement = None
    pci = "6.5.1"
    severity = "CRITICAL"
    why = "An apply that changes something else destroys it while it serves, and makes it anew"
    fix = "remove lifecycle.replace_triggered_by"
    types = tuple(sorted(RESOURCES - _MADE_ANEW))

    def defects(self, resource: Block) -> Iterator[str]:
        if triggers := strings(resource.get("lifecycle.replace_triggered_by")):
            yield f"is replaced when {', '.join(triggers)} changes"


check = NothingThatServesIsReplaced()
