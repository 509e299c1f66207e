"""A database does not fall back to the VPC's default security group."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._access import GROUPS
from policies.data._databases import DATABASES


class DatabaseNamesItsSecurityGroup(ResourcePolicy):
    policy = "CKV_BG_115"
    title = "Each database has a security group of the stack"
    requirement = "R14"
    pci = "1.3.1"
    severity = "CRITICAL"
    why = "In the VPC's default group it is reached by everything without a group of its own"
    fix = "set vpc_security_group_ids to an aws_security_group that admits the application's one only"
    types = DATABASES

    def defects(self, resource: Block) -> Iterator[str]:
        if not resource.refers("vpc_security_group_ids", *GROUPS):
            yield "names no security group of this stack"


check = DatabaseNamesItsSecurityGroup()
