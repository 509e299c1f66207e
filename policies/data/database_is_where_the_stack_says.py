"""A database is in a subnet group of the stack, and of a mode that has instances."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._databases import CLUSTER, DATABASES, is_replica


class DatabaseIsWhereTheStackSays(ResourcePolicy):
    policy = "CKV_BG_413"
    title = "Each database names a subnet group of the stack, and is of the mode provisioned"
    requirement = "R22"
    pci = "1.4.4"
    severity = "HIGH"
    why = "In another group its subnets may be public; in another mode its instances serve nothing"
    fix = "set db_subnet_group_name to an aws_db_subnet_group of the stack, and leave engine_mode out"
    types = DATABASES

    def defects(self, resource: Block) -> Iterator[str]:
        named = resource.get("db_subnet_group_name")
        if not resource.refers("db_subnet_group_name", "aws_db_subnet_group") and not is_replica(resource):
            yield f"is in the subnet group {named or 'default'}, which is not in the stack"
        if resource.type == CLUSTER and resource.get("engine_mode") not in (None, "", "provisioned"):
            yield f"has the engine mode {resource.get('engine_mode')}"


check = DatabaseIsWhereTheStackSays()
