"""A deployment that doesn't come up ends where it began."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true, number

from policies._policy import ResourcePolicy
from policies.service._containers import SERVICE, rolls


class FailedDeploymentsRollBack(ResourcePolicy):
    policy = "CKV_BG_265"
    title = (
        "Each service has a deployment circuit breaker that rolls back, and keeps its tasks while it deploys"
    )
    requirement = None
    pci = "6.5.1"
    severity = "HIGH"
    why = "ECS starts tasks that fail for ever, or takes away the ones that serve before new ones do"
    fix = (
        "set deployment_circuit_breaker { enable = true, rollback = true } and "
        "deployment_minimum_healthy_percent = 100"
    )
    types = (SERVICE,)

    def defects(self, resource: Block) -> Iterator[str]:
        if not rolls(resource):
            return
        if not is_true(resource.get("deployment_circuit_breaker.enable")):
            yield "has no deployment circuit breaker"
        elif not is_true(resource.get("deployment_circuit_breaker.rollback")):
            yield "does not roll a failed deployment back"
        least = resource.get("deployment_minimum_healthy_percent")
        if least is not None and (number(least) or 0) < 100:  # noqa: PLR2004 - ECS takes 100 by default
            yield f"keeps {least} % of its tasks while it deploys"


check = FailedDeploymentsRollBack()
