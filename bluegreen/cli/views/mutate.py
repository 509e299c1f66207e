"""The view of `bluegreen mutate`."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Rows, Text


def mutate_view(result: Mapping[str, Any]) -> RenderableType:
    """The sentence that decides, the score of each operator and policy, then what no policy notices."""
    if result["errors"]:
        return Group(
            Text("Nothing was measured.", style="red"),
            *(Text(f"{error['message']}\n  fix: {error['fix']}") for error in result["errors"]),
        )
    style = "red" if result["exit_code"] else "green"
    return Group(
        Text(_headline(result), style=style),
        *(Text(f"Found under other names, though nothing is wrong: {alarm}") for alarm in result["alarms"]),
        _scores("Operator", "operator", result["operators"]),
        _policies(result["policies"]),
        *_missed("Arguments of which no policy noticed any change", result["unguarded"], _unguarded),
        *_missed("Changes of other arguments that no policy noticed", result["survived"], _survivor),
    )


def _headline(result: Mapping[str, Any]) -> str:
    noticed = f"{result['noticed']} noticed ({result['score']} %)"
    there = f"{result['noticed_there']} of them where it was made"
    tried = f"{result['mutants']} of {result['possible']} mutants tried"
    guarded = f"of arguments that a policy depends on: {result['guarded_score']} %"
    return f"{tried} (seed {result['seed']}), {noticed}, {there}; {guarded}"


def _scores(heading: str, key: str, rows: list[Mapping[str, Any]]) -> Rows:
    table = Rows(heading, ">Mutants", ">Noticed", ">%", frame=False)
    for row in rows:
        table.add(row[key], f"{row['mutants']}", f"{row['noticed']}", f"{row['score']}")
    return table


def _policies(rows: list[Mapping[str, Any]]) -> Rows:
    table = Rows("Policy", ">Arguments", ">Mutants", ">By it", ">By none", ">%", frame=False)
    for row in rows:
        counts = (f"{row[key]}" for key in ("arguments", "mutants", "noticed", "survived", "score"))
        table.add(row["policy"], *counts)
    return table


def _missed(title: str, rows: list[Mapping[str, Any]], line: Any) -> list[Text]:
    return (
        [Text(f"{title}: {len(rows)}", style="bold"), *(Text(f"  {line(row)}") for row in rows)]
        if rows
        else []
    )


def _unguarded(row: Mapping[str, Any]) -> str:
    return f"{row['argument']} ({', '.join(row['operators'])}), for example in {row['example']}"


def _survivor(row: Mapping[str, str]) -> str:
    return f"{row['operator']} {row['argument']} in {row['address']} of {row['stack']}"
