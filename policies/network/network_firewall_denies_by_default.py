"""A network firewall lets pass what a rule names, and drops the rest."""

from collections.abc import Iterator

from stack_gate.stack import Block, listed

from policies._policy import ResourcePolicy
from policies.network._network_firewall import POLICY, RULES, passing_everything, rule_groups

_STATELESS = ("stateless_default_actions", "stateless_fragment_default_actions")
_KEPT = {"aws:forward_to_sfe", "aws:drop"}


class NetworkFirewallDeniesByDefault(ResourcePolicy):
    policy = "CKV_BG_431"
    title = "A network firewall drops what no rule names, and no rule names everything"
    requirement = None
    pci = "1.3.2"
    severity = "CRITICAL"
    why = "What breaks into the application sends cardholder data wherever it wants"
    fix = (
        "set rule_order = STRICT_ORDER with stateful_default_actions that drop and alert, forward all "
        "packets to the stateful engine, and name hosts (tls.sni) or networks in the rules that pass"
    )
    types = (POLICY, RULES)

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == RULES:
            yield from dict.fromkeys(passing_everything(resource))
            return
        for name in _STATELESS:
            actions = {str(one) for one in listed(resource.get(f"firewall_policy.{name}"))}
            if not actions or actions - _KEPT:
                yield f"lets packets pass that no stateful rule sees ({name})"
        defaults = [str(one) for one in listed(resource.get("firewall_policy.stateful_default_actions"))]
        options = "firewall_policy.stateful_engine_options"
        if resource.get(f"{options}.rule_order") != "STRICT_ORDER":
            yield "has no strict order, so that what no rule names passes"
        elif not any(action.startswith("aws:drop_") for action in defaults):
            yield "lets pass what no rule names"
        elif not any(action.startswith("aws:alert_") for action in defaults):
            yield "drops what no rule names without an alert"
        if resource.get(f"{options}.stream_exception_policy") == "CONTINUE":
            yield "lets broken connections go on (stream_exception_policy)"
        if not rule_groups(resource) and not resource.blocks("firewall_policy.stateful_rule_group_reference"):
            yield "has no rules"


check = NetworkFirewallDeniesByDefault()
