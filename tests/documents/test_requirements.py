"""docs/requirements.md: generated from its data and the policies, and each test it names is there."""

import tomllib

import pytest

from bluegreen.cli.policies import Row, manifest
from bluegreen.pack import PACK
from tests.workspaces import ROOT
from tools.requirements import DATA, PAGE, page

REQUIREMENTS = tomllib.loads(DATA.read_text("utf-8"))


@pytest.fixture(scope="module")
def policies() -> list[Row]:
    return manifest(PACK)


def test_the_page_is_the_one_that_is_generated(policies: list[Row]) -> None:
    assert PAGE.read_text("utf-8") == page(REQUIREMENTS, policies)


def test_every_requirement_of_the_stack_has_a_policy_and_no_policy_names_another(policies: list[Row]) -> None:
    named = {policy["requirement"] for policy in policies} - {None, ""}
    assert named == {name for name in REQUIREMENTS if name.startswith("R")}


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_its_tests_exist(name: str) -> None:
    tests = REQUIREMENTS[name]["tests"]
    assert tests
    assert [test for test in tests if not (ROOT / test).is_file()] == []
