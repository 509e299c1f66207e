"""Causes are one sentence, whatever Step Functions, Lambda or EventBridge hand over."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_src.contract.cause import SENTENCE_LIMIT, sentence
from lambda_src.contract.errors import GatesNotPassedError
from lambda_src.contract.values import Colour, Verdict
from lambda_src.switch.gates import require

TRACEBACK = "Traceback (most recent call last):\n  File \"/var/task/x.py\", line 3, in f\nKeyError: 'look'\n"


def of_lambda(error_type: str, message: str) -> str:
    """As Lambda answers an exception of Python."""
    return json.dumps(
        {"errorMessage": message, "errorType": error_type, "requestId": "1", "stackTrace": ["x"]}
    )


def of_states(error: str, cause: str = "") -> str:
    """As a Catch of the state machine passes it on."""
    return json.dumps({"Error": error, "Cause": cause})


def refusal() -> str:
    verdict = Verdict("alarms", False, "payments-green is ALARM for 3 s", "OK", Colour.GREEN)
    with pytest.raises(GatesNotPassedError) as raised:
        require([verdict], "leaving traffic on green")
    return str(raised.value)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            of_states("GatesNotPassedError", of_lambda("GatesNotPassedError", refusal())),
            "alarms of green: payments-green is ALARM for 3 s, wanted: OK",
        ),
        (
            of_states("KeyError", of_lambda("KeyError", "'look'")),
            "the switch function failed: KeyError: 'look'",
        ),
        (
            of_states(
                "Sandbox.Timedout", of_lambda("Sandbox.Timedout", "Task timed out after 60.00 seconds")
            ),
            "the switch function failed: Sandbox.Timedout: Task timed out after 60.00 seconds",
        ),
        (of_states("States.Timeout"), "a call of the switch function took longer than its state allows"),
        (of_states("States.Runtime", "no such path\nmore"), "States.Runtime: no such path"),
        (of_states("KeyError", TRACEBACK), "KeyError: KeyError: 'look'"),
        (TRACEBACK, "KeyError: 'look'"),
        ("ABORTED", "the execution was stopped (StopExecution)"),
        ("TIMED_OUT", "the execution ran longer than its state machine allows"),
        ("FAILED", "the execution failed by an error that no state handles"),
        ("complaints from support", "complaints from support"),
        ("", ""),
    ],
)
def test_a_cause_in_words(raw: str, said: str) -> None:
    assert sentence(raw) == said


_text: st.SearchStrategy[Any] = st.text(max_size=40) | st.just(TRACEBACK) | st.just("x" * 2000)
_documents = st.recursive(
    _text,
    lambda inner: st.dictionaries(
        st.sampled_from(["Error", "Cause", "errorType", "errorMessage", "what", "other"]), inner
    ).map(json.dumps),
    max_leaves=6,
)


@given(raw=_documents | st.text())
@settings(max_examples=500, deadline=None)
def test_it_is_one_printable_line_and_no_traceback(raw: str) -> None:
    said = sentence(raw)
    assert len(said) <= SENTENCE_LIMIT
    assert said.isprintable()
    assert 'File "' not in said


def test_what_goes_on_for_ever_ends() -> None:
    raw = "{}"
    for _ in range(8):  # each level doubles the backslashes
        raw = of_states("Error", raw)
    assert len(sentence(raw)) <= SENTENCE_LIMIT
