"""Only the application reaches a database."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._access import GROUPS, strangers
from policies.data._databases import DATABASES


class DatabaseAdmitsTheApplicationOnly(ResourcePolicy):
    policy = "CKV_BG_114"
    title = "Security groups of databases admit no address outside the VPC"
    requirement = "R14"
    pci = "1.3.1"
    severity = "CRITICAL"
    why = "A stolen password, or a hole in the engine, is all that it then takes to read cardholder data"
    fix = (
        "admit the application's security group (referenced_security_group_id, or security_groups), at most "
        "the VPC's CIDR"
    )
    types = (*GROUPS, "aws_security_group_rule", "aws_vpc_security_group_ingress_rule")

    def defects(self, resource: Block) -> Iterator[str]:
        inline = resource.type in GROUPS
        if resource.type == "aws_security_group_rule" and resource.get("type") != "ingress":
            return
        groups = [resource] if inline else resource.refers("security_group_id", *GROUPS)
        for group in groups:
            if any(group.stack.users(group, "vpc_security_group_ids", *DATABASES)):
                for rule in resource.blocks("ingress") if inline else [resource.body]:
                    yield from (f"admits {stranger} to a database" for stranger in strangers(rule, group))


check = DatabaseAdmitsTheApplicationOnly()
