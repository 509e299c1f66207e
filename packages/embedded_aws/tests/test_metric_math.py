"""Metric math: what the platform's alarms say, and that anything else is refused."""

import math

import pytest
from embedded_aws.extensions.metric_math import MathError, Series, evaluate
from hypothesis import given
from hypothesis import strategies as st

PERIODS = (0, 60, 120)
METRICS: dict[str, Series] = {
    "errors": {60: 5.0},
    "requests": {0: 10.0, 60: 20.0},
    "nothing": {0: 0.0, 60: 0.0, 120: 0.0},
    "none": {},
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("requests", {0: 10, 60: 20}),
        ("100 * FILL(errors, 0) / requests", {0: 0, 60: 25}),
        ("100 * FILL(errors, 0) / SUM([FILL(errors, 0), FILL(requests, 0)])", {0: 0, 60: 20}),
        ("SUM([FILL(errors, 0), FILL(none, 0)])", {0: 0, 60: 5, 120: 0}),
        ("SUM([errors, requests])", {0: 10, 60: 25}),
        ("MAX([errors, requests]) - MIN([errors, requests])", {0: 0, 60: 15}),
        ("errors + requests", {60: 25}),
        ("requests / nothing", {}),
        ("requests / SUM(requests)", {0: 10 / 30, 60: 20 / 30}),
        ("AVG(requests) + 0 * nothing", {0: 15, 60: 15, 120: 15}),
        ("(1 + 2) * 3", dict.fromkeys(PERIODS, 9)),
    ],
)
def test_an_expression_gives_a_series(expression: str, expected: Series) -> None:
    assert evaluate(expression, METRICS, PERIODS) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "1 +",
        "unknown",
        "[errors, requests]",
        "[errors] * 2",
        "FILL(errors)",
        "FILL(errors, LINEAR)",
        "FILL(1, 0)",
        "SUM(1)",
        "SUM(none)",
        "RATE(requests)",
        "1 / 0",
        "errors.__class__",
        "errors ** 2",
        "'text'",
    ],
)
def test_what_is_not_known_is_refused(expression: str) -> None:
    with pytest.raises(MathError):
        evaluate(expression, METRICS, PERIODS)


@given(st.text(alphabet="SUMFIL()[],+-*/ 01ab.", max_size=30))
def test_any_text_is_an_expression_or_is_refused(text: str) -> None:
    try:
        series = evaluate(text, {"a": {0: 1.0}, "b": {0: 2.0, 60: 0.0}}, PERIODS)
    except MathError:
        return
    assert set(series) <= set(PERIODS)
    assert all(not math.isnan(value) for value in series.values())
