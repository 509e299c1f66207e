"""Web ACLs, and what they stand in front of."""

from stack_gate.stack import Block, Body, number, objects

WEB_ACL = "aws_wafv2_web_acl"
ASSOCIATION = "aws_wafv2_web_acl_association"
LOGGING = "aws_wafv2_web_acl_logging_configuration"
# Headers with which whoever reads them acts as the client.
SECRET_HEADERS = frozenset({"authorization", "cookie"})
# A client reaches it: 10,000 requests in five minutes are 33 a second, for minutes, from one address.
MOST, WINDOW = 10_000, 300
CLIENT_ERROR = 400
# What makes a rule smaller than its group. Source: AWS WAF developer guide, "Using managed rule groups".
_SMALLER = ("excluded_rule", "scope_down_statement")
# A rule that refuses uploads as such, whatever is in them: what is inspected of a body stays inspected.
# Source: AWS WAF developer guide, "Baseline rule groups" and "Considerations for managing body inspection".
_OF_SIZE = ("AWSManagedRulesCommonRuleSet", "SizeRestrictions_BODY")


def blocking_groups(acl: Block) -> set[str]:
    """Names of the managed rule groups that block all that they match, of every request."""
    return {
        str(group.get("name"))
        for rule in acl.blocks("rule")
        if any("none" in action for action in objects(rule.get("override_action")))
        for statement in objects(rule.get("statement"))
        for group in objects(statement.get("managed_rule_group_statement"))
        if group.get("vendor_name") == "AWS" and not _is_smaller(group)
    }


def _is_smaller(group: Body) -> bool:
    overridden = {
        (group.get("name"), rule.get("name")) for rule in objects(group.get("rule_action_override"))
    }
    return any(group.get(name) for name in _SMALLER) or not overridden <= {_OF_SIZE}


def limits_rates(acl: Block) -> bool:
    """Whether a rule blocks the address that sends too many requests."""
    return any(
        _is_in_reach(limit)
        for rule in acl.blocks("rule")
        if any("block" in action for action in objects(rule.get("action")))
        for statement in objects(rule.get("statement"))
        for limit in objects(statement.get("rate_based_statement"))
    )


def _is_in_reach(limit: Body) -> bool:
    most, window = number(limit.get("limit")), number(limit.get("evaluation_window_sec", WINDOW))
    by_address = str(limit.get("aggregate_key_type") or "IP") == "IP"  # a header is the client's own
    if most is None or not window or not by_address or limit.get("scope_down_statement"):
        return False
    return most / window <= MOST / WINDOW


def passing(acl: Block) -> list[str]:
    """Names of the rules that let requests pass before others have seen them."""
    return [
        str(rule.get("name"))
        for rule in acl.blocks("rule")
        if any("allow" in action for action in objects(rule.get("action")))
    ]


def answering(acl: Block) -> list[str]:
    """Statuses below 400 with which a rule answers what it blocks."""
    return [
        str(answer.get("response_code"))
        for rule in acl.blocks("rule")
        for action in objects(rule.get("action"))
        for block in objects(action.get("block"))
        for answer in objects(block.get("custom_response"))
        if (number(answer.get("response_code")) or 0) < CLIENT_ERROR
    ]


def logging(acl: Block) -> list[Block]:
    """The logging configurations of a web ACL."""
    return list(acl.stack.users(acl, "resource_arn", LOGGING))
