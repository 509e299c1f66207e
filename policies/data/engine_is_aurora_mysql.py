"""Databases are Aurora MySQL."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._databases import CLUSTER, CLUSTER_INSTANCE, INSTANCES

ENGINE = "aurora-mysql"


class EngineIsAuroraMysql(ResourcePolicy):
    policy = "CKV_BG_117"
    title = f"The engine of each database is {ENGINE}"
    requirement = "R15"
    pci = "2.2.1"
    severity = "MEDIUM"
    why = (
        "Plain RDS has no shared storage: a failover loses minutes, and neither audit log nor "
        "versions are Aurora's"
    )
    fix = f'set engine = "{ENGINE}", on an aws_rds_cluster and its aws_rds_cluster_instance'
    types = (CLUSTER, *INSTANCES)

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == CLUSTER_INSTANCE and any(
            cluster.get("engine") != ENGINE for cluster in resource.refers("cluster_identifier", CLUSTER)
        ):
            return  # the cluster has the finding, and usually the instance its engine from there
        if (engine := resource.get("engine")) != ENGINE:
            yield f"has the engine {engine}" if engine else "names no engine"


check = EngineIsAuroraMysql()
