"""Every table of every verb is readable at 60, 80 and 120 columns, and has no limit where no terminal is."""

import io
import re
import typing

import pytest
from rich.cells import cell_len
from rich.console import Console
from safe_io import Rows, console
from safe_io.rows import LEAST

from tests.bluegreen.cli.views import documents

WIDTHS = (60, 80, 120)
FRAME = re.compile("[│┃]")


def at(width: int, verb: str) -> str:
    """The view of a verb, on a terminal of that width."""
    shown = Console(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)
    shown.print(documents.view(verb), crop=False)
    return typing.cast(io.StringIO, shown.file).getvalue()


def read(shown: str) -> set[str]:
    """The words that can be read whole."""
    return set(FRAME.sub(" ", shown).split())


def piped(verb: str) -> str:
    """The same where no terminal is."""
    out = io.StringIO()
    console(out).print(documents.view(verb))
    return out.getvalue()


# Commands and addresses stay whole, so that they can be copied.
COPIED = re.compile("curl|Answers|aws service-quotas|terraform import|bluegreen (guard|apply|deploy)")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("verb", documents.SHOWN)
def test_nothing_is_cut_and_no_short_word_is_broken(verb: str, width: int) -> None:
    shown, whole = at(width, verb), piped(verb)

    too_long = [line for line in shown.splitlines() if cell_len(line.rstrip()) > width]
    assert [line for line in too_long if not COPIED.search(line)] == []
    assert "…" not in shown
    said = {word for text in documents.texts(documents.SHOWN[verb][0]) for word in text.split()}
    expected = {word for word in said & read(whole) if len(word) <= LEAST}
    assert shown.strip()
    assert expected - read(shown) == set()


@pytest.mark.parametrize("width", WIDTHS)
def test_history_says_who_and_why(width: int) -> None:
    shown = at(width, "history")
    joined = "".join(FRAME.sub(" ", shown).split())

    if width < 120:
        assert shown.count(f"By: {documents.PERSON}") == 3
        assert joined.count("Reason:" + "".join(documents.REASON.split())) == 3
    else:  # in columns, folded
        assert shown.count("Release") >= 3
        assert shown.count(documents.PERSON[:LEAST]) == 3


@pytest.mark.parametrize("verb", documents.SHOWN)
def test_where_no_terminal_is_nothing_is_folded(verb: str) -> None:
    shown = piped(verb)
    said = {
        text
        for text in documents.texts(documents.SHOWN[verb][0])
        if text in (documents.REASON, documents.GROUP)
    }

    assert all(text in shown for text in said)
    assert "\n" not in shown.strip("\n") or max(map(len, shown.splitlines())) < 1000


def test_columns_say_nothing_of_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert documents.REASON in piped("freeze, unfreeze")


def rows(width: int, *headings: str, cells: tuple[str, ...]) -> list[str]:
    """A table of one row."""
    table = Rows(*headings)
    table.add(*cells)
    shown = Console(file=io.StringIO(), width=width, markup=False)
    shown.print(table)
    return [line.rstrip() for line in typing.cast(io.StringIO, shown.file).getvalue().splitlines()]


def test_a_table_becomes_a_list_where_it_does_not_fit() -> None:
    cells = ("shift", "7", "why " * 10)
    assert rows(36, "What", ">Count", "~Why", cells=cells)[0].startswith("┏")
    assert rows(34, "What", ">Count", "~Why", cells=cells) == [
        "shift  Count: 7",
        "  Why: why why why why why why why",
        "  why why why",
    ]


def test_an_empty_cell_is_left_out_of_a_list() -> None:
    assert rows(10, "What", "~Why", cells=("shift", "")) == ["shift"]
