"""AWS Network Firewall before the NAT gateways: of what leaves, the acquirers of `[network] egress` pass.

A host known by name is recognised by the server name of its TLS client hello, which the client writes: what
has broken into a task can name an acquirer and connect elsewhere. The firewall doesn't decrypt.

Sources: Network Firewall developer guide, "Evaluation order for stateful rule groups", "Stream exception
policy" and "Logging network traffic"; AWS What's New of 25 June 2026 on its default drop action.
"""

from collections.abc import Iterator

from cdktf_cdktf_provider_aws.cloudwatch_log_resource_policy import CloudwatchLogResourcePolicy
from cdktf_cdktf_provider_aws.networkfirewall_firewall import (
    NetworkfirewallFirewall,
    NetworkfirewallFirewallEncryptionConfiguration,
    NetworkfirewallFirewallSubnetMapping,
)
from cdktf_cdktf_provider_aws.networkfirewall_firewall_policy import (
    NetworkfirewallFirewallPolicy,
    NetworkfirewallFirewallPolicyEncryptionConfiguration,
    NetworkfirewallFirewallPolicyFirewallPolicy,
    NetworkfirewallFirewallPolicyFirewallPolicyStatefulEngineOptions,
    NetworkfirewallFirewallPolicyFirewallPolicyStatefulRuleGroupReference,
)
from cdktf_cdktf_provider_aws.networkfirewall_logging_configuration import (
    NetworkfirewallLoggingConfiguration,
    NetworkfirewallLoggingConfigurationLoggingConfiguration,
    NetworkfirewallLoggingConfigurationLoggingConfigurationLogDestinationConfig,
)
from cdktf_cdktf_provider_aws.networkfirewall_rule_group import (
    NetworkfirewallRuleGroup,
    NetworkfirewallRuleGroupEncryptionConfiguration,
    NetworkfirewallRuleGroupRuleGroup,
    NetworkfirewallRuleGroupRuleGroupReferenceSets,
    NetworkfirewallRuleGroupRuleGroupReferenceSetsIpSetReferences,
    NetworkfirewallRuleGroupRuleGroupReferenceSetsIpSetReferencesIpSetReference,
    NetworkfirewallRuleGroupRuleGroupRulesSource,
    NetworkfirewallRuleGroupRuleGroupRuleVariables,
    NetworkfirewallRuleGroupRuleGroupRuleVariablesIpSets,
    NetworkfirewallRuleGroupRuleGroupRuleVariablesIpSetsIpSet,
    NetworkfirewallRuleGroupRuleGroupStatefulRuleOptions,
)
from constructs import Construct

from modules.config import Deployment
from modules.config.network import Egress
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement, policy
from modules.foundation.logs import log_group

STRICT_ORDER = "STRICT_ORDER"
# Of a connection that no rule lets pass, what goes to the server is dropped and logged once it is more than a
# handshake; a client hello that comes in several packets, as post-quantum ones do, is put together first.
DEFAULT_ACTIONS = ("aws:drop_established_app_layer_to_server", "aws:alert_established_app_layer_to_server")
# AWS takes no other capacity later: 30 rules, and five prefix lists of up to 100 networks each.
CAPACITY = 1000
LOGGED = ("ALERT", "FLOW")
CUSTOMER_KEY = "CUSTOMER_KMS"
FIRST_SID = 1_000_000


class Firewall(Construct):
    """One firewall with an endpoint in each zone; `endpoints` are their ids (tokens), by zone."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        vpc_id: str,
        subnet_ids: list[str],
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id_)
        self._deployment, self._encryption = deployment, encryption
        name = deployment.prefix
        self.firewall = NetworkfirewallFirewall(
            self,
            "firewall",
            name=name,
            description=f"What leaves {name}",
            vpc_id=vpc_id,
            firewall_policy_arn=self._policy(self._rules()).arn,
            subnet_mapping=[NetworkfirewallFirewallSubnetMapping(subnet_id=one) for one in subnet_ids],
            delete_protection=True,
            firewall_policy_change_protection=True,
            # Not subnet_change_protection: `availability_zones` may get another zone.
            encryption_configuration=NetworkfirewallFirewallEncryptionConfiguration(
                type=CUSTOMER_KEY, key_id=encryption.key_arn
            ),
            tags={"Name": name},
        )
        self.endpoints = {zone: self._endpoint(zone) for zone in deployment.availability_zones}
        self._log()

    def _endpoint(self, zone: str) -> str:
        """Of the zone: the status lists them in no order."""
        states = f"{self.firewall.fqn}.firewall_status[0].sync_states"
        return (
            f"${{one([for state in {states} : state.attachment[0].endpoint_id "
            f'if state.availability_zone == "{zone}"])}}'
        )

    def _policy(self, rules: NetworkfirewallRuleGroup) -> NetworkfirewallFirewallPolicy:
        name = self._deployment.prefix
        return NetworkfirewallFirewallPolicy(
            self,
            "policy",
            name=name,
            description=f"The acquirers of {name} pass, nothing else",
            firewall_policy=NetworkfirewallFirewallPolicyFirewallPolicy(
                stateless_default_actions=["aws:forward_to_sfe"],
                stateless_fragment_default_actions=["aws:forward_to_sfe"],
                stateful_default_actions=list(DEFAULT_ACTIONS),
                stateful_engine_options=NetworkfirewallFirewallPolicyFirewallPolicyStatefulEngineOptions(
                    rule_order=STRICT_ORDER,
                    # Fails closed, and resets the connection so that the client opens another one at once.
                    stream_exception_policy="REJECT",
                ),
                stateful_rule_group_reference=[
                    NetworkfirewallFirewallPolicyFirewallPolicyStatefulRuleGroupReference(
                        priority=1, resource_arn=rules.arn
                    )
                ],
            ),
            encryption_configuration=NetworkfirewallFirewallPolicyEncryptionConfiguration(
                type=CUSTOMER_KEY, key_id=self._encryption.key_arn
            ),
            tags={"Name": name},
        )

    def _rules(self) -> NetworkfirewallRuleGroup:
        name = f"{self._deployment.prefix}-acquirers"
        egress = self._deployment.network.egress
        lists = sorted({row.prefix_list for row in egress if row.prefix_list})
        return NetworkfirewallRuleGroup(
            self,
            "acquirers",
            name=name,
            description="The acquirers",
            type="STATEFUL",
            capacity=CAPACITY,
            rule_group=NetworkfirewallRuleGroupRuleGroup(
                rule_variables=NetworkfirewallRuleGroupRuleGroupRuleVariables(
                    ip_sets=[
                        NetworkfirewallRuleGroupRuleGroupRuleVariablesIpSets(
                            key="HOME_NET",
                            ip_set=NetworkfirewallRuleGroupRuleGroupRuleVariablesIpSetsIpSet(
                                definition=[str(self._deployment.vpc_cidr)]
                            ),
                        )
                    ]
                ),
                reference_sets=self._references(lists) if lists else None,
                rules_source=NetworkfirewallRuleGroupRuleGroupRulesSource(
                    rules_string="\n".join(rules(egress)) or NOTHING
                ),
                stateful_rule_options=NetworkfirewallRuleGroupRuleGroupStatefulRuleOptions(
                    rule_order=STRICT_ORDER
                ),
            ),
            encryption_configuration=NetworkfirewallRuleGroupEncryptionConfiguration(
                type=CUSTOMER_KEY, key_id=self._encryption.key_arn
            ),
            tags={"Name": name},
        )

    def _references(self, lists: list[str]) -> NetworkfirewallRuleGroupRuleGroupReferenceSets:
        where = f"{self._deployment.region}:{self._deployment.account_id}"
        return NetworkfirewallRuleGroupRuleGroupReferenceSets(
            ip_set_references=[
                NetworkfirewallRuleGroupRuleGroupReferenceSetsIpSetReferences(
                    key=_variable(one),
                    ip_set_reference=[
                        NetworkfirewallRuleGroupRuleGroupReferenceSetsIpSetReferencesIpSetReference(
                            reference_arn=f"arn:aws:ec2:{where}:prefix-list/{one}"
                        )
                    ],
                )
                for one in lists
            ]
        )

    def _log(self) -> None:
        """Source: CloudWatch Logs user guide, "Logs sent to CloudWatch Logs"."""
        name = f"{self._deployment.prefix}-network-firewall"
        groups = {
            kind: log_group(
                self,
                f"{kind.lower()}-logs",
                name=f"/aws/network-firewall/{name}/{kind.lower()}",
                encryption=self._encryption,
            )
            for kind in LOGGED
        }
        delivery = CloudwatchLogResourcePolicy(
            self,
            "delivery",
            policy_name=name,
            policy_document=policy(
                Statement(
                    sid="LogsOfTheNetworkFirewall",
                    principals={"Service": "delivery.logs.amazonaws.com"},
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[f"{group.arn}:*" for group in groups.values()],
                    conditions={"StringEquals": {"aws:SourceAccount": self._deployment.account_id}},
                )
            ),
        )
        NetworkfirewallLoggingConfiguration(
            self,
            "logging",
            firewall_arn=self.firewall.arn,
            logging_configuration=NetworkfirewallLoggingConfigurationLoggingConfiguration(
                log_destination_config=[
                    NetworkfirewallLoggingConfigurationLoggingConfigurationLogDestinationConfig(
                        log_type=kind,
                        log_destination_type="CloudWatchLogs",
                        log_destination={"logGroup": group.name},
                    )
                    for kind, group in groups.items()
                ]
            ),
            depends_on=[delivery],
        )


# A rule group has at least one rule.
NOTHING = f'drop ip $HOME_NET any -> any any (msg:"no acquirer"; sid:{FIRST_SID}; rev:1;)'


def rules(egress: tuple[Egress, ...]) -> Iterator[str]:
    """One for each acquirer, in Suricata's language; what none lets pass meets the default actions.

    A network is passed at once, a host once its name is known.
    """
    seen: set[tuple[str, int]] = set()
    for row in egress:
        if (row.destination, row.port) in seen:
            continue
        seen.add((row.destination, row.port))
        sid = f"sid:{FIRST_SID + len(seen)}; rev:1;"
        if row.domain:
            name = f'tls.sni; content:"{row.domain}"; startswith; endswith; nocase; '
            yield (
                f"pass tls $HOME_NET any -> any {row.port} "
                f'({name}msg:"{row.domain}"; flow:to_server,established; {sid})'
            )
        else:
            there = f"@{_variable(row.prefix_list)}" if row.prefix_list else str(row.cidr)
            yield f'pass tcp $HOME_NET any -> {there} {row.port} (msg:"{row.destination}"; {sid})'


def _variable(prefix_list: str) -> str:
    """A reference's name: letters, digits and underscores, a letter first."""
    return prefix_list.replace("-", "_").upper()
