"""The rules of listeners that the platform declares, in the form by which the switch function knows them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cdktf import Fn

if TYPE_CHECKING:
    from cdktf_cdktf_provider_aws.lb_listener_rule import LbListenerRule

NO_RULES = "none"
ALL = 100
# Kind of condition → the field's name at AWS (API reference of Elastic Load Balancing, RuleCondition).
_FIELDS = {
    "host_header": "host-header",
    "http_header": "http-header",
    "http_request_method": "http-request-method",
    "path_pattern": "path-pattern",
    "query_string": "query-string",
    "source_ip": "source-ip",
}
# Setting → its name at AWS (RedirectActionConfig, FixedResponseActionConfig), and what the provider fills in.
_RESPONSE = {
    "content_type": ("ContentType", None),
    "message_body": ("MessageBody", None),
    "status_code": ("StatusCode", None),
}
_REDIRECT = {
    "host": ("Host", "#{host}"),
    "path": ("Path", "/#{path}"),
    "port": ("Port", "#{port}"),
    "protocol": ("Protocol", "#{protocol}"),
    "query": ("Query", "#{query}"),
    "status_code": ("StatusCode", None),
}


def declared_rules(rules: "Sequence[LbListenerRule]") -> str:
    """`ARN=fingerprint` of each, separated by commas; `none` where there are none.

    Terraform computes the fingerprint of lambda_src/switch/rules.py: only it knows the ARNs in a rule.
    """
    return ",".join(f"{rule.arn}={_fingerprint(rule)}" for rule in rules) or NO_RULES


def _fingerprint(rule: "LbListenerRule") -> str:
    given: Any = rule.condition_input
    actions: Any = rule.action_input
    conditions = sorted(line for condition in given for line in _condition(condition))
    return Fn.sha256(Fn.join("\n", [*conditions, *map(_action, actions)]))


def _condition(condition: Any) -> Iterator[str]:
    for name, field in _FIELDS.items():
        found = getattr(condition, name)
        if name == "query_string" and found:
            values = sorted(f"{item.key or ''}={item.value}" for item in found)
            yield f"{field} {','.join(values)}"
        elif found:
            header = [found.http_header_name] if name == "http_header" else []
            yield " ".join([field, *header, ",".join(sorted(found.values))])


def _action(action: Any) -> str:
    if action.type == "forward":
        groups = action.forward.target_group if action.forward else []
        settings = [f"{group.arn}={group.weight}" for group in groups] or [f"{action.target_group_arn}={ALL}"]
        return f"forward {Fn.join(',', Fn.sort(settings))}"
    config, names = (action.redirect, _REDIRECT) if action.redirect else (action.fixed_response, _RESPONSE)
    pairs = ((aws, getattr(config, name) or default) for name, (aws, default) in names.items())
    return f"{action.type} {','.join(sorted(f'{aws}={value}' for aws, value in pairs if value))}"
