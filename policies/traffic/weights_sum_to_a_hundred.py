"""The weights of a forward mean percent."""

from collections.abc import Iterator

from stack_gate.stack import LISTENERS, RULES, Block, Traffic

from policies._policy import ResourcePolicy

WHOLE = 100
MOST = 999  # Elastic Load Balancing API reference, TargetGroupTuple


class WeightsSumToAHundred(ResourcePolicy):
    policy = "CKV_BG_50"
    title = "The weights of each weighted forward sum to 100"
    requirement = None
    pci = "6.5.1"
    severity = "CRITICAL"
    why = (
        "With zero on both colours clients get errors; with another sum a weight is not the percentage that "
        "operators take it for"
    )
    fix = "give the two target_group blocks weights that sum to 100, for example 100 and 0"
    types = (*LISTENERS, *RULES)

    def defects(self, resource: Block) -> Iterator[str]:
        for forward in resource.stack.derived(Traffic).weighted:
            weights = [weight for weight in forward.weights if weight is not None]
            if forward.owner is not resource:
                continue
            if len(weights) < len(forward.weights):
                yield "has a weight that is not a number"
            elif not any(weights):
                yield "has only weights of zero"
            elif wrong := [weight for weight in weights if not _is_weight(weight)]:
                yield f"has the weight {wrong[0]:g}, which is no whole number from 0 to {MOST}"
            elif sum(weights) != WHOLE:
                yield f"has weights that sum to {sum(weights):g}"


def _is_weight(weight: float) -> bool:
    return weight.is_integer() and 0 <= weight <= MOST


check = WeightsSumToAHundred()
