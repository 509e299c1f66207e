"""The steps of a shift as people write them: `5,25,50,100`, `linear:10`, `all-at-once`."""

import itertools
import re

from lambda_src.contract.limits import MAXIMUM_STEPS
from lambda_src.contract.values import FULL

ALL_AT_ONCE = "all-at-once"
EXAMPLES = f"5,25,50,100 or linear:10 or {ALL_AT_ONCE}"


def parse(text: str) -> tuple[int, ...]:
    """Shares of the receiving colour, rising to 100. Raises ValueError: what is wrong, what to do."""
    name, colon, size = text.strip().partition(":")
    if name == ALL_AT_ONCE and not colon:
        return (FULL,)
    if name == "linear" and colon:
        return _linear(size)
    return _listed(text)


def listed(text: str) -> tuple[int, ...]:
    """Percentages between commas. Raises ValueError."""
    words = [word.strip().removesuffix("%").strip() for word in text.split(",")]
    for word in words:
        if not re.fullmatch("[0-9]{1,3}", word) or not 1 <= int(word) <= FULL:
            raise ValueError(f"{word!r} is not a share from 1 to {FULL}; right is {EXAMPLES}")
    return tuple(map(int, words))


def _linear(size: str) -> tuple[int, ...]:
    smallest = FULL // MAXIMUM_STEPS
    if not re.fullmatch("[0-9]{1,3}", size) or not smallest <= int(size) <= FULL:
        raise ValueError(f"{size!r} is not a size from {smallest} to {FULL}; right is linear:10")
    return (*range(int(size), FULL, int(size)), FULL)


def _listed(text: str) -> tuple[int, ...]:
    steps = listed(text)
    for before, after in itertools.pairwise(steps):
        if after <= before:
            raise ValueError(f"{after} comes after {before}; each step has to be larger than the last")
    if steps[-1] != FULL:
        raise ValueError(f"the last step is {steps[-1]}; add {FULL}: a shift ends with all the traffic")
    if len(steps) > MAXIMUM_STEPS:
        raise ValueError(f"{len(steps)} steps; {MAXIMUM_STEPS} are the most")
    return steps
