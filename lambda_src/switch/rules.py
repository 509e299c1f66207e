"""Rules of listeners: what makes two of them the same, for those that the platform declares."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .listener import forwarded, is_sticky


def fingerprint(rule: Mapping[str, Any]) -> str:
    """SHA-256 of a rule's conditions and actions, as DescribeRules has it (API reference, Rule).

    modules/traffic/listener_rules.py has Terraform compute the same of a declared rule. What AWS fills in by
    itself doesn't count: Order, and the second place in which it describes the values of older conditions.
    """
    lines = [*conditions_of(rule), *map(_action, rule["Actions"])]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def conditions_of(rule: Mapping[str, Any]) -> list[str]:
    """`path-pattern /a,/b` for each condition, sorted."""
    return sorted(map(_condition, rule["Conditions"]))


def listener_of(rule_arn: str) -> str:
    """The ARN of a rule's listener (Service Authorization Reference, Elastic Load Balancing V2)."""
    return rule_arn.replace(":listener-rule/", ":listener/").rpartition("/")[0]


def load_balancer_of(listener_arn: str) -> str:
    """The ARN of a listener's load balancer (as above)."""
    return listener_arn.replace(":listener/", ":loadbalancer/").rpartition("/")[0]


def _condition(condition: Mapping[str, Any]) -> str:
    named = (value for name, value in condition.items() if name.endswith("Config") and value)
    config: Mapping[str, Any] = next(named, {})
    values = [*(config.get("Values") or condition.get("Values") or []), *config.get("RegexValues", ())]
    texts = sorted(f"{v.get('Key', '')}={v['Value']}" if isinstance(v, Mapping) else v for v in values)
    words = [condition["Field"], config.get("HttpHeaderName", ""), ",".join(texts)]
    return " ".join(word for word in words if word)


def _action(action: Mapping[str, Any]) -> str:
    if action["Type"] == "forward":
        settings = [f"{arn}={weight}" for arn, weight in forwarded(action)]
        settings += ["sticky"] if is_sticky(action) else []
    else:
        config = action.get("FixedResponseConfig") or action.get("RedirectConfig") or {}
        settings = [f"{name}={value}" for name, value in config.items() if value]
    return " ".join([action["Type"], ",".join(sorted(settings))])
