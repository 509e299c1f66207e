"""The switch function is given time to end what it began."""

from collections.abc import Iterator

from stack_gate.stack import Block, number

from policies._policy import ResourcePolicy
from policies._switch import is_switch

SECONDS = 60


class SwitchHasTime(ResourcePolicy):
    policy = "CKV_BG_231"
    title = f"The switch function's timeout is at least {SECONDS} s"
    requirement = "R31"
    pci = "6.5.1"
    severity = "LOW"
    why = "Lambda cuts it off between modifying the listener and recording the colour"
    fix = f"set timeout = {SECONDS}, or more"
    types = ("aws_lambda_function",)

    def defects(self, resource: Block) -> Iterator[str]:
        timeout = resource.get("timeout")
        seconds = number(timeout)
        if is_switch(resource) and (seconds is None or seconds < SECONDS):
            yield "names no timeout, so it is 3 s" if timeout is None else f"has a timeout of {timeout} s"


check = SwitchHasTime()
