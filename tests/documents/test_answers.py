"""docs/embedded-aws.md has what the embedded AWS answers as AWS does, each row with a test that there is."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.documents.answers import DOCUMENT, LEAST, TESTS, Row, filled, rows


@cache
def functions(file: Path) -> frozenset[str]:
    """The tests of a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.behaviour)
def test_a_row_has_its_test_and_its_source(row: Row) -> None:
    file, _, name = row.test.partition("::")
    assert name in functions(TESTS / file)
    assert name.startswith("test_")
    assert row.source


def test_there_are_enough_rows_and_none_twice() -> None:
    behaviours = [(row.service, row.behaviour) for row in rows()]
    assert len(behaviours) >= LEAST
    assert len(set(behaviours)) == len(behaviours)


def test_the_document_is_up_to_date() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert filled(text) == text, "run: make generated"
    assert "<!-- generated: answers -->" in text
