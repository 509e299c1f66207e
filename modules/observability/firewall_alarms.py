"""The web firewall blocks more than strangers: an attack, or a rule that takes payments for one.

Source: AWS WAF developer guide, "AWS WAF metrics and dimensions".
"""

from modules.observability.alarm import Alarm, Math, Metric
from modules.traffic.web_firewall import WebFirewall

# All rules of the web ACL together, its default action included.
ALL = "ALL"


def firewall_alarm(firewall: WebFirewall, region: str, blocked_percent: float) -> Alarm:
    """The share of requests that are blocked."""
    blocked, allowed = (_metric(firewall, f"{kind}Requests", region) for kind in ("Blocked", "Allowed"))
    return Alarm(
        name="blocked-requests",
        measure=Math(
            expression="100 * FILL(blocked, 0) / (FILL(blocked, 0) + FILL(allowed, 0))",
            label="Share of requests that are blocked",
            metrics={"blocked": blocked, "allowed": allowed},
        ),
        threshold=blocked_percent,
        unit="Percent",
        datapoints=5,
        periods=5,
        what="The web firewall blocks much of what comes: an attack, or it takes clients for one.",
        fix="The metrics of its rules say which one blocks, its log whom; if these are clients, let that "
        "rule count.",
        section="Entrance",
    )


def _metric(firewall: WebFirewall, name: str, region: str) -> Metric:
    # The web ACL's metric is called as the web ACL itself.
    dimensions = {"Region": region, "Rule": ALL, "WebACL": firewall.acl.name}
    return Metric(namespace="AWS/WAFV2", name=name, dimensions=dimensions, statistic="Sum")
