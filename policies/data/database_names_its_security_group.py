"""A database does not fall back to the VPC's default security group."""

from collections.abc import Iterator

from stack_gate.stack import Block, listed

from policies._policy import ResourcePolicy
from policies.data._access import GROUPS
from policies.data._databases import DATABASES


class DatabaseNamesItsSecurityGroup(ResourcePolicy):
    policy = "CKV_BG_115"
    title = "Each database has security groups of the stack, and no others"
    requirement = "R14"
    pci = "1.3.1"
    severity = "CRITICAL"
    why = "In the VPC's default group, or in one of another stack, others reach it than this stack shows"
    fix = "set vpc_security_group_ids to an aws_security_group that admits the application's one only"
    types = DATABASES

    def defects(self, resource: Block) -> Iterator[str]:
        named = listed(resource.get("vpc_security_group_ids"))
        others = [str(group) for group in named if not resource.stack.referred(group, *GROUPS)]
        if not named:
            yield "names no security group of this stack"
        elif others:
            yield f"is in {', '.join(others)}, which is no security group of this stack"


check = DatabaseNamesItsSecurityGroup()
