"""Databases have the memory that a payment load takes."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._databases import INSTANCES

MEMORY_OPTIMISED = re.compile(r"db\.[rxz]\d\w*\.\w+")


class InstanceClassIsMemoryOptimised(ResourcePolicy):
    policy = "CKV_BG_129"
    title = "The class of each database instance is memory-optimised"
    requirement = "R23"
    pci = "2.2.1"
    severity = "MEDIUM"
    why = "Burstable instances are throttled once their credits are spent, which is at the peak of the day"
    fix = 'set instance_class = "db.r6g.large", or another class of the families r and x'
    types = INSTANCES

    def defects(self, resource: Block) -> Iterator[str]:
        given = resource.get("instance_class")
        if not MEMORY_OPTIMISED.fullmatch(str(given)):
            yield f"has the class {given}" if given else "names no instance_class"


check = InstanceClassIsMemoryOptimised()
