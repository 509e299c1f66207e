"""What the web application firewall saw can be read afterwards."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.firewall._firewall import WEB_ACL, logging

# AWS WAF developer guide, "Logging destinations".
_PREFIX, _DESTINATIONS = "aws-waf-logs-", ("aws_cloudwatch_log_group", "aws_s3_bucket")


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
        for configuration in logging(resource):
            for group in configuration.refers("log_destination_configs", *_DESTINATIONS):
                name = str(group.get("name") or group.get("bucket") or _PREFIX)
                if not name.startswith(_PREFIX):
                    yield f"logs to {name}; AWS WAF takes names that begin with {_PREFIX}"


check = WebFirewallKeepsLogs()
