"""The workflow moves traffic, and rolls back when a step fails."""

import re
from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, Body, objects, strings

from policies._policy import ResourcePolicy
from policies._switch import Switches, is_switch
from policies.traffic._course import astray
from policies.traffic._states import (
    action,
    callees,
    calls_switch,
    caught,
    decoded,
    functions_of,
    reachable,
    ways,
)

_INVOKE = (":lambda:invoke", ":lambda:invoke.waitForTaskToken")
_WORD = re.compile(r"[a-z]\w{0,63}")
_NAME = re.compile(r"[A-Za-z_][\w.]{0,127}")  # of an exception's class, perhaps with its service
_LAST = ("Succeed", "Fail")
_ERRORS = frozenset(
    f"States.{name}"
    for name in (
        "ALL", "BranchFailed", "DataLimitExceeded", "ExceedToleratedFailureThreshold", "HeartbeatTimeout",
        "Http.Socket",
        "IntrinsicFailure", "ItemReaderFailed", "NoChoiceMatched", "ParameterPathFailure", "Permissions",
        "QueryEvaluationError", "ResultPathMatchFailure", "ResultWriterFailed", "Runtime", "TaskFailed",
        "Timeout",
    )
)  # fmt: skip
_SHIFT, _BACK = "shift", ("rollback", "withdraw")


class WorkflowShiftsAndRollsBack(ResourcePolicy):
    policy = "CKV_BG_316"
    title = "The state machine calls the switch function, and each step that moves traffic has a way back"
    requirement = "R29"
    pci = "6.5.1"
    severity = "CRITICAL"
    why = (
        "A shift that fails in the middle leaves clients on the failing colour, or a shift is reported that "
        "never was"
    )
    fix = (
        "catch States.ALL of each step that shifts, and go to a task that calls the switch function with "
        "rollback"
    )
    types = ("aws_sfn_state_machine",)

    def defects(self, resource: Block) -> Iterator[str]:
        if not resource.stack.derived(Switches).known:
            return
        definition = decoded(resource.get("definition"))
        if definition is None:
            yield "has a definition that can't be read"
            return
        states = definition.get("States") or {}
        reached = reachable(states, [str(definition.get("StartAt"))])
        calling = {name for name in reached if calls_switch(states[name], resource)}
        if not calling:
            yield "never calls the switch function"
            return
        backs = {name for name in calling if action(states[name]) in _BACK}
        moving = [
            name for name in calling if name not in backs and action(states[name]) in (_SHIFT, None, "switch")
        ]
        if not moving:
            yield "never shifts"
        yield from _lost(definition, states, reached, resource)
        yield from astray(resource, definition, reached, backs, set(moving))
        for name in sorted(moving):
            if not caught(states[name]):
                yield f"has the step {name} without a catch of States.ALL"
            elif not all(backs & reachable(states, [after]) for after in caught(states[name])):
                yield f"has the step {name}, after whose failure nothing is rolled back"


def _lost(definition: Body, states: dict[str, Any], reached: set[str], machine: Block) -> Iterator[str]:
    """Steps that call nothing of the stack, ask for nothing that the code knows, or lead nowhere."""
    asked_for = {
        function.key
        for state in states.values()
        if isinstance(state, dict) and action(state) is not None
        for function in functions_of(callees(state), machine)
    }
    for name in sorted(reached):
        state = states[name]
        lost = [target for target in ways(state) if target not in states]
        if lost:
            yield f"has the step {name}, which leads to {lost[0]}, and that is no step"
        yield from (f"has the step {name}, {what}" for what in _unfinished(state))
        runs = str(state.get("Resource"))
        if (
            state.get("Type") == "Task"
            and ":states:::" in runs
            and not any(invoke in runs for invoke in _INVOKE)
        ):
            yield f"has the step {name}, which runs {runs}, no function"
        if state.get("Type") != "Task" or not runs.endswith(_INVOKE):
            continue
        invoked = callees(state)
        functions = functions_of(invoked, machine)
        if not functions and "${aws_" not in str(invoked):  # Terraform refuses what is not there
            yield f"has the step {name}, which calls {invoked[:1]}, no function of the stack"
        asked = action(state)
        if (asked is not None and not _WORD.fullmatch(asked)) or (
            asked is None and any(is_switch(each) or each.key in asked_for for each in functions)
        ):
            yield f"has the step {name}, which asks for {asked or 'nothing'}"
    if str(definition.get("StartAt")) not in states:
        yield f"starts at {definition.get('StartAt')}, which is no step"


def _unfinished(state: Body) -> Iterator[str]:
    """Source: Amazon States Language, "States", "Choice State" and "Errors"."""
    kind = state.get("Type")
    if kind == "Choice":
        choices = objects(state.get("Choices"))
        if not choices or not all(choice.get("Next") for choice in choices) or not state.get("Default"):
            yield "which leads nowhere for some input"
    elif kind not in _LAST and not state.get("Next") and state.get("End") is not True:
        yield "which leads nowhere"
    for catch in objects(state.get("Catch")):
        errors = strings(catch.get("ErrorEquals"))
        if not catch.get("Next") or not errors:
            yield "which catches an error and leads nowhere"
        yield from (
            f"which catches {error}, and that is no error" for error in errors if not _is_error(error)
        )


def _is_error(name: str) -> bool:
    return name in _ERRORS if name.startswith("States.") else bool(_NAME.fullmatch(name))


check = WorkflowShiftsAndRollsBack()
