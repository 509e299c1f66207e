"""From options to the input of the state machine, or every mistake at once."""

from typing import Any

import pytest

from bluegreen.operate.shifting import PlanError, ShiftPlan, parse_plan

GOOD: dict[str, Any] = {
    "steps_text": "5,25,50,100",
    "bake": "10m",
    "approve_at": "50",
    "approval_timeout": "1h",
    "deadline": None,
    "reason": "release 42",
}


def plan(**changes: Any) -> ShiftPlan:
    return parse_plan("green", **(GOOD | changes))


def test_the_input_of_the_state_machine() -> None:
    assert plan(deadline="3h").to_json() == {
        "target": "green",
        "steps": [5, 25, 50, 100],
        "bake_seconds": 600,
        "approve_at": [50],
        "approval_timeout_seconds": 3600,
        "deadline_seconds": 10800,
        "reason": "release 42",
    }


def test_what_was_not_said_is_left_out() -> None:
    found = plan(approve_at=None, reason="").to_json()
    assert found["approve_at"] == []
    assert not {"deadline_seconds", "reason"} & found.keys()


def test_how_long_it_takes() -> None:
    assert plan().baking_seconds == 2400
    assert plan().deadline == 2400 + 3600 + 4 * 300
    assert plan(deadline="2h").deadline == 7200


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"steps_text": "5,50"}, "--steps 5,50: the last step is 50; add 100"),
        ({"bake": "10"}, "--bake 10: '10' is no span of time"),
        ({"bake": "25h"}, "--bake 25h: is out of range; allowed: 0s to 1d"),
        ({"approval_timeout": "0"}, "--approval-timeout 0: is out of range; allowed: 1s to 1d"),
        (
            {"approve_at": "40"},
            "--approve-at 40: is none of the steps 5, 25, 50, 100; name one of them",
        ),
        ({"approve_at": "50,50"}, "--approve-at: names a step twice; name each once"),
        ({"approve_at": "half"}, "--approve-at half: 'half' is not a share"),
        (
            {"deadline": "40m"},
            "--deadline 40m: is over before all steps have baked, 40m; make it longer",
        ),
        ({"deadline": "32d"}, "--deadline 32d: is out of range; allowed: 1s to 31d"),
        ({"reason": "x" * 257}, "has 257 characters; 256 are the most"),
        ({"reason": "a\nb"}, "holds characters that can't be recorded"),
        ({"reason": "{{ssm:/x}}"}, "holds characters that can't be recorded"),
    ],
    ids=str,
)
def test_each_mistake_says_where_what_and_how_to_mend_it(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(PlanError) as caught:
        plan(**changes)
    (found,) = caught.value.problems
    assert problem in found


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(PlanError) as caught:
        plan(steps_text="5", bake="soon", approval_timeout="2d", deadline="never", reason="\0")
    told = [problem.split(" ")[0] for problem in caught.value.problems]
    assert told == ["--steps", "--bake", "--approval-timeout", "--deadline", "--reason"]
