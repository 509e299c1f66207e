"""Where the switch function records what it did."""

import re

from stack_gate.stack import Block, Stack, strings

from policies import _iam
from policies._switch import Switches

VALUES = ("insecure_value", "value")
_COLOUR = re.compile(r"[\w-]+")  # one word; a record of more than the colour is a document
_ACTIVE = re.compile(r"active|live|current", re.IGNORECASE)


class Records:
    """The SSM parameters that the switch function of one stack writes."""

    def __init__(self, stack: Stack) -> None:
        parameters = stack.resources("aws_ssm_parameter")
        named = [value for function in stack.derived(Switches).known for value in _reach(function)]
        known = {block.address for block in stack.referred(named, "aws_ssm_parameter")}
        # Where no function is told of one, nobody is left to ask but the name.
        said = [block for block in parameters if _ACTIVE.search(str(block.get("name") or ""))]
        self.all = [block for block in parameters if block.address in known] or said

    @property
    def active_colour(self) -> list[Block]:
        """Those that name a colour, and nothing else."""
        return [
            block for block in self.all if any(_COLOUR.fullmatch(str(block.get(v) or "")) for v in VALUES)
        ]


def _reach(function: Block) -> list[str]:
    """What the function is told about, and what its role lets it write."""
    granted = [
        resource
        for statement in function.stack.derived(_iam.Roles).of_function(function)
        if _iam.allows(statement, "ssm:PutParameter")
        for resource in _iam.resources(statement)
    ]
    return [*strings(function.get("environment.variables")), *granted]
