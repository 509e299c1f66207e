"""Identity policies allow the aliases of the switch function, never the function as a whole."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from stack_gate.stack import Block

from policies import _iam
from policies._grants import IDENTITY_POLICIES, granting
from policies._policy import ResourcePolicy
from policies._switch import Switches

INVOKE = "lambda:InvokeFunction"
# What may follow the function's ARN: the name of one alias. A version has digits only.
_ALIAS = re.compile(r":(?!\d+$)[\w-]+")
_LITERAL = re.compile(r"arn:[^:]*:lambda:[^:]*:[^:]*:function:([^:]+)(.*)")


class SwitchIsInvokedByAnAlias(ResourcePolicy):
    policy = "CKV_BG_280"
    title = "Identity policies allow single aliases of the switch function, never its unqualified ARN or `:*`"
    requirement = None
    pci = "7.2.5"
    severity = "HIGH"
    why = (
        "Reading, operating and the steps of a shift are then one permission: each caller may do all of them"
    )
    fix = (
        "name the ARN of one aws_lambda_alias: that for operators or that for the state machine; "
        "for status, preflight and history the function that reads"
    )
    types = IDENTITY_POLICIES

    def defects(self, resource: Block) -> Iterator[str]:
        switches = resource.stack.derived(Switches).known
        for where, statement in granting(resource):
            if not switches or not _iam.allows(statement, INVOKE):
                continue
            for text in _iam.resources(statement):
                if any(_whole(text, function) for function in switches):
                    yield f"{where} allows {INVOKE} on {text}"


def _whole(text: str, function: Block) -> bool:
    """Whether the text names the function with no alias, or with any."""
    if function in function.stack.referred(text, "aws_lambda_function"):
        return not _ALIAS.fullmatch(text.rpartition("}")[2])
    literal = _LITERAL.fullmatch(text)
    if literal is None or "${" in literal[1]:
        return False
    name = function.get("function_name")
    return fnmatchcase(str(name), literal[1]) and not _ALIAS.fullmatch(literal[2])


check = SwitchIsInvokedByAnAlias()
