"""What state machine and function say to each other, and how a workflow is called, stands and ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

# What the names of executions begin with: of a shift or a move of the ledger that an operator starts, and of
# the watch of a share or of a rollout.
SHIFT_PREFIX, SHARE_PREFIX, LEDGER_PREFIX, DEPLOY_PREFIX = "shift-", "share-", "ledger-", "deploy-"


class State(StrEnum):
    """Of a workflow, in the control table and in answers."""

    RUNNING = "running"
    BAKING = "baking"
    HOLDING = "holding"
    WAITING = "waiting_for_approval"
    ABORTING = "aborting"
    MOVING_LEDGER = "moving_ledger"
    DEPLOYING = "deploying"
    GOING_BACK = "going_back"  # a deployment: its tasks did not become healthy
    COMPLETED = "completed"
    ROLLED_BACK = "rolled_back"
    REFUSED = "refused"  # a move of the ledger, by the mover
    LEDGER_NOT_MOVED = "ledger_not_moved"  # a shift has moved all traffic, and then not the ledger
    FAILED = "failed"  # the rollback, too: the operator has to look
    SUPERSEDED = "superseded"  # by an operator's rollback
    INTERRUPTED = "interrupted"  # the state machine died, another request continued


ENDED = frozenset(
    {
        *(State.COMPLETED, State.ROLLED_BACK, State.REFUSED, State.FAILED, State.LEDGER_NOT_MOVED),
        *(State.SUPERSEDED, State.INTERRUPTED),
    }
)


class Ending(StrEnum):
    """How an execution fails by its own states; any other error is Step Functions' own."""

    REFUSED = "Refused"
    ROLLED_BACK = "RolledBack"
    ROLLBACK_FAILED = "RollbackFailed"
    SUPERSEDED = "Superseded"
    LEDGER_REFUSED = "LedgerRefused"
    LEDGER_UNFINISHED = "LedgerUnfinished"


class Next(StrEnum):
    """What follows a look of `verify`."""

    WAIT = "wait"
    SHIFT = "shift"
    NEXT_STEP = "next_step"
    FINALIZE = "finalize"
    MOVE_LEDGER = "move_ledger"
    ROLL_BACK = "roll_back"
    ENDED = "ended"
    END = "end"  # of finalize


@dataclass(frozen=True)
class Look:
    """What `verify` answers. `cause`: of a ROLL_BACK."""

    next: Next
    wait_seconds: int
    cause: str | None = None

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Schedule:
    """What `begin` answers, and every later state finds in its input. `step`: index of the one in
    progress, `last`: of the last one.
    """

    target: str
    reason: str
    by: str
    percents: Sequence[int]
    approvals: Sequence[bool]
    step: int
    last: int

    def to_json(self) -> dict[str, object]:
        return asdict(self)
