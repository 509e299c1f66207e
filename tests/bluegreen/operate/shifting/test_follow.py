"""Looking at a shift, with answers that fail now and then."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from bluegreen.aws import Access
from bluegreen.operate import workflow
from bluegreen.operate.client import OutcomeUnknownError, SwitchFunction
from bluegreen.operate.shifting import Observation, follow, watch
from bluegreen.operate.workflow import NoExecutionError, ShiftMachine
from tests.bluegreen.answering import Answer, answering_in_turn

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:payments-shift"
STATUS: dict[str, Any] = {"workflow": {"id": "shift-1"}}
SILENCE: Answer = None


def described(status: str) -> Answer:
    found = {
        "executionArn": "arn",
        "stateMachineArn": ARN,
        "name": "shift-1",
        "status": status,
        "startDate": 0,
    }
    return 200, json.dumps(found).encode()


@contextmanager
def looking(
    executions: Sequence[Answer], pauses: list[float]
) -> Iterator[tuple[Iterator[Observation], list[str], list[str]]]:
    """Observations while Step Functions gives these answers in turn; what it and the function were asked."""
    with (
        answering_in_turn(executions) as (states, described_by),
        answering_in_turn([(200, json.dumps(STATUS).encode())]) as (function, asked),
    ):
        machine = ShiftMachine(ARN, Access("us-east-1", states, KEYS))
        switch = SwitchFunction("payments", "us-east-1", function, KEYS)
        yield watch(switch, machine, "shift-1", interval=5, pause=pauses.append), described_by, asked


@pytest.fixture(autouse=True)
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look fails at once."""
    monkeypatch.setattr(workflow, "PAUSES_SECONDS", ())


def test_it_looks_until_the_end_and_reads_the_status_after_it() -> None:
    pauses: list[float] = []
    with looking([described("RUNNING"), described("RUNNING"), described("SUCCEEDED")], pauses) as found:
        seen = [(look.execution and look.execution.status, look.workflow("shift-1")) for look in found[0]]
        assert (len(found[1]), len(found[2])) == (3, 3)
    assert seen == [(status, STATUS["workflow"]) for status in ("RUNNING", "RUNNING", "SUCCEEDED")]
    assert pauses == [5, 5]


def test_looks_that_fail_show_what_was_known_and_why() -> None:
    with looking([described("RUNNING"), SILENCE, described("FAILED")], []) as (looks, *_):
        first, second, third = looks
    assert (first.trouble, third.trouble) == (None, None)
    assert second.trouble is not None
    assert "gave no answer" in second.trouble
    assert (second.execution, second.status) == (first.execution, STATUS)


def test_its_patience_ends() -> None:
    with looking([SILENCE], []) as (looks, asked, _), pytest.raises(OutcomeUnknownError):
        list(looks)
    assert len(asked) == follow.PATIENCE


def test_a_success_renews_its_patience() -> None:
    nearly = [SILENCE] * (follow.PATIENCE - 1)
    answers = [*nearly, described("RUNNING"), *nearly, described("SUCCEEDED")]
    with looking(answers, []) as (looks, *_):
        assert len(list(looks)) == len(answers)


def test_a_shift_that_never_was_is_not_waited_for() -> None:
    missing: Answer = (400, json.dumps({"__type": "ExecutionDoesNotExist", "message": "no"}).encode())
    with looking([missing], []) as (looks, asked, _), pytest.raises(NoExecutionError):
        list(looks)
    assert len(asked) == 1
