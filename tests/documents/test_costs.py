"""docs/costs.md counts what the synthesized stack has, and adds up."""

from collections.abc import Mapping

import pytest

from tests.documents.costs import PATH, figures, rewritten
from tests.stack_reader import Stack


def test_the_counts_and_sums_are_those_of_the_stacks(stacks: Mapping[str, Stack]) -> None:
    """`make generated` rewrites them."""
    text = PATH.read_text(encoding="utf-8")
    assert rewritten(text, stacks) == text


def test_a_component_without_a_row_is_refused(stacks: Mapping[str, Stack]) -> None:
    text = PATH.read_text(encoding="utf-8")
    without = "\n".join(line for line in text.splitlines() if not line.startswith("| NAT gateways |"))
    with pytest.raises(ValueError, match="NAT gateways"):
        rewritten(without, stacks)


def test_the_figures_of_readme_and_runbook_are_those_of_the_stacks(stacks: Mapping[str, Stack]) -> None:
    """`make generated` rewrites them."""
    for path, text in figures(stacks, PATH.read_text(encoding="utf-8")).items():
        assert path.read_text(encoding="utf-8") == text
