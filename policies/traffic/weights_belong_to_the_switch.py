"""An apply does not move traffic."""

import re
from collections.abc import Iterator

from stack_gate.stack import LISTENERS, RULES, Block, Forward, Traffic, listed, objects

from policies._policy import ResourcePolicy

_KEPT = ("certificate_arn", "mutual_authentication", "port", "protocol", "ssl_policy")


class WeightsBelongToTheSwitch(ResourcePolicy):
    policy = "CKV_BG_52"
    title = "Terraform ignores changes of the weights, and only of the action that holds them"
    requirement = None
    pci = "6.5.1"
    severity = "CRITICAL"
    why = (
        "The next apply moves traffic back to the colour that the code names, which may be the one that "
        "was left for a reason"
    )
    fix = 'set lifecycle.ignore_changes = ["default_action[0].forward[0].target_group"] on the listener'
    types = (*LISTENERS, *RULES)

    def defects(self, resource: Block) -> Iterator[str]:
        ignored = [str(path) for path in listed(resource.get("lifecycle.ignore_changes"))]
        owned = [f for f in resource.stack.derived(Traffic).weighted if f.owner is resource]
        if owned and "all" in ignored:
            yield "ignores all changes, those of its TLS policy and certificate, too"
        for path in ignored:
            if owned and path.partition("[")[0] in _KEPT:
                yield f"ignores changes of {path}, which an apply has to set right"
        if owned and "all" not in ignored and not any(_covers(path, owned[0]) for path in ignored):
            yield "does not ignore changes of the weights"


def _covers(path: str, forward: Forward) -> bool:
    """The action as a whole will do: it holds nothing but the forward."""
    actions = forward.owner.blocks(forward.argument)
    index = next(i for i, action in enumerate(actions) if forward.body in objects(action.get("forward")))
    form = rf"{forward.argument}(\[{index}\](\.forward(\[0\](\.target_group)?)?)?)?"
    return re.fullmatch(form, path) is not None


check = WeightsBelongToTheSwitch()
