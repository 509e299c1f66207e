"""Web ACLs, and what they stand in front of."""

from stack_gate.stack import Block, Body, objects

WEB_ACL = "aws_wafv2_web_acl"
ASSOCIATION = "aws_wafv2_web_acl_association"
LOGGING = "aws_wafv2_web_acl_logging_configuration"
# Headers that are credentials of the client.
SECRET_HEADERS = frozenset({"authorization", "cookie"})


def blocking_groups(acl: Block) -> set[str]:
    """Names of the managed rule groups that block, rather than count."""
    return {
        str(group.get("name"))
        for rule in acl.blocks("rule")
        if not _counts(rule)
        for statement in objects(rule.get("statement"))
        for group in objects(statement.get("managed_rule_group_statement"))
    }


def limits_rates(acl: Block) -> bool:
    """Whether a rule blocks who sends too many requests."""
    return any(
        statement.get("rate_based_statement")
        for rule in acl.blocks("rule")
        if any("block" in action for action in objects(rule.get("action")))
        for statement in objects(rule.get("statement"))
    )


def logging(acl: Block) -> list[Block]:
    """The logging configurations of a web ACL."""
    return list(acl.stack.users(acl, "resource_arn", LOGGING))


def _counts(rule: Body) -> bool:
    return any("count" in action for action in objects(rule.get("override_action")))
