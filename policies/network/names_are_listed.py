"""A DNS firewall resolves the names of its list, and no others."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack, listed, number

from policies._policy import StackPolicy

ASSOCIATION = "aws_route53_resolver_firewall_rule_group_association"
GROUP = "aws_route53_resolver_firewall_rule_group"
RULE = "aws_route53_resolver_firewall_rule"
NAMES = "aws_route53_resolver_firewall_domain_list"
CONFIG = "aws_route53_resolver_firewall_config"
EVERY = ("*", "*.")


class NamesAreListed(StackPolicy):
    policy = "CKV2_BG_433"
    title = "Where there is a DNS firewall, it blocks every name that is not listed, also when it fails"
    requirement = None
    pci = "1.3.2"
    severity = "HIGH"
    why = "Queries for names of their own carry cardholder data out, past every security group"
    fix = (
        "add an aws_route53_resolver_firewall_rule that blocks * after those that allow, and set "
        "firewall_fail_open = DISABLED"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for association in stack.resources(ASSOCIATION):
            for group in stack.referred(association.get("firewall_rule_group_id"), GROUP):
                yield from ((association, defect) for defect in _of(group))
        for config in stack.resources(CONFIG):
            if config.get("firewall_fail_open") == "ENABLED":
                yield config, "resolves every name while the firewall fails"


def _of(group: Block) -> Iterator[str]:
    rules = sorted(
        group.stack.users(group, "firewall_rule_group_id", RULE),
        key=lambda rule: number(rule.get("priority")) or 0,
    )
    for rule in rules:
        if any(name in EVERY for name in _names(rule)):
            if rule.get("action") != "BLOCK":
                yield f"lets every name be resolved ({rule.address})"
            return
    yield "resolves names that no rule lists"


def _names(rule: Block) -> list[str]:
    lists = rule.refers("firewall_domain_list_id", NAMES)
    return [str(name) for one in lists for name in listed(one.get("domains"))]


check = NamesAreListed()
