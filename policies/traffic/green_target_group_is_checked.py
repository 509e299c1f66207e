"""The green target group has a health check of its own."""

from policies.traffic._health import HealthPolicy


class GreenTargetGroupIsChecked(HealthPolicy):
    policy = "CKV_BG_26"
    title = "The green target group has an explicit health check on /health"
    requirement = "R26"
    colour = "green"


check = GreenTargetGroupIsChecked()
