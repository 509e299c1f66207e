"""The rules of the web firewall, in the order in which they are asked.

Source: AWS WAF developer guide, "AWS Managed Rules rule groups list". Together they take 1,177 of the 1,500
units of capacity that a web ACL has without further cost.
"""

from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.wafv2_web_acl import (
    Wafv2WebAclRule,
    Wafv2WebAclRuleAction,
    Wafv2WebAclRuleActionBlock,
    Wafv2WebAclRuleOverrideAction,
    Wafv2WebAclRuleVisibilityConfig,
)

from modules.config.entrance import WebFirewall

RATE_WINDOW_SECONDS = 300
COUNT: Mapping[str, Any] = {"count": {}}
NONE: Mapping[str, Any] = {"none": {}}


def visibility(metric: str) -> dict[str, Any]:
    """Metrics under this name, and no samples of requests."""
    return {"cloudwatch_metrics_enabled": True, "metric_name": metric, "sampled_requests_enabled": False}


def rules(settings: WebFirewall) -> list[Wafv2WebAclRule]:
    """First who asks, and how often; then what for."""
    managed = [_managed("ip-reputation", "AWSManagedRulesAmazonIpReputationList")]
    if settings.anonymous_addresses != "ignore":
        counts = settings.anonymous_addresses == "count"
        managed.append(_managed("anonymous-addresses", "AWSManagedRulesAnonymousIpList", counts=counts))
    # Of a body the first 8 KiB are inspected; the group's own rule blocks what is longer.
    counted = ["SizeRestrictions_BODY"] if settings.large_bodies == "count" else []
    managed += [
        _managed("known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
        _managed("sql-injection", "AWSManagedRulesSQLiRuleSet"),
        _managed("common", "AWSManagedRulesCommonRuleSet", counted=counted),
    ]
    asked = [_rate(settings.requests_per_address), *managed]
    return [Wafv2WebAclRule(priority=priority, **rule) for priority, rule in enumerate(asked)]


def _rate(limit: int) -> dict[str, Any]:
    statement = {
        "limit": limit,
        "aggregate_key_type": "IP",
        "evaluation_window_sec": RATE_WINDOW_SECONDS,
    }
    return {
        "name": "rate",
        "action": Wafv2WebAclRuleAction(block=Wafv2WebAclRuleActionBlock()),
        "statement": {"rate_based_statement": statement},
        "visibility_config": Wafv2WebAclRuleVisibilityConfig(**visibility("rate")),
    }


def _managed(
    name: str, group: str, *, counts: bool = False, counted: list[str] | None = None
) -> dict[str, Any]:
    """A rule group of AWS. `counts`: it blocks nothing; `counted`: those of its rules don't."""
    statement: dict[str, Any] = {"vendor_name": "AWS", "name": group}
    if counted:
        statement["rule_action_override"] = [
            {"name": rule, "action_to_use": {"count": {}}} for rule in counted
        ]
    return {
        "name": name,
        "override_action": Wafv2WebAclRuleOverrideAction(**(COUNT if counts else NONE)),
        "statement": {"managed_rule_group_statement": statement},
        "visibility_config": Wafv2WebAclRuleVisibilityConfig(**visibility(name)),
    }
