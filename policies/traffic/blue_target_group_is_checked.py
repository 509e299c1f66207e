"""The blue target group has a health check of its own."""

from policies.traffic._health import HealthPolicy


class BlueTargetGroupIsChecked(HealthPolicy):
    policy = "CKV_BG_25"
    title = "The blue target group has an explicit health check on /health"
    requirement = "R25"
    colour = "blue"


check = BlueTargetGroupIsChecked()
