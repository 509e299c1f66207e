"""The blue target group has a health check of its own."""

from policies._stack import Block
from policies._traffic import Traffic
from policies.traffic._health import HealthPolicy


class BlueTargetGroupIsChecked(HealthPolicy):
    policy = "CKV_BG_25"
    title = "The blue target group has an explicit health check on /health"
    requirement = "R25"

    def subjects(self, resource: Block) -> list[Block]:
        return resource.stack.derived(Traffic).blue


check = BlueTargetGroupIsChecked()
