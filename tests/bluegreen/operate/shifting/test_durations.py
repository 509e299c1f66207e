"""Spans of time, as people write them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.operate.shifting.durations import parse, words


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("0s", 0), ("90s", 90), ("10m", 600), ("1h30m", 5400), (" 2H ", 7200), ("1d1s", 86401)],
)
def test_what_is_understood(text: str, seconds: int) -> None:
    assert parse(text) == seconds


@given(st.integers(min_value=0, max_value=10_000_000))
def test_there_and_back(seconds: int) -> None:
    assert parse(words(seconds)) == seconds


@given(st.text())
def test_nothing_else_raises_anything_else(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse(text) >= 0


@pytest.mark.parametrize("text", ["", " ", "10", "m", "-1m", "1.5h", "10 m", "1m1h", "1m1m", "soon", "٣m"])
def test_what_is_not(text: str) -> None:
    with pytest.raises(ValueError, match="is no span of time; one is 90s, 10m or 1h30m"):
        parse(text)


def test_nothing_is_shorter_than_nothing() -> None:
    assert words(-3) == "0s"
