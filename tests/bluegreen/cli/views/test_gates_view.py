"""Literal output of gate verdicts."""

from bluegreen.cli.views.gates import colours_table, gates_table, sentence
from tests.bluegreen.cli.rendering import rendered
from tests.bluegreen.cli.views.answers import BLUE_GATES, GREEN_GATES


def test_a_table_of_verdicts() -> None:
    assert (
        rendered(gates_table(GREEN_GATES))
        == """\
┏━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┓
┃ Gate    ┃ Colour ┃            ┃ Value          ┃ Needed     ┃
┡━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━┩
│ targets │ green  │ passed     │ 3 of 3 healthy │ at least 2 │
│ alarms  │ green  │ NOT PASSED │ ALARM          │ OK         │
│ frozen  │ both   │ passed     │ not frozen     │ not frozen │
└─────────┴────────┴────────────┴────────────────┴────────────┘"""
    )


def test_both_colours_beside_each_other() -> None:
    assert (
        rendered(colours_table({"blue": BLUE_GATES, "green": GREEN_GATES[:2]}))
        == """\
┏━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ Gate    ┃ blue                   ┃ green                          ┃
┡━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┩
│ targets │ passed: 3 of 3 healthy │ passed: 3 of 3 healthy         │
│ alarms  │ passed: OK             │ NOT PASSED: ALARM (needed: OK) │
│ frozen  │ passed: not frozen     │                                │
└─────────┴────────────────────────┴────────────────────────────────┘"""
    )


def test_a_verdict_in_one_line() -> None:
    assert [sentence(verdict) for verdict in GREEN_GATES] == [
        "targets of green: passed, 3 of 3 healthy (needed: at least 2)",
        "alarms of green: NOT PASSED, ALARM (needed: OK)",
        "frozen: passed, not frozen (needed: not frozen)",
    ]


def test_brackets_are_no_markup() -> None:
    odd = GREEN_GATES[1] | {"value": "[/red] of [bold]"}
    assert "│ [/red] of [bold] │" in rendered(gates_table([odd]))
    assert "[/red] of [bold]" in rendered(colours_table({"green": [odd]}))
