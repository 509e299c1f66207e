"""A web application firewall that only counts does not protect."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.firewall._firewall import WEB_ACL, answering, blocking_groups, limits_rates, passing
from policies.firewall._matching import stops_every_client

GROUPS = (
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
)


class WebFirewallBlocksAttacks(ResourcePolicy):
    policy = "CKV_BG_271"
    title = (
        "Each web ACL blocks common attacks, known bad inputs, SQL injection, and too many requests, and "
        "lets other requests pass"
    )
    requirement = None
    pci = "6.4.2"
    severity = "HIGH"
    why = (
        "Injected statements, exploits of known flaws and tried-out card numbers reach the application; or "
        "no payment does"
    )
    fix = (
        "add a managed_rule_group_statement for each of these groups with override_action none, and a "
        "rate_based_statement with action block; set default_action = allow, and limit other rules to what "
        "they are for"
    )
    types = (WEB_ACL,)

    def defects(self, resource: Block) -> Iterator[str]:
        missing = [group for group in GROUPS if group not in blocking_groups(resource)]
        if missing:
            yield f"does not block by {', '.join(missing)}"
        if not limits_rates(resource):
            yield "does not block the address that sends too many requests"
        if names := passing(resource):
            yield f"lets requests pass before other rules have seen them ({', '.join(names)})"
        if not any("allow" in action for action in resource.blocks("default_action")):
            yield "blocks what no rule names: every payment"
        yield from (f"stops every client ({rule})" for rule in stops_every_client(resource))
        yield from (
            f"answers what it blocks with {code}, a success to the client" for code in answering(resource)
        )


check = WebFirewallBlocksAttacks()
