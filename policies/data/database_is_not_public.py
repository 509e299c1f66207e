"""Databases have no public address."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_false

from policies._policy import ResourcePolicy
from policies.data._databases import CLUSTER_INSTANCE, INSTANCES


class DatabaseIsNotPublic(ResourcePolicy):
    policy = "CKV_BG_130"
    title = "Each database instance says that it is not publicly accessible"
    requirement = "R24"
    pci = "1.4.4"
    severity = "CRITICAL"
    profiles = ("general",)
    why = "Cardholder data is then one security-group rule away from the internet"
    fix = "set publicly_accessible = false"
    types = INSTANCES

    def defects(self, resource: Block) -> Iterator[str]:
        given = resource.get("publicly_accessible")
        if given is None:
            # The provider sends nothing for a cluster's instance, and RDS then makes it public where the
            # VPC has an internet gateway (RDS API reference, CreateDBInstance).
            if resource.type == CLUSTER_INSTANCE:
                yield "leaves it to RDS whether it is public"
        elif not is_false(given):
            yield "is publicly accessible"


check = DatabaseIsNotPublic()
