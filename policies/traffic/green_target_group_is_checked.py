"""The green target group has a health check of its own."""

from policies._stack import Block
from policies._traffic import Traffic
from policies.traffic._health import HealthPolicy


class GreenTargetGroupIsChecked(HealthPolicy):
    policy = "CKV_BG_26"
    title = "The green target group has an explicit health check on /health"
    requirement = "R26"

    def subjects(self, resource: Block) -> list[Block]:
        return resource.stack.derived(Traffic).green


check = GreenTargetGroupIsChecked()
