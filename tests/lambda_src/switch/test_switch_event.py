"""Events are understood whole or refused whole."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.switch.errors import ValidationError
from lambda_src.switch.event import REASON_LIMIT, parse_request
from lambda_src.switch.models import Action, Colour, Request

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
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        ({"action": "status"}, Request(Action.STATUS)),
        ({"action": "switch", "target": "green"}, Request(Action.SWITCH, Colour.GREEN, 100)),
        ({"action": "shift", "target": "blue", "percent": 0}, Request(Action.SHIFT, Colour.BLUE, 0)),
        ({"action": "rollback"}, Request(Action.ROLLBACK, None, 100)),
        (
            {"action": "rollback", "target": "blue", "reason": "errors rise, é 😀"},
            Request(Action.ROLLBACK, Colour.BLUE, 100, "errors rise, é 😀"),
        ),
    ],
)
def test_what_is_understood(event: object, request_: Request) -> None:
    assert parse_request(event) == request_


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
        ({"action": "switch", "target": "red"}, {("target", "is not a side")}),
        ({"action": "switch", "target": {}}, {("target", "is not a side")}),
        ({"action": "rollback", "target": None}, {("target", "is not a side")}),
        ({"action": "shift", "target": "green"}, {("percent", "is missing")}),
        ({"action": "shift", "target": "green", "percent": True}, {("percent", "is not an integer")}),
        ({"action": "shift", "target": "green", "percent": "50"}, {("percent", "is not an integer")}),
        ({"action": "shift", "target": "green", "percent": 50.0}, {("percent", "is not an integer")}),
        ({"action": "shift", "target": "green", "percent": -1}, {("percent", "is out of range")}),
        ({"action": "shift", "target": "green", "percent": 101}, {("percent", "is out of range")}),
        ({"action": "switch", "target": "green", "percent": 100}, {("percent", "does not belong to switch")}),
        ({"action": "rollback", "percent": 0}, {("percent", "does not belong to rollback")}),
        (
            {"action": "status", "target": "blue", "reason": "x"},
            {("target", "does not belong to status"), ("reason", "does not belong to status")},
        ),
        ({"action": "rollback", "reason": 5}, {("reason", "is not a string")}),
        ({"action": "rollback", "reason": "x" * 257}, {("reason", "has 257 characters")}),
        ({"action": "rollback", "reason": "a\nb"}, {("reason", "holds characters that can't be recorded")}),
        ({"action": "rollback", "reason": "\ud800"}, {("reason", "holds characters that can't be recorded")}),
        (
            {"action": "rollback", "reason": "{{ssm:x}}"},
            {("reason", "holds characters that can't be recorded")},
        ),
        (
            {"action": "shift", "target": "teal", "percent": 500, "reason": None, "force": True},
            {
                ("force", "is not a known key"),
                ("target", "is not a side"),
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


def test_error_is_a_json_document_that_says_what_where_why_and_how_to_mend_it() -> None:
    with pytest.raises(ValidationError) as refused:
        parse_request({"action": "shift", "target": "green", "percent": True})
    document = json.loads(str(refused.value))
    assert document["what"] == "percent is not an integer"
    assert all(document[key] for key in ("where", "why", "mend"))
    assert document["weights"] is None
    assert document["problems"] == [
        {
            "key": "percent",
            "value": "True",
            "problem": "is not an integer",
            "allowed": "an integer from 0 to 100: the weight of the target side",
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
    assert (request.target is None) <= (request.action in (Action.STATUS, Action.ROLLBACK))


@given(event=_json)
def test_anything_at_all_is_refused(event: object) -> None:
    with pytest.raises(ValidationError):
        parse_request(event)


@given(event=_valid, key=st.text(), value=_json)
def test_an_unknown_key_is_named(event: dict[str, Any], key: str, value: object) -> None:
    if key in {"action", "target", "percent", "reason"}:
        return
    with pytest.raises(ValidationError) as refused:
        parse_request(event | {key: value})
    assert (key[:80], "is not a known key") in {
        (problem.key, problem.problem) for problem in refused.value.problems
    }
