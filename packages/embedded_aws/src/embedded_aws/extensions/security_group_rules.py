"""Stock moto shows the description of a security group rule only when its other end is a CIDR block.

Terraform would find every rule between two groups, or to a prefix list, changed.
"""

import inspect
from collections.abc import Callable
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

from embedded_aws.extensions import Server, replace


def install(_: Server) -> None:
    """Extend moto's VPC."""
    replace(SecurityGroupRule, "__init__", _init)


def _init(stock: Callable[..., None], rule: SecurityGroupRule, *args: Any, **named: Any) -> None:
    stock(rule, *args, **named)
    given = inspect.signature(stock).bind(rule, *args, **named).arguments
    for end in (given.get("source_group"), given.get("prefix_list_id")):
        if end and end.get("Description"):
            rule.ip_range["Description"] = end["Description"]  # where stock looks for it, and updates it
