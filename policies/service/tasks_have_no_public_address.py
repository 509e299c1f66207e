"""Tasks are reached through the load balancer, and no other way."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._network import Network
from policies._policy import ResourcePolicy
from policies.service._containers import SERVICE, subnets


class TasksHaveNoPublicAddress(ResourcePolicy):
    policy = "CKV_BG_260"
    title = "No task has a public address, or is in a public subnet"
    requirement = None
    pci = "1.4.4"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "The internet reaches the payment application past load balancer and web firewall"
    fix = "set network_configuration.assign_public_ip = false, and subnets to those of the application tier"
    types = (SERVICE,)

    def defects(self, resource: Block) -> Iterator[str]:
        given = resource.get("network_configuration.assign_public_ip")
        if is_true(given):
            yield "gives its tasks public addresses"
        network = resource.stack.derived(Network)
        public = [subnet.address for subnet in subnets(resource) if network.is_public(subnet)]
        if public:
            yield f"has tasks in {', '.join(public)}, which a route leads into from the internet"


check = TasksHaveNoPublicAddress()
