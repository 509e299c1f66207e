"""The kinds of defect that the gate exists for: each form of each is found where it is, or not evaluated."""

from pathlib import Path

import pytest

from tests import tiers
from tests.copies import copied
from tests.policies import harness, kinds
from tests.policies.harness import FORMS, Document, Form
from tests.policies.kinds import Case

pytestmark = pytest.mark.integration  # no process, but hundreds of scans

ONE_IN = 48
CASES = kinds.everything()
FORM_OF_CASE = [
    pytest.param(case, form, id=f"{case.name}-{form.name.partition(',')[0]}")
    for case in CASES
    for form in FORMS
]


def called(address: str) -> set[str]:
    """An address, and as the disguise has it: it renames resources and data sources, and nothing else."""
    path, _, label = address.rpartition(".")
    return {address, f"{path}.{harness.new_name(label)}"}


@pytest.mark.usefixtures("clean")
@pytest.mark.sampled(ONE_IN)
@pytest.mark.parametrize(("case", "form"), FORM_OF_CASE)
def test_it_is_found_where_it_is(case: Case, form: Form, original: Document, place: Path) -> None:
    mutated = copied(original)
    addresses = case.place(mutated)
    assert mutated != original
    report = harness.evaluate(form.write(original, mutated), place)
    named = {resource for _, resource in harness.pairs(report)}
    named |= {error.resource or "" for error in report.errors}
    assert named & set().union(*map(called, addresses)), named


def test_make_test_has_each_kind() -> None:
    """Of each file of kinds a case, whatever the sample leaves out."""
    name = test_it_is_found_where_it_is.__name__
    taken = {
        case.name.partition(":")[0]
        for case in CASES
        for form in FORMS
        if tiers.taken(f"{name}[{case.name}-{form.name.partition(',')[0]}]", ONE_IN)
    }
    assert taken == {case.name.partition(":")[0] for case in CASES}


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
