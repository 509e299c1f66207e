"""Events are understood whole or refused whole."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.contract.actions import Action
from lambda_src.contract.errors import ValidationError
from lambda_src.contract.event import parse_request as parse
from lambda_src.contract.fields import FIELDS
from lambda_src.contract.limits import REASON_LIMIT
from lambda_src.contract.request import Plan, Request
from lambda_src.contract.values import Colour

PLAN = {"target": "green", "steps": [5, 50, 100], "bake_seconds": 60}

_reasons = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="{}"), max_size=REASON_LIMIT
)
_targets = st.sampled_from(["blue", "green"])
_valid = st.one_of(
    st.fixed_dictionaries({"action": st.just("status")}),
    st.fixed_dictionaries({"action": st.just("switch"), "target": _targets}, optional={"reason": _reasons}),
    st.fixed_dictionaries(
        {"action": st.just("shift"), "target": _targets, "percent": st.integers(0, 100)},
        optional={"reason": _reasons},
    ),
    st.fixed_dictionaries({"action": st.just("rollback")}, optional={"target": _targets, "reason": _reasons}),
)


def parse_request(event: object) -> Request:
    return parse(event, "lambda")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        ({"action": "status"}, Request(Action.STATUS, "lambda")),
        ({"action": "switch", "target": "green"}, Request(Action.SWITCH, "lambda", Colour.GREEN, 100)),
        (
            {"action": "shift", "target": "blue", "percent": 0, "request_id": "mine", "by": "alice"},
            Request(Action.SHIFT, "mine", Colour.BLUE, 0, by="alice"),
        ),
        ({"action": "rollback"}, Request(Action.ROLLBACK, "lambda", None, 100)),
        (
            {"action": "rollback", "target": "blue", "reason": "errors rise, é 😀"},
            Request(Action.ROLLBACK, "lambda", Colour.BLUE, 100, "errors rise, é 😀"),
        ),
        (
            {"action": "rollback", "force": True, "reason": "why"},
            Request(Action.ROLLBACK, "lambda", force=True, reason="why"),
        ),
        (
            {"action": "rollback", "workflow": "w", "cause": "x" * 50_000 + "\n\x00"},
            Request(Action.ROLLBACK, "w/rollback", workflow="w", cause="x" * 399 + "…", raw_cause="x" * 2000),
        ),
        ({"action": "history", "limit": 50}, Request(Action.HISTORY, "lambda", limit=50)),
        (
            {"action": "begin", "workflow": "w", "plan": PLAN},
            Request(Action.BEGIN, "w/begin", workflow="w", plan=Plan(Colour.GREEN, (5, 50, 100), 60)),
        ),
        (
            {"action": "begin", "workflow": "w", "plan": PLAN | {"approve_at": [50, 5, 5], "reason": "r"}},
            Request(
                Action.BEGIN,
                "w/begin",
                workflow="w",
                plan=Plan(Colour.GREEN, (5, 50, 100), 60, approve_at=(5, 50), reason="r"),
            ),
        ),
        (
            {"action": "shift", "target": "green", "percent": 5, "workflow": "w", "step": 0},
            Request(Action.SHIFT, "w/shift/0", Colour.GREEN, 5, workflow="w"),
        ),
        (
            {"action": "verify", "workflow": "w", "step": 2},
            Request(Action.VERIFY, "lambda", workflow="w", step=2),
        ),
    ],
)
def test_what_is_understood(event: object, request_: Request) -> None:
    assert parse_request(event) == request_
    assert request_.percent == 100 or request_.action is Action.SHIFT


@pytest.mark.parametrize(
    ("event", "problems"),
    [
        (None, {("event", "is not a JSON object")}),
        (["status"], {("event", "is not a JSON object")}),
        ({}, {("action", "is missing")}),
        ({"action": None}, {("action", "is not an action")}),
        ({"action": ["switch"], "target": "green"}, {("action", "is not an action")}),
        ({"action": "SWITCH", "target": "green"}, {("action", "is not an action")}),
        ({"action": "switch"}, {("target", "is missing")}),
        ({"action": "switch", "target": "red"}, {("target", "is not a colour")}),
        ({"action": "switch", "target": {}}, {("target", "is not a colour")}),
        ({"action": "rollback", "target": None}, {("target", "is not a colour")}),
        ({"action": "shift", "target": "green"}, {("percent", "is missing")}),
        ({"action": "shift", "target": "green", "percent": True}, {("percent", "is not an integer")}),
        ({"action": "shift", "target": "green", "percent": "50"}, {("percent", "is not an integer")}),
        ({"action": "shift", "target": "green", "percent": 50.0}, {("percent", "is not an integer")}),
        ({"action": "shift", "target": "green", "percent": -1}, {("percent", "is out of range")}),
        ({"action": "shift", "target": "green", "percent": 101}, {("percent", "is out of range")}),
        ({"action": "switch", "target": "green", "percent": 100}, {("percent", "does not belong to switch")}),
        ({"action": "rollback", "percent": 0}, {("percent", "does not belong to rollback")}),
        (
            {"action": "status", "target": "blue", "percent": 1},
            {("target", "does not belong to status"), ("percent", "does not belong to status")},
        ),
        ({"action": "freeze"}, {("reason", "is missing")}),
        ({"action": "freeze", "reason": ""}, {("reason", "is missing")}),
        ({"action": "rollback", "force": True}, {("reason", "is missing")}),
        ({"action": "rollback", "force": "yes"}, {("force", "is neither true nor false")}),
        ({"action": "history", "limit": 0}, {("limit", "is out of range")}),
        ({"action": "status", "request_id": ""}, {("request_id", "is malformed")}),
        ({"action": "status", "request_id": "a#1"}, {("request_id", "is malformed")}),
        ({"action": "switch", "target": "green", "request_id": "w/begin"}, {("request_id", "is malformed")}),
        (
            {"action": "finalize", "workflow": "w", "request_id": "mine"},
            {("request_id", "does not belong to a workflow's request, which has an id of its own")},
        ),
        (
            {"action": "shift", "target": "green", "percent": 100, "hold_seconds": 60},
            {("hold_seconds", "does not belong to a request that leaves no share to be held")},
        ),
        (
            {
                "action": "shift",
                "target": "green",
                "percent": 5,
                "workflow": "w",
                "step": 0,
                "hold_seconds": 60,
            },
            {("hold_seconds", "does not belong to a request that leaves no share to be held")},
        ),
        (
            {"action": "ask", "workflow": "w", "step": 0, "task_token": "t"},
            {("task_token", "is not a known key")},
        ),
        ({"action": "status", "by": "x" * 129}, {("by", "has 129 characters")}),
        ({"action": "shift", "target": "green", "percent": 5, "workflow": "w"}, {("step", "is missing")}),
        ({"action": "shift", "target": "green", "percent": 5, "step": 1}, {("workflow", "is missing")}),
        (
            {"action": "verify", "workflow": "a b", "step": 50},
            {("workflow", "is malformed"), ("step", "is out of range")},
        ),
        ({"action": "begin"}, {("workflow", "is missing"), ("plan", "is missing")}),
        ({"action": "begin", "workflow": "w", "plan": []}, {("plan", "is not a JSON object")}),
        (
            {"action": "begin", "workflow": "w", "plan": {}},
            {
                ("plan.target", "is missing"),
                ("plan.steps", "is missing"),
                ("plan.bake_seconds", "is missing"),
            },
        ),
        *(
            ({"action": "begin", "workflow": "w", "plan": PLAN | {"steps": steps}}, {("plan.steps", problem)})
            for steps, problem in (
                ("5,100", "is not a list of percentages"),
                ([0, 100], "is not a list of percentages"),
                ([True, 100], "is not a list of percentages"),
                ([5.0, 100], "is not a list of percentages"),
                ([], "has 0 steps"),
                ([50, 5, 100], "does not rise"),
                ([50, 50, 100], "does not rise"),
                ([5, 50], "ends at 50"),
            )
        ),
        (
            {
                "action": "begin",
                "workflow": "w",
                "plan": PLAN | {"approve_at": [7], "bake_seconds": 1},
            },
            {("plan.approve_at", "are no steps")},
        ),
        (
            {
                "action": "begin",
                "workflow": "w",
                "plan": PLAN
                | {"bake_seconds": -1, "approval_timeout_seconds": 0, "deadline_seconds": "1h", "speed": 1},
            },
            {
                ("plan.bake_seconds", "is out of range"),
                ("plan.approval_timeout_seconds", "is out of range"),
                ("plan.deadline_seconds", "is not an integer"),
                ("plan.speed", "is not a known key"),
            },
        ),
        ({"action": "rollback", "reason": 5}, {("reason", "is not a string")}),
        ({"action": "rollback", "reason": "x" * 257}, {("reason", "has 257 characters")}),
        ({"action": "freeze", "reason": "  "}, {("reason", "is blank")}),
        ({"action": "rollback", "reason": "a\nb"}, {("reason", "holds characters that can't be recorded")}),
        ({"action": "rollback", "reason": "\ud800"}, {("reason", "holds characters that can't be recorded")}),
        (
            {"action": "rollback", "reason": "{{ssm:x}}"},
            {("reason", "holds characters that can't be recorded")},
        ),
        (
            {"action": "shift", "target": "teal", "percent": 500, "reason": None, "speed": True},
            {
                ("speed", "is not a known key"),
                ("target", "is not a colour"),
                ("percent", "is out of range"),
                ("reason", "is not a string"),
            },
        ),
    ],
)
def test_what_is_refused_and_that_all_problems_are_named(
    event: object, problems: set[tuple[str, str]]
) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_request(event)
    assert {(problem.key, problem.problem) for problem in refused.value.problems} == problems


def test_error_is_a_json_document_that_says_what_where_why_and_what_to_do() -> None:
    with pytest.raises(ValidationError) as refused:
        parse_request({"action": "shift", "target": "green", "percent": True})
    document = json.loads(str(refused.value))
    assert document["what"] == "percent is not an integer"
    assert all(document[key] for key in ("where", "cause", "fix"))
    assert document["weights"] is None
    assert document["problems"] == [
        {
            "key": "percent",
            "value": "True",
            "problem": "is not an integer",
            "allowed": "an integer from 0 to 100: the weight of the target colour",
        }
    ]


def test_large_and_deep_values_are_shortened_in_the_error() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(ValidationError) as refused:
        parse_request({"action": "x" * 100_000, "target": deep, "percent": "9" * 100_000, "k" * 100_000: 0})
    assert len(str(refused.value)) < 2000


@given(event=_valid)
def test_every_valid_event_is_understood_as_written(event: dict[str, Any]) -> None:
    request = parse_request(event)
    assert request.action == event["action"]
    assert request.target == event.get("target")
    assert request.percent == event.get("percent", 100)
    assert request.reason == event.get("reason", "")


def understood(event: object) -> Request | None:
    try:
        return parse_request(event)
    except ValidationError:
        return None


@given(
    event=_valid, key=st.sampled_from(["action", "target", "percent", "reason"]), value=_json, data=st.data()
)
def test_an_event_with_one_broken_value_is_refused_or_still_valid(
    event: dict[str, Any], key: str, value: object, data: st.DataObject
) -> None:
    """Whatever comes in: a Request within its bounds, or a ValidationError; never anything else."""
    broken = dict(event)
    if data.draw(st.booleans()):
        broken[key] = value
    else:
        broken.pop(key, None)
    request = understood(broken)
    if request is None:
        return
    assert type(request.percent) is int
    assert 0 <= request.percent <= 100
    assert (request.target is None) <= (request.action not in (Action.SWITCH, Action.SHIFT))


@given(event=_json)
def test_anything_at_all_is_refused(event: object) -> None:
    with pytest.raises(ValidationError):
        parse_request(event)


@given(event=_valid, key=st.text(), value=_json)
def test_an_unknown_key_is_named(event: dict[str, Any], key: str, value: object) -> None:
    if key in {"plan", *FIELDS, "action"}:
        return
    with pytest.raises(ValidationError) as refused:
        parse_request(event | {key: value})
    assert (key[:80], "is not a known key") in {
        (problem.key, problem.problem) for problem in refused.value.problems
    }


@pytest.mark.parametrize(
    "event",
    [
        {"action": "begin", "workflow": "w", "plan": PLAN},
        {"action": "shift", "workflow": "w", "step": 0, "target": "green", "percent": 5},
        {"action": "finalize", "workflow": "w"},
        {"action": "rollback", "workflow": "w"},
    ],
    ids=lambda event: event["action"],
)
def test_the_id_of_a_workflow_s_request_is_none_that_a_caller_can_send(event: dict[str, Any]) -> None:
    """Else a caller could have a step answered as done that never was."""
    id_ = parse_request(event).id
    with pytest.raises(ValidationError):
        parse_request({"action": "status", "request_id": id_})
