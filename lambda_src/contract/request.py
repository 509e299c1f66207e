"""A validated event, and the plan of a workflow that it may hold."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from .actions import Action
from .attestation import Attestation
from .images import ROLLOUT_SECONDS
from .ledger import MOVE_SECONDS, Moved, Standing
from .limits import DEFAULT_APPROVAL_TIMEOUT, SECONDS_PER_STEP
from .values import FULL, Colour


@dataclass(frozen=True)
class Plan:
    """How a workflow moves the traffic. `steps`: rising percentages of the target, the last one 100.

    `hold`: of a share that an operator set. Its only step is that share, which bakes for as long as the share
    may stand, and is rolled back, not promoted. `only_ledger`: of a move of the ledger, which has no steps
    and moves no traffic. `ledger_after`: the step after whose bake the ledger moves, 100:
    when the shift is over, None: it does not move. `image`: of a deployment, which has no steps and moves no
    traffic, either.
    """

    target: Colour
    steps: tuple[int, ...]
    bake_seconds: int
    approve_at: tuple[int, ...] = ()
    approval_timeout_seconds: int = DEFAULT_APPROVAL_TIMEOUT
    deadline_seconds: int = 0
    reason: str = ""
    by: str = ""
    hold: bool = False
    only_ledger: bool = False
    ledger_after: int | None = None
    image: str = ""

    @property
    def allowed_seconds(self) -> int:
        """From its beginning to its deadline; where none is given, all that its parts may take."""
        if self.only_ledger:
            return MOVE_SECONDS
        if self.image:
            return ROLLOUT_SECONDS
        parts = len(self.steps) * (self.bake_seconds + SECONDS_PER_STEP)
        return self.deadline_seconds or parts + len(self.approve_at) * self.approval_timeout_seconds

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Request:
    """`id` tells a repetition from a new request. `target` is None where the action has none, and for a
    rollback that leaves it to the records. `workflow` and `step`: of the state machine, which see.
    `hold_seconds`: how long a share may stand, None for the deployment's default. `cause`: one sentence (see
    cause.py), `raw_cause` as it came. `attestation`: of the caller, or of the one that started the workflow.
    `image`: to be deployed. `ledger`: its row before a move; `moved`: what became of it, or `error`, the name
    of what it failed by.
    """

    action: Action
    id: str
    target: Colour | None = None
    percent: int = FULL
    reason: str = ""
    by: str = ""
    force: bool = False
    repair: bool = False
    limit: int = 10
    workflow: str | None = None
    step: int = 0
    plan: Plan | None = None
    hold_seconds: int | None = None
    cause: str = ""
    raw_cause: str = ""
    attestation: Attestation | None = None
    ledger: Standing | None = None
    moved: Moved | None = None
    error: str = ""
    image: str = ""

    @property
    def fingerprint(self) -> str:
        """What two requests of the same id must have in common."""
        extra = " repair" if self.repair else ""
        extra += f" {self.hold_seconds}" if self.hold_seconds else ""
        extra += f" {self.image}" if self.image else ""
        return f"{self.action} {self.target} {self.percent} {self.workflow} {self.step}{extra}"
