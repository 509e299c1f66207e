"""No defect survives: each is found by the policy that guards against it, where it is, and nowhere else."""

from pathlib import Path

import pytest
from stack_gate import graph

from tests.copies import copied
from tests.policies import harness, mutants
from tests.policies.beside import BESIDE, beside
from tests.policies.harness import FORMS, Document, Form, Mutant, Pair
from tests.workspaces import stack_of

pytestmark = pytest.mark.integration  # no process, but thousands of scans

MUTANTS = mutants.everything()
FORM_OF_MUTANT = [
    pytest.param(mutant, form, id=f"{mutant.name}-{form.name.partition(',')[0]}")
    for mutant in MUTANTS
    for form in FORMS
]


def kills(mutant: Mutant, original: Document) -> tuple[Document, set[Pair]]:
    mutated = copied(original)
    mutant.mutate(mutated)
    assert mutated != original, "the mutation changes nothing"
    return mutated, mutant.found(mutated) | beside(mutant.name, mutated)


@pytest.mark.usefixtures("clean")
@pytest.mark.sampled(64)
@pytest.mark.parametrize(("mutant", "form"), FORM_OF_MUTANT)
def test_a_mutant_is_killed_by_its_policy_alone(
    mutant: Mutant, form: Form, original: Document, place: Path
) -> None:
    mutated, expected = kills(mutant, original)
    report = harness.evaluate(form.write(original, mutated), place)
    wanted = {(policy, form.address(resource)) for policy, resource in expected}
    found = harness.pairs(report) | {(e.policy or "", e.resource or "") for e in report.errors}
    assert found == wanted


@pytest.mark.usefixtures("pack")
@pytest.mark.sampled(12)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("mutant", MUTANTS[:: len(MUTANTS) // 12], ids=lambda mutant: mutant.name)
def test_what_is_found_does_not_depend_on_the_graph_of_checkov(
    mutant: Mutant, form: Form, original: Document, place: Path
) -> None:
    document = form.write(original, kills(mutant, original)[0])
    assert harness.evaluate(document, place, graph.build) == harness.evaluate(document, place)


@pytest.mark.usefixtures("pack")
def test_the_stack_waives_the_boundary_of_the_switch_alone(workspace: Path, place: Path) -> None:
    report = harness.evaluate(stack_of(workspace, harness.STACK), place)
    assert report.errors == ()
    (waived,) = report.waived
    assert waived.finding.policy == "CKV2_BG_414"
    assert waived.finding.resource.startswith("aws_iam_role.switching_switch_")
    assert harness.pairs(report) == {("CKV2_BG_414", waived.finding.resource)}


def test_there_are_enough() -> None:
    assert len(MUTANTS) * len(FORMS) >= 150


def test_names_are_unique() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


def test_what_is_found_beside_is_of_a_mutant() -> None:
    assert BESIDE.keys() <= {mutant.name for mutant in MUTANTS}
