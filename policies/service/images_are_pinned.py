"""An image is named by its digest."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.service._containers import TASK_DEFINITION, containers

DIGEST = re.compile(r"@(sha256:[0-9a-f]{64}|\$\{.+\}|[\w.-]+)$")


class ImagesArePinned(ResourcePolicy):
    policy = "CKV_BG_263"
    title = "Each container names its image by digest"
    requirement = None
    pci = "6.3.2"
    severity = "HIGH"
    why = (
        "A tag may mean another image when the next task starts: one colour then runs two versions, neither "
        "of which is the one that was tested"
    )
    fix = "name the image as <repository>@sha256:<digest> in container_definitions"
    types = (TASK_DEFINITION,)

    def defects(self, resource: Block) -> Iterator[str]:
        for called, container in containers(resource):
            image = str(container.get("image") or "")
            if not DIGEST.search(image):
                yield f"{called} names {image or 'no image'}"


check = ImagesArePinned()
