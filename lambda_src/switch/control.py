"""The control item: who may move traffic now, whether anybody may, and the workflow in progress.

One item, so that one conditional write decides everything. Its attributes:

- `token`: a number that every taking of the lock raises. It is the fencing token: each later write of the
  taker is made on the condition that it is still the same.
- `busy_until`: the lock itself, as long as the function that took it may run and some seconds more. Lambda
  has killed a function before its lock is over, so two never write at once. `current`: a list of what it is
  at, written before the traffic is moved; who takes the lock and finds it there moves it to `died`. There
  stay, with their outcome, the moves of those who died or failed, until a request has recorded where the
  traffic is.
  `attempt`: there as long as the lock was not let go; tells the taker that a repeated call was its own.
- `holder`, `lease_until`: the workflow that is in progress. Only its own requests get the lock, and an
  operator's rollback, which ends the workflow. `yields`: there while it is a held share, which an operator's
  next move ends, too.
- `frozen`, `workflow`, `approval`, `abort`: see `Control`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..contract.workflow import State
from .history import Entry, read_entry
from .workflow import Workflow, read_workflow

KEY: Mapping[str, Any] = {"kind": {"S": "control"}, "id": {"S": "traffic"}}


@dataclass(frozen=True)
class Control:
    """The item as read. Times that end in `_until` are seconds since the epoch."""

    token: int = 0
    attempt: str = ""
    busy_until: float = 0
    current: Entry | None = None
    died: tuple[Entry, ...] = ()  # what those were at who may not have recorded their move
    holder: str | None = None
    lease_until: float = 0
    frozen: Mapping[str, str] | None = None  # by, reason, at
    workflow: Workflow | None = None  # in progress, or the last one
    approval: Mapping[str, Any] | None = None  # percent, asked_at, expires_at, approved_by
    abort: Mapping[str, str] | None = None  # by, reason, at

    @property
    def in_progress(self) -> Workflow | None:
        """The workflow that holds the lock, whether its lease has ended or not."""
        return self.workflow if self.workflow and self.workflow.id == self.holder else None

    def lock_json(self, now: float) -> dict[str, object] | None:
        """Who has the lock at `now`; None when it is free for an operator's move."""
        held = self.in_progress is not None and self.in_progress.plan.hold
        busy, leased = self.busy_until > now, bool(self.holder) and self.lease_until > now and not held
        if not busy and not leased:
            return None
        return {
            "holder": self.holder if leased else None,
            "request": self.current.id if busy and self.current else None,
            "until": max(self.busy_until if busy else 0, self.lease_until if leased else 0),
        }

    def workflow_json(self) -> dict[str, object] | None:
        """As `status` shows it."""
        workflow = self.workflow
        if workflow is None:
            return None
        active = workflow is self.in_progress
        return {
            **workflow.plan.to_json(),
            **{key: value for key, value in workflow.stored().items() if key != "plan"},
            "source": workflow.source,
            "state": self._state(workflow) if active else workflow.state,
            "approval": self.approval if active else None,
            "abort": self.abort if active else None,
        }

    def _state(self, workflow: Workflow) -> State:
        if self.abort:
            return State.ABORTING
        asked = self.approval and not self.approval.get("approved_by")
        return State.WAITING if asked else workflow.state


def told_of(abort: Mapping[str, str]) -> str:
    """Who wants a workflow to end, and why."""
    return f"{abort['by'] or 'an operator'} aborts it: {abort['reason'] or 'no reason given'}"


def read_control(item: Mapping[str, Any] | None) -> Control:
    """Of an item as DynamoDB has it; None: nothing was ever moved."""
    item = item or {}
    workflow = _json(item, "workflow")
    current, died = _entries(item, "current"), _entries(item, "died")
    return Control(
        token=int(_number(item, "token")),
        attempt=item.get("attempt", {}).get("S", ""),
        busy_until=_number(item, "busy_until"),
        current=current[0] if current else None,
        died=died,
        holder=item.get("holder", {}).get("S"),
        lease_until=_number(item, "lease_until"),
        frozen=_json(item, "frozen"),
        workflow=read_workflow(workflow) if workflow else None,
        approval=_json(item, "approval"),
        abort=_json(item, "abort"),
    )


def attribute(value: object) -> dict[str, Any]:
    """A value as DynamoDB takes it: numbers and strings as such, tuples as lists, the rest as JSON text."""
    if isinstance(value, int | float):
        return {"N": repr(value)}
    if isinstance(value, tuple):
        return {"L": [attribute(item) for item in value]}
    return {"S": value if isinstance(value, str) else json.dumps(value)}


def _json(item: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(item.get(name, {}).get("S") or "null")
    return found


def _entries(item: Mapping[str, Any], name: str) -> tuple[Entry, ...]:
    return tuple(read_entry(json.loads(entry["S"])) for entry in item.get(name, {}).get("L", ()))


def _number(item: Mapping[str, Any], name: str) -> float:
    return float(item.get(name, {}).get("N", 0))
