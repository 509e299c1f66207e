"""The web firewall: what it blocks, what it counts, and what its log doesn't show."""

from pathlib import Path
from typing import Any

import pytest

from modules.config.entrance import WebFirewall
from modules.traffic.web_firewall_rules import rules
from tests.stack_reader import Stack
from tests.workspaces import stack_of, synthesize, with_shipped_configuration

GROUPS = {
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
}


def groups(stack: Stack) -> dict[str, dict[str, Any]]:
    """Rules with a managed group by the group's name."""
    return {
        rule["statement"]["managed_rule_group_statement"]["name"]: rule
        for rule in stack.one("aws_wafv2_web_acl")["rule"]
        if "managed_rule_group_statement" in rule["statement"]
    }


def configured(directory: Path, **settings: str) -> Stack:
    """The local stack with these settings of the web firewall."""
    file = with_shipped_configuration(directory) / "config" / "local.toml"
    lines = "\n".join(f"{key} = {value}" for key, value in settings.items())
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("[colours.blue]", f"[web_firewall]\n{lines}\n\n[colours.blue]"), encoding="utf-8"
    )
    assert synthesize(directory, DEPLOYMENT="local").returncode == 0
    return Stack(stack_of(directory, "local"))


def test_it_stands_in_front_of_the_load_balancer(stack: Stack) -> None:
    association = stack.one("aws_wafv2_web_acl_association")

    assert stack.named(association["resource_arn"]) == stack.one("aws_lb")
    assert stack.named(association["web_acl_arn"]) == stack.one("aws_wafv2_web_acl")
    assert stack.one("aws_wafv2_web_acl")["default_action"] == {"allow": {}}
    assert stack.one("aws_wafv2_web_acl")["scope"] == "REGIONAL"


def test_the_managed_groups_block_but_for_anonymous_addresses(stack: Stack) -> None:
    found = groups(stack)

    assert {name for name, rule in found.items() if rule["override_action"] == {"none": {}}} == GROUPS
    assert found["AWSManagedRulesAnonymousIpList"]["override_action"] == {"count": {}}
    assert not any("rule_action_override" in str(rule) for rule in found.values())


def test_one_address_may_send_so_much(stack: Stack) -> None:
    rule = stack.one("aws_wafv2_web_acl")["rule"][0]

    assert rule["action"] == {"block": {}}
    assert rule["statement"]["rate_based_statement"] == {
        "aggregate_key_type": "IP",
        "evaluation_window_sec": 300,
        "limit": 2000,
    }


@pytest.mark.integration
def test_settings_take_effect(tmp_path: Path) -> None:
    stack = configured(
        tmp_path, requests_per_address="100", large_bodies='"count"', anonymous_addresses='"block"'
    )
    found = groups(stack)

    assert stack.one("aws_wafv2_web_acl")["rule"][0]["statement"]["rate_based_statement"]["limit"] == 100
    assert found["AWSManagedRulesAnonymousIpList"]["override_action"] == {"none": {}}
    common = found["AWSManagedRulesCommonRuleSet"]["statement"]["managed_rule_group_statement"]
    assert common["rule_action_override"] == [
        {"name": "SizeRestrictions_BODY", "action_to_use": {"count": {}}}
    ]


@pytest.mark.parametrize("anonymous", ["block", "count", "ignore"])
def test_priorities_are_unique_and_in_order(anonymous: Any) -> None:
    found = rules(WebFirewall(anonymous_addresses=anonymous))

    assert [rule.priority for rule in found] == list(range(len(found)))
    assert len({rule.name for rule in found}) == len(found) == (5 if anonymous == "ignore" else 6)


def test_its_log_is_encrypted_kept_and_shows_no_secret(stack: Stack) -> None:
    logging = stack.one("aws_wafv2_web_acl_logging_configuration")
    (group,) = [stack.named(arn) for arn in logging["log_destination_configs"]]
    fields = logging["redacted_fields"]

    assert group["name"].startswith("aws-waf-logs-")
    assert stack.named(group["kms_key_id"]) == stack.one("aws_kms_key")
    assert group["retention_in_days"] == 365
    assert {field["single_header"]["name"] for field in fields if "single_header" in field} >= {
        "authorization",
        "cookie",
    }
    assert {"query_string": {}} in fields
    assert stack.named(logging["resource_arn"]) == stack.one("aws_wafv2_web_acl")


def test_no_request_is_sampled(stack: Stack) -> None:
    acl = stack.one("aws_wafv2_web_acl")
    configs = [acl["visibility_config"], *(rule["visibility_config"] for rule in acl["rule"])]

    assert [config["sampled_requests_enabled"] for config in configs] == [False] * len(configs)
    assert all(config["cloudwatch_metrics_enabled"] for config in configs)
    assert len({config["metric_name"] for config in configs}) == len(configs)


def test_the_log_service_may_deliver_for_this_account_only(stack: Stack) -> None:
    (statement,) = stack.one("aws_cloudwatch_log_resource_policy").policy("policy_document")

    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert set(statement["Condition"]["StringEquals"]) == {"aws:SourceAccount"}
