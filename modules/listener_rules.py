"""The rules of listeners that the platform declares, as the switch function knows them again."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cdktf import Fn

if TYPE_CHECKING:
    from cdktf_cdktf_provider_aws.lb_listener_rule import LbListenerRule

NO_RULES = "none"


def declared_rules(rules: "Sequence[LbListenerRule]") -> str:
    """`ARN=fingerprint` of each, separated by commas; `none` where there are none.

    Terraform computes the fingerprints of lambda_src/switch/rules.py, because ARNs are known to it alone.
    """
    return ",".join(f"{rule.arn}={_fingerprint(rule)}" for rule in rules) or NO_RULES


def _fingerprint(rule: "LbListenerRule") -> str:
    raise NotImplementedError
