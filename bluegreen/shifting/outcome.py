"""How a shift ended, from what Step Functions and the switch function say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bluegreen.client import function_failed
from bluegreen.shifting.follow import Observation
from bluegreen.shifting.steps import FULL

# Names with which the state machine ends; any other failure comes from its first state, which refused.
BY_ERROR = {"RolledBack": "rolled_back", "RollbackFailed": "failed", "Superseded": "superseded"}
ENDED = frozenset({"completed", "rolled_back", "failed", "superseded", "interrupted"})


@dataclass(frozen=True)
class Outcome:
    """`name`: completed, rolled_back, failed (and the rollback, too), superseded (somebody took over),
    interrupted (the state machine was stopped), refused (nothing moved).
    """

    name: str
    cause: str | None
    weights: Mapping[str, int] | None
    workflow: Mapping[str, Any] | None
    gates: Sequence[Mapping[str, Any]] = ()

    @property
    def taken_back(self) -> bool:
        """Whether all traffic is on the side where it was, whoever brought it there."""
        if self.name == "rolled_back":
            return True
        back = self.workflow and self.weights and self.weights.get(self.workflow["source"]) == FULL
        return self.name == "superseded" and bool(back)


def conclude(name: str, seen: Observation) -> Outcome:
    """The outcome of the workflow `name`, of which `seen` is the last observation."""
    workflow, status = seen.workflow(name), seen.status or {}
    cause: str | None = workflow["cause"] if workflow else None
    gates: Sequence[Mapping[str, Any]] = ()
    if seen.execution and seen.execution.cause and not cause:
        failure = function_failed(seen.execution.cause)
        cause, gates = _cause(seen.execution.cause, str(failure)), failure.gates
    of_it = [entry for entry in status.get("history", ()) if entry["workflow"] == name]
    refused = next((entry for entry in of_it if entry["outcome"] != "done"), None)
    return Outcome(
        _name(seen, workflow),
        cause,
        status.get("weights"),
        workflow,
        (refused and refused["gates"]) or gates,
    )


def _name(seen: Observation, workflow: Mapping[str, Any] | None) -> str:
    execution = seen.execution
    if execution and execution.status == "SUCCEEDED":
        return "completed"
    if workflow:
        return str(workflow["state"]) if workflow["state"] in ENDED else "interrupted"
    if execution and execution.status == "FAILED":
        return BY_ERROR.get(execution.error or "", "refused")
    return "interrupted"


def _cause(raw: str, failure: str) -> str:
    """A cause that is no payload of Lambda's is told as it is."""
    return failure if raw.lstrip().startswith("{") else raw
