"""The switch function is given memory, and with it processor time."""

from collections.abc import Iterator

from stack_gate.stack import Block, number

from policies._policy import ResourcePolicy
from policies._switch import is_switch

MEGABYTES = 256


class SwitchHasMemory(ResourcePolicy):
    policy = "CKV_BG_232"
    title = f"The switch function's memory is at least {MEGABYTES} MB"
    requirement = "R32"
    pci = "6.5.1"
    severity = "LOW"
    why = "Lambda gives processor time by memory: with less, its clients alone take seconds to start"
    fix = f"set memory_size = {MEGABYTES}, or more"
    types = ("aws_lambda_function",)

    def defects(self, resource: Block) -> Iterator[str]:
        memory = resource.get("memory_size")
        megabytes = number(memory)
        if is_switch(resource) and (megabytes is None or megabytes < MEGABYTES):
            yield "names no memory_size, so it is 128 MB" if memory is None else f"has {memory} MB of memory"


check = SwitchHasMemory()
