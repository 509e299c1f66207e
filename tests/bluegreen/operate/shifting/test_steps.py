"""Steps of a shift, as people write them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.operate.shifting.steps import listed, parse
from lambda_src.contract.limits import MAXIMUM_STEPS


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("5,25,50,100", (5, 25, 50, 100)),
        (" 5 %, 100% ", (5, 100)),
        ("100", (100,)),
        ("all-at-once", (100,)),
        ("linear:10", (10, 20, 30, 40, 50, 60, 70, 80, 90, 100)),
        ("linear:30", (30, 60, 90, 100)),
        ("linear:100", (100,)),
    ],
)
def test_what_is_understood(text: str, steps: tuple[int, ...]) -> None:
    assert parse(text) == steps


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "'' is not a share from 1 to 100; right is 5,25,50,100 or linear:10 or all-at-once"),
        ("5,,100", "'' is not a share"),
        ("0,100", "'0' is not a share"),
        ("5,101", "'101' is not a share"),
        ("5,2.5,100", "'2.5' is not a share"),
        ("half,100", "'half' is not a share"),
        ("5,5,100", "5 comes after 5; each step has to be larger than the last"),
        ("50,25,100", "25 comes after 50"),
        ("5,25,50", "the last step is 50; add 100: a shift ends with all the traffic"),
        ("linear:1", "'1' is not a size from 2 to 100; right is linear:10"),
        ("linear:", "'' is not a size"),
        ("linear:101", "'101' is not a size"),
        ("linear", "'linear' is not a share"),
        ("all-at-once:2", "is not a share"),
        (",".join(map(str, range(50, 101))), "51 steps; 50 are the most"),
    ],
)
def test_what_is_not_and_why(text: str, why: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the words are compared
        parse(text)
    assert why in str(caught.value)


@given(st.sets(st.integers(1, 99), max_size=MAXIMUM_STEPS - 1))
def test_every_rising_list_that_ends_with_everything(shares: set[int]) -> None:
    steps = (*sorted(shares), 100)
    assert parse(",".join(map(str, steps))) == steps


@given(st.integers(2, 100))
def test_linear_steps_are_even_but_for_the_last(size: int) -> None:
    steps = parse(f"linear:{size}")
    strides = [after - before for before, after in itertools.pairwise((0, *steps))]
    assert set(strides[:-1]) <= {size}
    assert 0 < strides[-1] <= size
    assert steps[-1] == 100
    assert len(steps) <= MAXIMUM_STEPS


@given(st.text(alphabet="0123456789,:% linear-", max_size=20) | st.text())
def test_whatever_is_accepted_is_a_plan(text: str) -> None:
    try:
        steps = parse(text)
    except ValueError:
        return
    assert list(steps) == sorted(set(steps))
    assert steps[0] >= 1
    assert steps[-1] == 100
    assert len(steps) <= MAXIMUM_STEPS


def test_a_list_alone_keeps_its_order() -> None:
    assert listed("50,5%") == (50, 5)
