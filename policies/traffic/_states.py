"""The states of a state machine: what each calls, and where it leads."""

import json
from typing import Any

from stack_gate.stack import Block, Body, listed, objects, strings

from policies._switch import is_switch


def functions_of(named: list[Any], machine: Block) -> list[Block]:
    """The functions of the stack that a step invokes: by reference, or by a name in an ARN."""
    stack = machine.stack
    functions = stack.referred(named, "aws_lambda_function")
    for alias in stack.referred(named, "aws_lambda_alias"):
        functions += alias.refers("function_name", "aws_lambda_function")
    parts = {part for text in strings(named) for part in text.split(":")}
    return functions + [
        f for f in stack.resources("aws_lambda_function") if str(f.get("function_name")) in parts
    ]


def decoded(value: Any) -> Body | None:
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("States"), dict) else None


def reachable(states: dict[str, Any], waiting: list[str]) -> set[str]:
    found: set[str] = set()
    while waiting:  # each state once
        name = waiting.pop()
        if name in states and name not in found and isinstance(states[name], dict):
            found.add(name)
            waiting += ways(states[name])
    return found


def ways(state: Body) -> list[str]:
    found = [state, *objects(state.get("Choices")), *objects(state.get("Catch"))]
    return [str(way[key]) for way in found for key in ("Next", "Default") if way.get(key)]


def calls_switch(state: Body, machine: Block) -> bool:
    named = [state.get("Resource"), *callees(state)]
    return state.get("Type") == "Task" and any(map(is_switch, functions_of(named, machine)))


def callees(state: Body) -> list[Any]:
    """What a step calls a function by."""
    return [body.get("FunctionName") for body in parameters(state)]


def parameters(state: Body) -> list[Body]:
    return [*objects(state.get("Parameters")), *objects(state.get("Arguments"))]


def action(state: Body) -> str | None:
    for body in parameters(state):
        for payload in objects(body.get("Payload")):
            found = strings(payload.get("action"))
            return found[0] if found else None
    return None


def caught(state: Body) -> list[str]:
    """Where any failure of a step leads, from the first catch of all."""
    found = [
        str(c.get("Next"))
        for c in objects(state.get("Catch"))
        if "States.ALL" in listed(c.get("ErrorEquals"))
    ]
    return found[:1]
