"""This package and an independent evaluator decide alike, but for the differences that are known and
explained.
"""

from itertools import islice
from pathlib import Path

import pytest

from packages.iam.tests.cases import ask_oracle, outcome
from packages.iam.tests.generated import World
from packages.iam.tests.known_differences import KNOWN, Difference, never

pytestmark = pytest.mark.integration
SEEDS, EACH = range(3), 1000


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in SEEDS[1:])])
def test_generated_requests_are_decided_alike(seed: int, tmp_path: Path) -> None:
    world = World(seed)
    candidates = iter(world.case, None)
    cases = list(
        islice((case for case in candidates if not any(known.concerns(case) for known in KNOWN)), EACH)
    )
    ours = [case.decide() for case in cases]
    theirs = ask_oracle(cases, tmp_path)
    different = [
        f"oracle: {their}; here: {our.explain()}; {case}"
        for case, our, their in zip(cases, ours, theirs, strict=True)
        if outcome(our) != their
    ]
    assert different == []
    assert {*map(outcome, ours)} == {"Allowed", "ExplicitlyDenied", "ImplicitlyDenied"}
    assert sum(decision.allowed for decision in ours) > EACH / 10


def test_each_known_difference_still_is_one(tmp_path: Path) -> None:
    """When the oracle changes its mind, the entry goes."""
    answers = ask_oracle([known.example for known in KNOWN], tmp_path)
    found = {
        known.reason: (outcome(known.example.decide()), answer)
        for known, answer in zip(KNOWN, answers, strict=True)
    }
    assert found == {known.reason: (known.ours, known.theirs) for known in KNOWN}


@pytest.mark.parametrize(
    "known", [one for one in KNOWN if one.concerns is not never], ids=lambda one: one.reason
)
def test_a_difference_concerns_its_example(known: Difference) -> None:
    assert known.concerns(known.example)
