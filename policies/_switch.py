"""The functions that are there to move traffic."""

import re
from collections.abc import Iterator
from functools import cached_property

from stack_gate.stack import LISTENERS, TARGET_GROUPS, Block, Body, Stack, strings

from policies import _iam
from policies._package import may_call

SWITCHING = "elasticloadbalancing:ModifyListener"
_NAMED = re.compile(r"switch|shift|cut-?_?over|blue-?_?green|traffic", re.IGNORECASE)
_GIVEN = ("LISTENER_ARN", "BLUE_TG_ARN", "GREEN_TG_ARN")


class Switches:
    """Those of one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    @cached_property
    def known(self) -> list[Block]:
        """Functions whose role, environment or code says that they modify listeners."""
        return [
            f
            for f in self._stack.resources("aws_lambda_function")
            if _may(f) or may_call(f, "modify_listener") or (_is_told(f) and not _only_looks(f))
        ]

    @cached_property
    def candidates(self) -> list[Block]:
        """Where nothing shows who modifies listeners: functions that call themselves so, else all but those
        that rotate secrets. One of them was meant to.
        """
        rotating = [
            function
            for rotation in self._stack.resources("aws_secretsmanager_secret_rotation")
            for function in rotation.refers("rotation_lambda_arn", "aws_lambda_function")
        ]
        functions = self._stack.resources("aws_lambda_function")
        left = [f for f in functions if f not in rotating]
        said = [f for f in left if _NAMED.search(f"{f.name} {f.get('function_name')} {f.get('description')}")]
        return [f for f in said if not _only_looks(f)] or [f for f in left if not _only_looks(f)]


def is_switch(function: Block) -> bool:
    """Whether a function moves traffic, or was meant to."""
    found = function.stack.derived(Switches)
    return function in (found.known or found.candidates)


def roles_of_switches(stack: Stack) -> Iterator[tuple[Block, Block]]:
    """Each function that moves traffic, with its role."""
    for function in stack.resources("aws_lambda_function"):
        if is_switch(function):
            yield from ((function, role) for role in function.refers("role", "aws_iam_role"))


def switching_statements(function: Block) -> list[Body]:
    """The statements of its role that allow it to modify listeners."""
    statements = function.stack.derived(_iam.Roles).of_function(function)
    return [statement for statement in statements if _iam.allows(statement, SWITCHING)]


def environment(function: Block) -> Body:
    """Its environment variables."""
    return next(iter(function.blocks("environment.variables")), {})


def _may(function: Block) -> bool:
    """A role that may do everything says nothing about what it is for."""
    return any(
        action.lower().startswith("elasticloadbalancing:")
        for statement in switching_statements(function)
        for action in _iam.actions(statement)
    )


def _is_told(function: Block) -> bool:
    given = environment(function)
    values = strings(given)
    listeners = function.stack.referred(values, *LISTENERS)
    return sum(name in given for name in _GIVEN) > 1 or (
        bool(listeners) and len(function.stack.referred(values, *TARGET_GROUPS)) > 1
    )


def _only_looks(function: Block) -> bool:
    """It is told the listener, too; but its code, all of it seen, reads listeners and writes none, and its
    role, seen too, allows no more.
    """
    if not may_call(function, "describe_listeners") or may_call(function, "modify_listener"):
        return False
    return bool(function.stack.derived(_iam.Roles).of_function(function)) and not _may(function)
