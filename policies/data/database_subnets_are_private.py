"""A database is in subnets that the internet has no way into."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._network import Network
from policies._policy import ResourcePolicy


class DatabaseSubnetsArePrivate(ResourcePolicy):
    policy = "CKV_BG_116"
    title = "No subnet of a database has a route to an internet gateway"
    requirement = None
    pci = "1.4.4"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "One argument or one rule later the database is on the internet, and nothing else stands in the way"
    fix = "set subnet_ids to subnets whose route table has no route to an internet gateway"
    types = ("aws_db_subnet_group",)

    def defects(self, resource: Block) -> Iterator[str]:
        network = resource.stack.derived(Network)
        for subnet in resource.refers("subnet_ids", "aws_subnet"):
            if network.is_public(subnet):
                yield f"has the public subnet {subnet.address}"


check = DatabaseSubnetsArePrivate()
