"""Route 53 Resolver DNS Firewall: names of acquirers and of AWS's APIs are resolved, no others.

A query carries data out by itself, past every security group and firewall endpoint: the resolver of the VPC
asks the name's own servers.

Sources: Route 53 developer guide, "How Resolver DNS Firewall works", "Rule settings in DNS Firewall" and
"DNS Firewall VPC configuration".
"""

from cdktf_cdktf_provider_aws.route53_resolver_firewall_config import Route53ResolverFirewallConfig
from cdktf_cdktf_provider_aws.route53_resolver_firewall_domain_list import Route53ResolverFirewallDomainList
from cdktf_cdktf_provider_aws.route53_resolver_firewall_rule import Route53ResolverFirewallRule
from cdktf_cdktf_provider_aws.route53_resolver_firewall_rule_group import Route53ResolverFirewallRuleGroup
from cdktf_cdktf_provider_aws.route53_resolver_firewall_rule_group_association import (
    Route53ResolverFirewallRuleGroupAssociation,
)
from constructs import Construct

from modules.config import Deployment

# Of rule groups in a VPC: above 100 and below 9000.
PRIORITY = 101


class NameFirewall(Construct):
    """An allow list, then a rule that blocks the rest; what it can't evaluate is refused."""

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment, vpc_id: str) -> None:
        super().__init__(scope, id_)
        self._name = deployment.prefix
        self._rules = Route53ResolverFirewallRuleGroup(
            self, "rules", name=self._name, tags={"Name": self._name}
        )
        # The answer for an allowed name may point to another name, of a content network for instance.
        trusted = "TRUST_REDIRECTION_DOMAIN"
        made = [
            self._rule("allowed", 1, _allowed(deployment), action="ALLOW", redirection=trusted),
            self._rule("others", 2, ["*."], action="BLOCK", response="NXDOMAIN"),
        ]
        Route53ResolverFirewallConfig(self, "fails-closed", resource_id=vpc_id, firewall_fail_open="DISABLED")
        Route53ResolverFirewallRuleGroupAssociation(
            self,
            "association",
            name=self._name,
            firewall_rule_group_id=self._rules.id,
            vpc_id=vpc_id,
            priority=PRIORITY,
            mutation_protection="ENABLED",
            tags={"Name": self._name},
            # A group without its rules would let every name pass.
            depends_on=made,
        )

    def _rule(
        self,
        what: str,
        priority: int,
        domains: list[str],
        *,
        action: str,
        response: str | None = None,
        redirection: str | None = None,
    ) -> Route53ResolverFirewallRule:
        name = f"{self._name}-{what}"
        names = Route53ResolverFirewallDomainList(
            self, f"{what}-names", name=name, domains=domains, tags={"Name": name}
        )
        return Route53ResolverFirewallRule(
            self,
            what,
            name=name,
            firewall_rule_group_id=self._rules.id,
            firewall_domain_list_id=names.id,
            priority=priority,
            action=action,
            block_response=response,
            firewall_domain_redirection_action=redirection,
        )


def _allowed(deployment: Deployment) -> list[str]:
    """Fully qualified, as AWS answers them: Terraform would else find a difference in each plan.

    Of AWS: its APIs, the databases, the registry and its bucket are all below the region's names; S3 has one
    of its own in us-east-1.
    """
    region = deployment.region
    of_aws = [f"*.{region}.amazonaws.com.", f"*.{region}.rds.amazonaws.com.", "*.s3.amazonaws.com."]
    return sorted([*of_aws, *(f"{domain}." for domain in deployment.network.domains)])
