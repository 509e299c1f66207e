"""What the world sends passes a web application firewall."""

from collections.abc import Iterator

from stack_gate.stack import LOAD_BALANCERS, Block, is_true

from policies._policy import ResourcePolicy
from policies.firewall._firewall import ASSOCIATION


class LoadBalancerHasAWebFirewall(ResourcePolicy):
    policy = "CKV_BG_270"
    title = "Each public application load balancer has a web application firewall in front of it"
    requirement = None
    pci = "6.4.2"
    severity = "CRITICAL"
    why = "Attacks reach the payment application unhindered and unseen"
    fix = "add an aws_wafv2_web_acl_association with resource_arn = the load balancer's arn"
    types = LOAD_BALANCERS

    def defects(self, resource: Block) -> Iterator[str]:
        if is_true(resource.get("internal")):
            return
        if (kind := resource.get("load_balancer_type")) not in (None, "application"):
            yield f"is a public load balancer of the type {kind}, which no web ACL guards"
            return
        if not any(resource.stack.users(resource, "resource_arn", ASSOCIATION)):
            yield "has no web ACL"


check = LoadBalancerHasAWebFirewall()
