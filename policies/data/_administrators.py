"""The secrets of databases' administrators."""

from typing import Any

from stack_gate.stack import Block, Stack

from policies.data._databases import SECRET
from policies.data._rotation import FUNCTION

# What functions are told an administrator's secret as: ADMIN_SECRET_ARN, MASTER_SECRET.
_SAYING = ("ADMIN", "MASTER")


class Administrators:
    """Of one stack: what some function is told as an administrator's secret."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        told = [
            value
            for function in stack.resources(FUNCTION)
            for variables in function.blocks("environment.variables")
            for name, value in variables.items()
            if any(word in name.upper() for word in _SAYING)
        ]
        self._secrets = {secret.key for secret in stack.referred(told, SECRET)}

    def of(self, value: Any) -> list[Block]:
        """Those that a value refers to."""
        return [one for one in self._stack.referred(value, SECRET) if one.key in self._secrets]
