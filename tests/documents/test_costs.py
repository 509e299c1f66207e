"""docs/costs.md counts what the synthesized stack has, and adds up."""

import re
from collections.abc import Mapping

import pytest

from tests.documents.costs import PATH, rewritten
from tests.stack_reader import Stack
from tests.workspaces import ROOT


def test_the_counts_and_sums_are_those_of_staging(stacks: Mapping[str, Stack]) -> None:
    """`make generated` rewrites them."""
    text = PATH.read_text(encoding="utf-8")
    assert rewritten(text, stacks["staging"]) == text


def test_a_component_without_a_row_is_refused(stacks: Mapping[str, Stack]) -> None:
    text = PATH.read_text(encoding="utf-8")
    without = "\n".join(line for line in text.splitlines() if not line.startswith("| NAT gateways |"))
    with pytest.raises(ValueError, match="NAT gateways"):
        rewritten(without, stacks["staging"])


def test_the_readme_s_figure_is_the_sum() -> None:
    """Rounded to ten."""
    sums = re.findall(r"\*\*sum\*\* .* \*\*([\d.]+)\*\*", PATH.read_text(encoding="utf-8"))
    shown = re.findall(
        r"about ([\d,]+) USD a month for `staging`", (ROOT / "README.md").read_text(encoding="utf-8")
    )
    assert [round(float(found), -1) for found in sums] == [float(found.replace(",", "")) for found in shown]


def test_the_numbers_of_resources_are_those_of_the_stacks(stacks: Mapping[str, Stack]) -> None:
    """README has that of `local`, the runbook that of `staging`, rounded to ten."""
    counts = {
        name: sum(len(found) for found in stack.document["resource"].values())
        for name, stack in stacks.items()
    }
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert f"local is up: {counts['local']} added" in readme
    assert f"about {round(counts['staging'], -1)} resources" in runbook
