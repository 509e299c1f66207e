"""A switch function that does as a script says, and notes what it was asked: the workflow's paths without the
work.

Script: {"shift:2": ["AwsCallError", {"wait_seconds": 0}], "begin": ["LockedError"]}: what to raise or answer,
one after the other, the last for ever; by action, or by action and step. Otherwise everything goes well.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded_aws import ACCOUNT_ID, REGION, LocalAws

from modules.switch.workflow_definition import Mover, definition
from packages.embedded_aws.tests.conftest import create_function
from packages.embedded_aws.tests.machines import ended, role_of_machines, start

SOURCE = """
import json
import os

ANSWERS = {
    "ask": {"wait_seconds": 0},
    "finalize": {"weights": {"blue": 0, "green": 100}, "next": "end"},
    "rollback": {"weights": {"blue": 100, "green": 0}},
    "shift": {"wait_seconds": 0},
    "begin_ledger": {"locked": True},
    "compare": {"tables": 3},
    "see": {"writer": "blue", "epoch": 7, "state": "open", "more": "that it does not know"},
    "move": {"writer": "green", "epoch": 8, "pause_ms": 41},
}


def handler(event, context):
    with open(os.environ["CALLS"]) as calls:
        before = [json.loads(line) for line in calls]
    with open(os.environ["CALLS"], "a") as calls:
        calls.write(json.dumps(event) + "\\n")
    with open(os.environ["SCRIPT"]) as file:
        script = json.load(file)
    action, step = event["action"], event.get("step")
    key = f"{action}:{step}" if f"{action}:{step}" in script else action
    same = [e for e in before if e["action"] == action and key in (action, f"{action}:{e.get('step')}")]
    made = {"begin": begun, "verify": lambda event: looked(event, before), "ledger": ended}
    outcomes = script.get(key) or [made[action](event) if action in made else ANSWERS[action]]
    outcome = outcomes[min(len(same), len(outcomes) - 1)]
    if isinstance(outcome, str):
        raise type(outcome, (Exception,), {})(json.dumps({"what": outcome}))
    return outcome


def ended(event):
    refused = event.get("error") == "MoveRefusedError"
    return {"next": "moved" if "moved" in event else "refused" if refused else "unfinished"}


def looked(event, before):
    own = [e for e in before if e.get("workflow") == event["workflow"]]
    plan = next(e["plan"] for e in own if e["action"] == "begin")
    took = any((e["action"], e.get("step")) == ("shift", event["step"]) for e in own)
    last = event["step"] == len(plan["steps"]) - 1
    following = "finalize" if last else "next_step"
    return {"next": following if took else "shift", "wait_seconds": 0, "cause": None}


def begun(event):
    plan = event["plan"]
    steps = plan["steps"]
    return {
        "workflow": event["workflow"],
        "target": plan["target"],
        "reason": plan.get("reason"),
        "by": plan.get("by"),
        "percents": steps,
        "approvals": [percent in plan.get("approve_at", []) for percent in steps],
        "step": 0,
        "last": len(steps) - 1,
        "more": "that the state machine does not know",
    }
"""
PLAN: Mapping[str, Any] = {"target": "green", "steps": [5, 25, 100], "reason": "release 42", "by": "me"}


@dataclass(frozen=True)
class StandIn:
    """The function, and the state machine that drives it."""

    aws: LocalAws
    directory: Path
    function: str
    machine: str

    def script(self, outcomes: Mapping[str, Sequence[Any]]) -> None:
        """What it does from now on."""
        (self.directory / "script.json").write_text(json.dumps(outcomes), encoding="utf-8")

    def calls(self) -> list[dict[str, Any]]:
        """The events that it got, in order."""
        lines = (self.directory / "calls.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def called(self) -> list[str]:
        """The same, briefly: `shift:0`, `rollback`; but for `compare`, which each shift begins with."""
        return [
            f"{call['action']}:{call['step']}" if "step" in call else call["action"]
            for call in self.calls()
            if call["action"] != "compare"
        ]

    def start(self, plan: Mapping[str, Any] = PLAN, **more: Any) -> str:
        """Start a shift; returns the execution's ARN."""
        return start(self.aws, self.machine, plan, **more)

    def run(self, plan: Mapping[str, Any] = PLAN) -> dict[str, Any]:
        """A shift from its start to its end; returns the execution's description."""
        return ended(self.aws, self.start(plan))


def stand_in(aws: LocalAws, directory: Path, *, hurried: bool = False) -> StandIn:
    """A new one. `hurried`: everything is tried again once only, after a second at most."""
    (directory / "calls.jsonl").touch()
    (directory / "script.json").write_text("{}", encoding="utf-8")
    files = {"CALLS": str(directory / "calls.jsonl"), "SCRIPT": str(directory / "script.json")}
    function = create_function(aws, SOURCE, Environment={"Variables": files})
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{function}"
    # The same function is the mover, too.
    states = definition(
        function_arn=arn, function_timeout_seconds=20, mover=Mover(arn=arn, timeout_seconds=20)
    )
    document = json.loads(json.dumps(states.to_json()))
    if hurried:
        for retry in (r for state in document["States"].values() for r in state.get("Retry", ())):
            retry |= {"MaxAttempts": min(1, retry["MaxAttempts"]), "IntervalSeconds": 1}
    machine = aws.client("stepfunctions").create_state_machine(
        name=f"shift-{function}"[:80],
        definition=json.dumps(document),
        roleArn=role_of_machines(aws),
    )["stateMachineArn"]
    return StandIn(aws, directory, function, machine)
