"""Where the steps of a shift lead: after a failure, after a rollback, and for an answer that says so.

Sources: Amazon States Language, "Errors", "Choice State", "Timeouts"; Step Functions developer guide,
"Choosing workflow type" (an express workflow ends after five minutes, and sends no event when it ends).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stack_gate.stack import COLOURS, Block, Body, listed, number, objects, strings

from policies.traffic._states import action, callees, caught, functions_of, parameters, reachable

_LOOKS = frozenset({"ask", "verify", "finalize"})  # asked while a share of the traffic is on the target
_SAYS_BACK = re.compile(r"(?i)roll.?(ed.?)?back|abort|fail|refus|unhealthy|alarm")
_LEAST, _LONGEST = 3, 600  # attempts of a rollback; seconds between two of them
_DEFAULT_ATTEMPTS, _DEFAULT_TIMEOUT = 3, 3


@dataclass(frozen=True)
class _Course:
    """A definition, and which of its states that are reached move traffic, and move it back."""

    machine: Block
    definition: Body
    states: dict[str, Any]
    reached: set[str]
    backs: set[str]
    moving: set[str]

    def at(self, name: str) -> Body:
        found = self.states.get(name)
        return found if isinstance(found, dict) else {}

    def first(self, name: str) -> set[str]:
        """The tasks and ends that come first at a state, or after it: it may be one."""
        found: set[str] = set()
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            if self.at(name).get("Type") in ("Task", "Succeed", "Fail", "Map", "Parallel"):
                found.add(name)
            else:
                waiting += _forward(self.at(name))
        return found

    def ahead(self, name: str) -> set[str]:
        """What comes after a state where nothing fails."""
        found: set[str] = set()
        waiting = _forward(self.at(name))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += _forward(self.at(name))
        return found

    def succeeds(self, name: str) -> bool:
        return self.at(name).get("Type") == "Succeed"

    def goes_on(self, name: str) -> bool:
        """Whether it ends well, or takes the shift further."""
        return self.succeeds(name) or name in self.moving or action(self.at(name)) == "finalize"


def astray(
    machine: Block, definition: Body, reached: set[str], backs: set[str], moving: set[str]
) -> Iterator[str]:
    """What is wrong with the ways between the states."""
    course = _Course(machine, definition, definition["States"], reached, backs, moving)
    for name in sorted(course.states.keys() - reached):
        yield f"has the step {name}, to which no step leads"
    if machine.get("type") == "EXPRESS":
        yield "is an express workflow, which ends after five minutes without an event"
    for name in sorted(reached):
        state = course.at(name)
        found = [*_failing(course, name, state), *_deciding(course, state), *_calling(course, state)]
        if name in backs:
            found += _going_back(course, name, state)
        yield from (f"has the step {name}, {what}" for what in dict.fromkeys(found))
    yield from _in_time(course)


def _forward(state: Body) -> list[str]:
    ways = [state, *objects(state.get("Choices"))]
    return [str(way[key]) for way in ways for key in ("Next", "Default") if way.get(key)]


def _failing(course: _Course, name: str, state: Body) -> Iterator[str]:
    """A failure ends the shift, or rolls it back: it does not go on."""
    ahead = course.ahead(name) if state.get("Catch") else set()
    for catch in objects(state.get("Catch")):
        target = str(catch.get("Next"))
        everything = "States.ALL" in listed(catch.get("ErrorEquals"))
        first = course.first(target)
        same = target == state.get("Next") and course.at(target).get("Type") != "Fail"
        if everything and (same or any(map(course.succeeds, first))):
            yield f"whose failure goes on to {target} as if there were none"
        elif any(step in ahead and step not in course.backs for step in first if _is_task(course.at(step))):
            yield f"whose failure leads to {target}, and so back into the shift"
    if action(state) in _LOOKS and callees(state) and course.backs and name in _after(course):
        ends = caught(state)
        if not ends or not course.backs & reachable(course.states, ends):
            yield "after whose failure nothing is rolled back"


def _after(course: _Course) -> set[str]:
    return set().union(*(course.ahead(name) for name in course.moving)) if course.moving else set()


def _deciding(course: _Course, state: Body) -> Iterator[str]:
    """An answer that says that it failed, and one that is not known, are no success."""
    if state.get("Type") != "Choice":
        return
    ends: set[str] = set()
    for choice in objects(state.get("Choices")):
        first = course.first(str(choice.get("Next")))
        ends |= first
        said = [text for key, text in choice.items() if key.startswith("StringEquals")]
        if any(_SAYS_BACK.search(str(text)) for text in said) and any(map(course.goes_on, first)):
            yield f"which goes on to {choice.get('Next')} when the answer is {said[0]}"
    default = str(state.get("Default"))
    stops = any(end in course.backs or course.at(end).get("Type") == "Fail" for end in ends)
    if stops and any(map(course.goes_on, course.first(default))):
        yield f"which goes on to {default} for an answer that it does not know"


def _calling(course: _Course, state: Body) -> Iterator[str]:
    """The answer of the function is waited for, and comes from where the other steps get theirs."""
    for body in parameters(state):
        asynchronous = body.get("InvocationType")
        if callees(state) and asynchronous not in (None, "RequestResponse"):
            yield f"which invokes by {asynchronous}, and does not wait for the answer"
    yield from _always(course, state)
    functions = functions_of(callees(state), course.machine)
    if not functions:
        return
    timeout = number(state.get("TimeoutSeconds"))
    longest = max(number(f.get("timeout")) or _DEFAULT_TIMEOUT for f in functions)
    if timeout is not None and timeout < longest:
        yield f"which waits {timeout:g} s for a function that may take {longest:g} s"
    others = [
        course.at(name) for name in course.reached if functions_of(callees(course.at(name)), course.machine)
    ]
    asked = action(state)
    for other in others:
        theirs = functions_of(callees(other), course.machine)
        if asked and asked == action(other) and not any(f in theirs for f in functions):
            yield f"which asks for {asked} of another function than another step does"
        past = not course.machine.stack.referred(callees(state), "aws_lambda_alias")
        if past and course.machine.stack.referred(callees(other), "aws_lambda_alias") and theirs == functions:
            yield "which calls the function past the alias that another step calls"


def _always(course: _Course, state: Body) -> Iterator[str]:
    """A step that is taken again and again moves the same share each time, or to the same colour."""
    payloads = [payload for body in parameters(state) for payload in objects(body.get("Payload"))]
    alone = len(course.machine.stack.resources("aws_sfn_state_machine")) == 1
    for payload in payloads:
        if payload.get("target") in COLOURS and alone:
            yield f"which goes to {payload['target']}, whatever is asked for"
        name = next((name for name in course.moving if course.at(name) is state), None)
        if name and name in course.ahead(name) and number(payload.get("percent")) is not None:
            yield f"which is taken again, and shifts {payload['percent']} % each time"


def _going_back(course: _Course, name: str, state: Body) -> Iterator[str]:
    """A rollback is tried again, is the end of the shift, and no success where a failure led to it."""
    retries = [
        retry
        for retry in objects(state.get("Retry"))
        if _attempts(retry) >= _LEAST and (number(retry.get("IntervalSeconds")) or 1) <= _LONGEST
    ]
    if not retries:
        yield "which is not tried again when it fails"
    if course.moving & course.ahead(name):
        yield "after which the shift goes on"
    after_failure = any(
        name in course.first(end) for step in course.reached for end in caught(course.at(step))
    )
    nexts = set().union(*map(course.first, _forward(state))) if _forward(state) else set()
    if after_failure and any(map(course.succeeds, nexts)):
        yield "after which the shift is reported as a success"


def _attempts(retry: Body) -> float:
    found = number(retry.get("MaxAttempts"))
    return _DEFAULT_ATTEMPTS if found is None else found


def _in_time(course: _Course) -> Iterator[str]:
    """The whole may take as long as any step of it."""
    whole = number(course.definition.get("TimeoutSeconds"))
    steps = [number(course.at(name).get(key)) or 0 for name in course.reached for key in _DURATIONS]
    if whole is not None and steps and whole < max(steps):
        yield f"ends after {whole:g} s, before a step of {max(steps):g} s has"


_DURATIONS = ("TimeoutSeconds", "Seconds")


def _is_task(state: Body) -> bool:
    return state.get("Type") == "Task" and bool(strings(callees(state)))
