"""The ways into the switch, each with a permission of its own: a function that reads, and aliases of the one
that moves traffic. Which actions each admits.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .actions import Action

# The name of the function that reads is that of the switch function with this behind it.
READ_SUFFIX = "-read"
READS = frozenset({Action.STATUS, Action.HISTORY, Action.PREFLIGHT})
_PARTS = 7  # of an ARN without a qualifier


class Alias(StrEnum):
    """Of the switch function."""

    OPERATE = "operate"  # operators and pipelines
    WORKFLOW = "workflow"  # the state machine
    INTERRUPTED = "interrupted"  # the event rule on executions that ended other than by their own states


# alias → (actions that it admits, whether they come from a workflow)
ADMITTED: Mapping[Alias, tuple[frozenset[Action], bool]] = {
    Alias.OPERATE: (
        frozenset(
            {
                Action.SWITCH,
                Action.SHIFT,
                Action.ROLLBACK,
                Action.RECONCILE,
                Action.FREEZE,
                Action.UNFREEZE,
                Action.APPROVE,
                Action.ABORT,
            }
        ),
        False,
    ),
    Alias.WORKFLOW: (
        frozenset(
            {
                Action.BEGIN,
                Action.ASK,
                Action.SHIFT,
                Action.VERIFY,
                Action.FINALIZE,
                Action.ROLLBACK,
                Action.BEGIN_LEDGER,
                Action.LEDGER,
            }
        ),
        True,
    ),
    Alias.INTERRUPTED: (frozenset({Action.ROLLBACK}), True),
}


def alias_of(function_arn: str) -> Alias | None:
    """By which alias a function was called. None: by another, by a version, or by none."""
    qualifier = ":".join(function_arn.split(":")[_PARTS:])
    return next((alias for alias in Alias if alias == qualifier), None)


def unqualified(function: str) -> str:
    """The ARN, or the name, without version and alias."""
    if function.startswith("arn:"):
        return ":".join(function.split(":")[:_PARTS])
    return function.partition(":")[0]


def operate_of(function: str) -> str:
    """What operators invoke: of the ARN or name of a switch function, with a qualifier or without."""
    return f"{unqualified(function)}:{Alias.OPERATE}"


def read_of(function: str) -> str:
    """The function that reads, of the ARN or name of a switch function."""
    return unqualified(function) + READ_SUFFIX
