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
    DEPLOY = "deploy"  # pipelines that deploy versions, and operators
    WORKFLOW = "workflow"  # the state machine
    INTERRUPTED = "interrupted"  # the event rule on executions that ended other than by their own states


# What operators prove that they ask for: all that changes something.
ATTESTED = frozenset({Alias.OPERATE, Alias.DEPLOY})
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
    Alias.DEPLOY: (frozenset({Action.DEPLOY, Action.DEPLOYMENT}), False),
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


def alias_for(action: str) -> Alias:
    """Which alias operators and pipelines ask for an action that does not only read."""
    return Alias.DEPLOY if action in ADMITTED[Alias.DEPLOY][0] else Alias.OPERATE


def read_of(function: str) -> str:
    """The function that reads, of the ARN or name of a switch function."""
    return unqualified(function) + READ_SUFFIX
