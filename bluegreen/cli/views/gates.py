"""Views of gate verdicts: what was asked of a colour, what was found, and what would have been enough."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from safe_io import Rows, Text

Verdict = Mapping[str, Any]

PASSED, FAILED = "passed", "NOT PASSED"


def sentence(verdict: Verdict) -> str:
    """`targets of green: NOT PASSED, 0 of 3 healthy (needed: at least 2)`."""
    of = f" of {verdict['colour']}" if verdict["colour"] else ""
    fix = f"; fix: {verdict['fix']}" if verdict.get("fix") else ""
    return (
        f"{verdict['gate']}{of}: {_word(verdict)}, {verdict['value']} (needed: {verdict['threshold']}){fix}"
    )


def gates_table(verdicts: Iterable[Verdict]) -> Rows:
    """A row each, as the function answered them."""
    table = Rows("Gate", "Colour", "", "~Value", "~Needed")
    for verdict in verdicts:
        cells = (
            verdict["gate"],
            verdict["colour"] or "both",
            _word(verdict),
            verdict["value"],
            verdict["threshold"],
        )
        table.add(*cells, style=None if verdict["passed"] else "red")
    return table


def colours_table(gates: Mapping[str, Sequence[Verdict]]) -> Rows:
    """A row for every gate, a column for every colour: `passed: 3 of 3 healthy`."""
    table = Rows("Gate", *(f"~{colour}" for colour in gates))
    found = {colour: {verdict["gate"]: verdict for verdict in verdicts} for colour, verdicts in gates.items()}
    for gate in dict.fromkeys(name for verdicts in found.values() for name in verdicts):
        table.add(gate, *(_cell(verdicts.get(gate)) for verdicts in found.values()))
    return table


def failing(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Those that did not pass."""
    return [verdict for verdict in verdicts if not verdict["passed"]]


def _cell(verdict: Verdict | None) -> Text:
    if verdict is None:
        return Text("")
    if verdict["passed"]:
        return Text(f"{PASSED}: {verdict['value']}")
    return Text(f"{FAILED}: {verdict['value']} (needed: {verdict['threshold']})", style="red")


def _word(verdict: Verdict) -> str:
    return PASSED if verdict["passed"] else FAILED
