"""State machines of a test: made, started, and watched until they have ended."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from embedded_aws import LocalAws

from packages.embedded_aws.tests.roles import role_of_anything

INVOKE = "arn:aws:states:::lambda:invoke"
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.05

Json = Mapping[str, Any]
T = TypeVar("T")


def role_of_machines(aws: LocalAws) -> str:
    """The role of all state machines, which may do anything."""
    return role_of_anything(aws.client("iam"), "workflow", "states.amazonaws.com")


def create_machine(aws: LocalAws, states: Mapping[str, Json], **more: Any) -> str:
    """A state machine that begins at the first of `states`; returns its ARN."""
    definition = {"StartAt": next(iter(states)), "States": states, **more}
    machine = aws.client("stepfunctions").create_state_machine(
        name=f"machine-{uuid.uuid4()}", definition=json.dumps(definition), roleArn=role_of_machines(aws)
    )
    return str(machine["stateMachineArn"])


def start(aws: LocalAws, machine: str, given: Any = None, **more: Any) -> str:
    """Start an execution; returns its ARN."""
    started = aws.client("stepfunctions").start_execution(
        stateMachineArn=machine, input=json.dumps(given or {}), **more
    )
    return str(started["executionArn"])


def describe(aws: LocalAws, execution: str) -> dict[str, Any]:
    """What DescribeExecution says now."""
    described = aws.client("stepfunctions").describe_execution(executionArn=execution)
    return {name: value for name, value in described.items() if name != "ResponseMetadata"}


def eventually(ask: Callable[[], T | None], what: str) -> T:
    """Ask again and again until there is an answer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(POLL_SECONDS)
    raise AssertionError(f"after {PATIENCE_SECONDS:.0f} s still no {what}")


def ended(aws: LocalAws, execution: str) -> dict[str, Any]:
    """Wait for the end of an execution; returns its description."""

    def has_ended() -> dict[str, Any] | None:
        described = describe(aws, execution)
        return described if described["status"] != "RUNNING" else None

    return eventually(has_ended, f"end of {execution}")


def run(aws: LocalAws, machine: str, given: Any = None) -> dict[str, Any]:
    """Start an execution and wait for its end."""
    return ended(aws, start(aws, machine, given))


def history(aws: LocalAws, execution: str) -> list[dict[str, Any]]:
    """The events of an execution so far."""
    events: list[dict[str, Any]] = aws.client("stepfunctions").get_execution_history(executionArn=execution)[
        "events"
    ]
    return events


def has_entered(aws: LocalAws, execution: str, state: str) -> None:
    """Wait until an execution has come to a state."""

    def entered() -> bool:
        return any(
            event.get("stateEnteredEventDetails", {}).get("name") == state
            for event in history(aws, execution)
        )

    eventually(entered, f"state {state} of {execution}")


def task(function: str, event: Json | None = None, **more: Any) -> dict[str, Any]:
    """A task that calls a function."""
    return {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": function, "Payload": event or {}},
        **more,
    }
