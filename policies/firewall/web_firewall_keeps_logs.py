"""What the web application firewall saw can be read afterwards."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.firewall._firewall import WEB_ACL, logging


class WebFirewallKeepsLogs(ResourcePolicy):
    policy = "CKV_BG_272"
    title = "Each web ACL logs the requests that it inspects"
    requirement = None
    pci = "10.2.1"
    severity = "HIGH"
    why = "After an attack there is no record of who attacked, with what, and whether something came through"
    fix = "add an aws_wafv2_web_acl_logging_configuration with resource_arn = the web ACL's arn"
    types = (WEB_ACL,)

    def defects(self, resource: Block) -> Iterator[str]:
        if not any(configuration.get("log_destination_configs") for configuration in logging(resource)):
            yield "has no logging configuration"


check = WebFirewallKeepsLogs()
