"""A workflow as the control table knows it: what it is to do, and how far it has come.

The state machine carries no state of its own but the step that it is at. It sends `begin`, then for each
step `ask` (where an approval is required), `shift` and, until the step is approved or has baked, `verify`;
then `finalize`. Each failure after `begin` makes it send `rollback`. Between its requests the workflow keeps
the lock by a lease that lasts until the next one is due and some more: if the state machine dies, the lock
becomes free by itself.

A share that an operator sets is a workflow, too, whose plan says `hold`: the function registers it and moves
the traffic, the state machine only sends `verify` (hold.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..contract.request import Plan
from ..contract.values import FULL, Colour, Weights
from ..contract.workflow import State
from .history import stamp

# How late the state machine's next request may be: its retries, a cold start, a full function.
LEASE_SLACK_SECONDS = 300
# What `Workflow.ledger` says.
LEDGER_DUE, LEDGER_MOVED = "due", "moved"


@dataclass(frozen=True)
class Workflow:
    """`percent`: the target's weight that it has reached. Times are ISO 8601, UTC."""

    id: str
    plan: Plan
    source: Colour
    started_at: str
    deadline_at: str
    percent: int
    step: int = 0
    state: State = State.RUNNING
    baking_until: str | None = None
    finished_at: str | None = None
    cause: str | None = None
    raw_cause: str | None = None  # as Step Functions handed it over
    ledger: str | None = None  # of a shift: due, moved
    # Of a deployment: the image `before`, and the ARN of the `revision` whose rollout is looked at.
    deployment: Mapping[str, Any] | None = None

    @classmethod
    def begun(cls, id_: str, plan: Plan, now: datetime, *, percent: int) -> Workflow:
        return cls(
            id=id_,
            plan=plan,
            source=plan.target.other,
            started_at=stamp(now),
            deadline_at=stamp(now + timedelta(seconds=plan.allowed_seconds)),
            percent=percent,
        )

    @property
    def weights(self) -> Weights:
        """What the listener has if no other client changed it."""
        return Weights.giving(self.plan.target, self.percent)

    @property
    def only_ledger_left(self) -> bool:
        """Whether it moves no traffic, or no more: what is left of it is a move of the ledger."""
        return self.plan.only_ledger or self.ledger == LEDGER_DUE

    @property
    def moves_no_traffic(self) -> bool:
        return self.only_ledger_left or bool(self.plan.image)

    @property
    def ledger_is_next(self) -> bool:
        """Whether the ledger moves once the step that was reached has baked, before the next step."""
        after = self.plan.ledger_after
        return after is not None and after == self.percent < FULL and self.ledger is None

    @property
    def has_shifted(self) -> bool:
        """Whether a step was taken. The first one takes more than the target had."""
        return bool(self.plan.steps) and self.percent >= self.plan.steps[0]

    def shifted(self, step: int, now: datetime) -> Workflow:
        until = now + timedelta(seconds=self.plan.bake_seconds)
        percent = self.plan.steps[step]
        state = State.HOLDING if self.plan.hold else State.BAKING
        return replace(self, step=step, percent=percent, state=state, baking_until=stamp(until))

    def ended(
        self, state: State, now: datetime, cause: str | None = None, raw_cause: str | None = None
    ) -> Workflow:
        ended = replace(self, state=state, finished_at=stamp(now), baking_until=None)
        return replace(ended, cause=cause, raw_cause=raw_cause)

    def awaits(self, step: int) -> bool:
        """Whether the step is still to be taken."""
        return self.plan.steps[step] > self.percent

    def overdue(self, now: datetime) -> bool:
        return now > datetime.fromisoformat(self.deadline_at)

    def bake_left(self, now: datetime) -> float:
        """Seconds; 0 when the step has baked."""
        if self.baking_until is None:
            return 0
        return max(0.0, (datetime.fromisoformat(self.baking_until) - now).total_seconds())

    def stored(self) -> dict[str, object]:
        return {
            "id": self.id,
            "plan": self.plan.to_json(),
            "started_at": self.started_at,
            "deadline_at": self.deadline_at,
            "percent": self.percent,
            "step": self.step,
            "state": self.state,
            "baking_until": self.baking_until,
            "finished_at": self.finished_at,
            "cause": self.cause,
            "raw_cause": self.raw_cause,
            "ledger": self.ledger,
            "deployment": self.deployment,
        }


def read_workflow(document: Mapping[str, Any]) -> Workflow:
    """Of what `stored` gave."""
    plan = document["plan"]
    target = Colour(plan["target"])
    lists = {key: tuple(plan[key]) for key in ("steps", "approve_at")}
    fields = dict(document) | {"state": State(document["state"])}
    return Workflow(**fields | {"plan": Plan(**plan | lists | {"target": target}), "source": target.other})
