"""No defect survives: each is found by the policy that guards against it, where it is, and nowhere else."""

import copy
import sys
from pathlib import Path

import pytest

from tests.policies import harness, mutants
from tests.policies.harness import Document, Mutant, Pair

MUTANTS = mutants.everything()


def kills(mutant: Mutant, original: Document) -> tuple[Document, set[Pair]]:
    mutated = copy.deepcopy(original)
    mutant.mutate(mutated)
    assert mutated != original, "the mutation changes nothing"
    return mutated, mutant.found(mutated)


@pytest.mark.usefixtures("pack")
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_killed_by_its_policy_alone(
    mutant: Mutant,
    original: Document,
    baseline: set[Pair],
    place: Path,
) -> None:
    mutated, expected = kills(mutant, original)
    for form, document, address in harness.forms(original, mutated):
        report = harness.evaluate(document, place)
        known = {(policy, address(resource)) for policy, resource in baseline}
        wanted = {(policy, address(resource)) for policy, resource in expected}
        assert report.errors == (), form
        assert harness.pairs(report) == known | wanted, form


def test_there_are_enough(original: Document, capsys: pytest.CaptureFixture[str]) -> None:
    count = sum(len(list(harness.forms(original, kills(mutant, original)[0]))) for mutant in MUTANTS)
    with capsys.disabled():
        sys.stdout.write(f"\n{count} mutants of {len(MUTANTS)} defects\n")
    assert count >= 150


def test_names_are_unique() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


def test_the_stack_without_a_defect(baseline: set[Pair]) -> None:
    assert baseline == set()
