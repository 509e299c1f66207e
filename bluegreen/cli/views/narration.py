"""A shift told in lines, for logs of pipelines: a line for everything that changes, and a sign of life."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bluegreen.cli.views.control import weights
from bluegreen.cli.views.gates import sentence
from bluegreen.cli.views.times import stamp
from bluegreen.cli.views.workflow import approval_line

SILENCE = timedelta(minutes=1)

Workflow = Mapping[str, Any]


@dataclass
class Narrator:
    """`told`: the facts of the last look, by what they are about; empty where all is well."""

    told: dict[str, str] = field(default_factory=dict)
    _last: datetime | None = None

    def lines(
        self,
        at: datetime,
        workflow: Workflow | None,
        gates: Sequence[Mapping[str, Any]],
        found: Mapping[str, int] | None,
        trouble: str | None,
    ) -> list[str]:
        """What is new at `at`: of the workflow, its target's gates, the weights, and the looking."""
        facts = _facts(workflow, found, trouble) | {f"gate {g['gate']}": _gate(g) for g in gates}
        new = [text or f"{key}: recovered" for key, text in facts.items() if text != self.told.get(key, "")]
        quiet = self._last is not None and at - self._last >= SILENCE
        if not new and quiet and workflow:
            new = [_state(workflow)]
        self.told = facts
        self._last = at if new else self._last or at
        return new


def _facts(workflow: Workflow | None, found: Mapping[str, int] | None, trouble: str | None) -> dict[str, str]:
    facts = {"looking": f"no news: {trouble.splitlines()[0]}" if trouble else ""}
    if workflow is None:
        return facts | {"state": "starting"}
    facts |= {"weights": f"weights: {weights(found)}", "state": _state(workflow)}
    if abort := workflow["abort"]:
        facts["abort"] = (
            f"abort wanted by {abort['by'] or 'an operator'}: {abort['reason'] or 'no reason given'}"
        )
    if approval := workflow["approval"]:
        facts["approval"] = approval_line(approval, workflow["id"])
    return facts


def _state(workflow: Workflow) -> str:
    state = str(workflow["state"]).replace("_", " ")
    lasts = workflow["state"] in ("baking", "holding") and workflow["baking_until"]
    until = f" until {stamp(workflow['baking_until'])} UTC" if lasts else ""
    return f"{workflow['target']} has reached {workflow['percent']} %: {state}{until}"


def _gate(verdict: Mapping[str, Any]) -> str:
    return "" if verdict["passed"] else sentence(verdict)
