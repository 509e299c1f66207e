"""Databases have the memory that a payment load takes."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, number

from policies._policy import ResourcePolicy
from policies.data._databases import CLUSTER, INSTANCES

SERVERLESS = "db.serverless"
LEAST_ACU, MOST_ACU = 2, 8  # 2 GiB each: 8 are the memory of db.r6g.large
MEMORY_OPTIMISED = re.compile(r"db\.[rxz]\d\w*\.\w+")


class InstanceClassIsMemoryOptimised(ResourcePolicy):
    policy = "CKV_BG_129"
    title = "The class of each database instance is memory-optimised"
    requirement = "R23"
    pci = "2.2.1"
    severity = "MEDIUM"
    why = "Burstable instances are throttled once their credits are spent, which is at the peak of the day"
    fix = (
        'set instance_class = "db.r6g.large", or another class of the families r and x; for db.serverless '
        "give the cluster 2 capacity units or more, and 8 or more at most"
    )
    types = INSTANCES

    def defects(self, resource: Block) -> Iterator[str]:
        given = resource.get("instance_class")
        if given == SERVERLESS:
            yield from _too_small(resource)
        elif not MEMORY_OPTIMISED.fullmatch(str(given)):
            yield f"has the class {given}" if given else "names no instance_class"


def _too_small(instance: Block) -> Iterator[str]:
    """Serverless v2 is as large as its cluster says."""
    for cluster in instance.refers("cluster_identifier", CLUSTER):
        limits = "serverlessv2_scaling_configuration"
        least, most = (
            number(cluster.get(f"{limits}.min_capacity")),
            number(cluster.get(f"{limits}.max_capacity")),
        )
        if least is None or most is None or least < LEAST_ACU or most < MOST_ACU:
            yield f"has from {least or 0:g} to {most or 0:g} capacity units"


check = InstanceClassIsMemoryOptimised()
