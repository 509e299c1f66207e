"""Security-group rules, spelt as Checkov's checks of open ports know them.

They stop at the first rule that admits the group itself, pass a rule with a prefix list whatever else it
admits, and don't know that a rule for all protocols has no ports.
"""

from typing import Any

_RANGES = ("cidr_blocks", "ipv6_cidr_blocks")
_ALL_PROTOCOLS = {"protocol": ["-1"], "from_port": [0], "to_port": [0]}


def clarify(conf: dict[str, Any], resource_type: str) -> None:
    """Changes `conf`, a resource in Checkov's form, in place."""
    if resource_type == "aws_vpc_security_group_ingress_rule" and conf.get("ip_protocol") in (["-1"], [-1]):
        conf |= _ALL_PROTOCOLS
    if resource_type == "aws_vpc_security_group_ingress_rule" and "cidr_ipv6" in conf:
        conf["cidr_ipv6"] = [conf["cidr_ipv6"]]  # they look for ranges in it, and find letters
    if resource_type == "aws_security_group_rule" and _has_ranges(conf):
        conf.pop("prefix_list_ids", None)
    rules = conf.get("ingress")
    if resource_type == "aws_security_group" and isinstance(rules, list):
        conf["ingress"] = [_of_ranges(rule) for rule in rules if _has_ranges(rule)] + [
            rule for rule in rules if not _has_ranges(rule)
        ]


def _has_ranges(rule: Any) -> bool:
    return isinstance(rule, dict) and any(rule.get(name) not in (None, [], [[]]) for name in _RANGES)


def _of_ranges(rule: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name not in ("self", "prefix_list_ids")}
