"""What runs is what was built and scanned."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._policy import ResourcePolicy
from policies.service._containers import TASK_DEFINITION, containers


class ContainersKeepTheirImage(ResourcePolicy):
    policy = "CKV_BG_262"
    title = "Each container has a read-only root file system"
    requirement = None
    pci = "11.5.2"
    severity = "HIGH"
    why = "An intruder can write programs into it, or change the application while it runs"
    fix = (
        "set readonlyRootFilesystem = true in container_definitions, and mount an empty volume where it has "
        "to write"
    )
    types = (TASK_DEFINITION,)

    def defects(self, resource: Block) -> Iterator[str]:
        for called, container in containers(resource):
            if not is_true(container.get("readonlyRootFilesystem")):
                yield f"{called} can write to its root file system"


check = ContainersKeepTheirImage()
