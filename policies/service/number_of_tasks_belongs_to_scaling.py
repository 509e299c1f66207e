"""An apply does not shrink a colour."""

from collections.abc import Iterator

from stack_gate.stack import Block, listed

from policies._policy import ResourcePolicy
from policies.service._containers import SERVICE

TARGET = "aws_appautoscaling_target"
BOUNDS = ("min_capacity", "max_capacity")


class NumberOfTasksBelongsToScaling(ResourcePolicy):
    policy = "CKV_BG_266"
    title = "Terraform ignores changes of what auto scaling sets: the number of tasks, and bounds by schedule"
    requirement = None
    pci = "6.5.1"
    severity = "HIGH"
    why = "The next apply, whatever it is for, takes the active colour back to its first number of tasks"
    fix = (
        'set lifecycle.ignore_changes = ["desired_count"] on the service, and ["min_capacity", '
        '"max_capacity"] on a target with scheduled actions'
    )
    types = (SERVICE, TARGET)

    def defects(self, resource: Block) -> Iterator[str]:
        ignored = [str(path) for path in listed(resource.get("lifecycle.ignore_changes"))]
        if resource.type == TARGET:
            if _is_scheduled(resource) and not ({"all"} & set(ignored) or set(BOUNDS) <= set(ignored)):
                yield f"has a schedule, and does not ignore changes of {' and '.join(BOUNDS)}"
        elif _is_scaled(resource) and not {"all", "desired_count"} & set(ignored):
            yield "does not ignore changes of desired_count"


def _is_scaled(service: Block) -> bool:
    name = service.get("name")
    return any(
        service in service.stack.referred(target.get("resource_id"), SERVICE)
        or str(target.get("resource_id")).rpartition("/")[2] == name
        for target in service.stack.resources(TARGET)
    )


def _is_scheduled(target: Block) -> bool:
    return any(
        target in target.stack.referred(action.get("resource_id"), TARGET)
        or action.get("resource_id") == target.get("resource_id")
        for action in target.stack.resources("aws_appautoscaling_scheduled_action")
    )


check = NumberOfTasksBelongsToScaling()
