"""docs/alarms.md lists the alarms and event rules that there are."""

from collections.abc import Mapping

from tests.documents.alarms import PATH, rewritten
from tests.stack_reader import Stack


def test_the_tables_are_those_of_staging(stacks: Mapping[str, Stack]) -> None:
    """`make generated` rewrites them."""
    text = PATH.read_text(encoding="utf-8")
    assert rewritten(text, stacks["staging"]) == text
