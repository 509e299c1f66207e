"""The reference of the command line: generated, complete, with an example for each verb."""

import typer

from bluegreen.cli.app import GROUPS, app
from bluegreen.cli.verbs import described
from tests.documents.blocks import lines
from tools.cli import PAGE, page, verbs

ROOT = typer.main.get_command(app)
VERBS = dict(verbs(ROOT))


def test_the_page_is_the_one_that_is_generated() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: make generated"


def test_every_verb_has_examples_and_they_are_of_this_verb() -> None:
    for words, command in VERBS.items():
        told = described(command.callback)
        examples = (*told.examples, *told.real_account)
        assert any(f"bluegreen {words}" in example for example in examples), words


def test_tests_run_the_examples_in_the_order_of_the_page() -> None:
    """tests/e2e runs the blocks of every document that have no mark: here, all that need no account."""
    shown = [line.text for line in lines() if line.document == "docs/cli.md" and not line.real_account]
    assert shown == [
        example for command in VERBS.values() for example in described(command.callback).examples
    ]
    assert not any(line.run_by for line in lines() if line.document == "docs/cli.md")


def test_every_verb_is_in_a_group() -> None:
    commands = ROOT.commands  # type: ignore[attr-defined]  # the root is a group
    assert {command.rich_help_panel for command in commands.values()} == set(GROUPS)
