"""Outputs about the active colour are read from AWS."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack, objects

from policies._policy import StackPolicy

LIVE = ("active_environment", "migration_status")


class LiveOutputsAreRead(StackPolicy):
    policy = "CKV2_BG_37"
    title = "The outputs active_environment and migration_status are read from AWS"
    requirement = "R35"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = (
        "A literal goes on naming the old colour after a switch, and the operator who trusts it drains "
        "the live one"
    )
    fix = "set its value to the attribute of the aws_ssm_parameter that records it"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for output in stack.kind("output"):
            value = output.get("value")
            if output.name in LIVE and value and not stack.referred(value):
                yield output, f"is the literal {value}"
            for body in objects(value):
                for name in LIVE:
                    if body.get(name) and "${" not in str(body[name]):
                        yield output, f"has the literal {body[name]} as {name}"


check = LiveOutputsAreRead()
