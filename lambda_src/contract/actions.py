"""What the function can be asked to do, and the keys of each event."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Action(StrEnum):
    STATUS = "status"
    HISTORY = "history"
    PREFLIGHT = "preflight"
    SWITCH = "switch"
    SHIFT = "shift"
    ROLLBACK = "rollback"
    RECONCILE = "reconcile"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    APPROVE = "approve"
    ABORT = "abort"
    DEPLOY = "deploy"
    DEPLOYMENT = "deployment"
    # These are the state machine's.
    BEGIN = "begin"
    ASK = "ask"
    VERIFY = "verify"
    FINALIZE = "finalize"
    BEGIN_LEDGER = "begin_ledger"
    LEDGER = "ledger"


# action → (keys it needs, keys it takes besides)
KEYS: Mapping[Action, tuple[frozenset[str], frozenset[str]]] = {
    action: (frozenset(needed.split()), frozenset(optional.split()))
    for action, needed, optional in (
        (Action.STATUS, "", ""),
        (Action.HISTORY, "", "limit"),
        (Action.PREFLIGHT, "target", "percent"),
        (Action.SWITCH, "target", ""),
        (Action.SHIFT, "target percent", "hold_seconds workflow step"),
        (Action.ROLLBACK, "", "target force workflow cause"),
        (Action.RECONCILE, "", "repair"),
        (Action.FREEZE, "reason", ""),
        (Action.UNFREEZE, "", ""),
        (Action.APPROVE, "", "workflow"),
        (Action.ABORT, "", "workflow"),
        (Action.DEPLOY, "target image", ""),
        (Action.DEPLOYMENT, "workflow", ""),
        (Action.BEGIN, "workflow plan", ""),
        (Action.ASK, "workflow step", ""),
        (Action.VERIFY, "workflow step", ""),
        (Action.FINALIZE, "workflow", ""),
        (Action.BEGIN_LEDGER, "workflow plan ledger", ""),
        (Action.LEDGER, "workflow", "moved error cause"),
    )
}
# Who, proven or said, why, and which request: every action takes them.
ALWAYS = frozenset({"attestation", "reason", "by", "request_id"})
