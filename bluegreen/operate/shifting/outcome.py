"""How a shift ended, from what Step Functions and the switch function say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bluegreen.operate.shifting import causes
from bluegreen.operate.shifting.follow import Observation
from lambda_src.contract.values import FULL
from lambda_src.contract.workflow import ENDED, SHARE_PREFIX, Ending

# The state machine's own ways to fail; any other is Step Functions'.
BY_ERROR = {
    Ending.REFUSED: "refused",
    Ending.ROLLED_BACK: "rolled_back",
    Ending.ROLLBACK_FAILED: "failed",
    Ending.SUPERSEDED: "superseded",
    Ending.LEDGER_REFUSED: "ledger_not_moved",
    Ending.LEDGER_UNFINISHED: "ledger_not_moved",
}


@dataclass(frozen=True)
class Outcome:
    """`name`: completed, rolled_back, failed (and the rollback, too), superseded (another request took over),
    interrupted (the state machine was stopped), refused (nothing moved),
    ledger_not_moved (all traffic did). `findings`: what may send clients
    elsewhere than `weights` say. `cause` is one sentence, `raw_cause` what Step Functions says of the
    execution.
    """

    name: str
    cause: str | None
    weights: Mapping[str, int] | None
    workflow: Mapping[str, Any] | None
    gates: Sequence[Mapping[str, Any]] = ()
    findings: Sequence[Mapping[str, Any]] = ()
    raw_cause: str | None = None

    @property
    def elsewhere(self) -> bool:
        """Whether clients of production may go elsewhere than the weights say."""
        return any(finding["reach"] == "production" for finding in self.findings)

    @property
    def rolled_back(self) -> bool:
        """Whether all traffic is on the colour where it was, by whichever request."""
        if self.name == "rolled_back":
            return True
        back = self.workflow and self.weights and self.weights.get(self.workflow["source"]) == FULL
        return self.name == "superseded" and bool(back)


def conclude(name: str, seen: Observation) -> Outcome:
    """The outcome of the workflow `name`, of which `seen` is the last observation."""
    workflow, status = seen.workflow(name), seen.status or {}
    recorded = workflow["cause"] if workflow else None
    raw = (seen.execution and seen.execution.cause) or (workflow and workflow.get("raw_cause")) or None
    told, gates = causes.read(raw) if raw else (None, ())
    cause = recorded or (told and told.partition("\n")[0])
    of_it = [entry for entry in status.get("history", ()) if entry["workflow"] == name]
    failed = next((entry["gates"] for entry in of_it if entry["outcome"] != "done"), ())
    return Outcome(
        name=_name(seen, workflow),
        cause=cause,
        weights=status.get("weights"),
        workflow=workflow,
        gates=gates or failed,
        findings=status.get("findings", ()),
        raw_cause=raw,
    )


def _name(seen: Observation, workflow: Mapping[str, Any] | None) -> str:
    execution = seen.execution
    succeeded = execution is not None and execution.status == "SUCCEEDED"
    if succeeded and execution is not None and execution.name.startswith(SHARE_PREFIX):
        # Ended as planned: at its limit, or by the next move, which may have the record by now.
        return str(workflow["state"]) if workflow else "superseded"
    if succeeded:
        return "completed"
    if workflow:
        return str(workflow["state"]) if workflow["state"] in ENDED else "interrupted"
    if execution and execution.status == "FAILED":
        return next((name for error, name in BY_ERROR.items() if error == execution.error), "interrupted")
    return "interrupted"
