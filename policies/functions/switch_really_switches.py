"""The switch function's code does what it is there for."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._package import UnseenError, code
from policies._policy import ResourcePolicy
from policies._switch import is_switch

_NEEDED = {
    "modify_listener": "never modifies the listener (modify_listener)",
    "describe_listeners": "never reads the listener back (describe_listeners)",
    "put_parameter": "never records the active colour (put_parameter)",
}


class SwitchReallySwitches(ResourcePolicy):
    policy = "CKV_BG_229"
    title = "The switch function's code modifies the listener, reads it back and records the colour"
    requirement = "R29"
    pci = "6.5.1"
    severity = "CRITICAL"
    why = "A migration or a rollback then ends with success, while the traffic may be elsewhere"
    fix = (
        "set filename to a zip beside the stack's JSON whose handler calls elbv2.modify_listener, "
        "elbv2.describe_listeners and ssm.put_parameter"
    )
    types = ("aws_lambda_function",)

    def defects(self, resource: Block) -> Iterator[str]:
        if not is_switch(resource):
            return
        try:
            found = code(resource)
        except UnseenError as error:
            yield str(error)
            return
        yield from (text for name, text in _NEEDED.items() if name not in found.live)
        yield from found.fakes


check = SwitchReallySwitches()
