"""What docs/quality.md says of the policies: scores, and a reason for each change that no policy notices."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).with_name("recorded.json")
REASONS = Path(__file__).with_name("reasons.toml")
GAP = "missing: "  # how the reason begins where a policy should notice it
IN_PART = f"{GAP}a policy notices other changes of the argument, and not this one"


def recorded() -> dict[str, Any]:
    """The last run."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def reasons() -> list[tuple[re.Pattern[str], str]]:
    """Expressions for arguments, in order, each with why no policy has to notice a change."""
    rows = tomllib.loads(REASONS.read_text(encoding="utf-8"))["reason"]
    return [(re.compile(row["arguments"]), row["why"]) for row in rows]


def reason(argument: str) -> str | None:
    """The first that fits."""
    return next((why for form, why in reasons() if form.fullmatch(argument)), None)


def excuse(operator: str, argument: str) -> str | None:
    """Why this change of an argument is no defect, where a policy notices others."""
    rows = tomllib.loads(REASONS.read_text(encoding="utf-8"))["change"]
    change = f"{operator} {argument}"
    return next((row["why"] for row in rows if re.fullmatch(row["changes"], change)), None)


def table() -> Iterator[tuple[str, ...]]:
    """Operators, with all of them in the last row."""
    run = recorded()
    yield "operator", "mutants", "noticed", "score"
    for row in run["operators"]:
        yield row["operator"], f"{row['mutants']}", f"{row['noticed']}", f"{row['score']} %"
    yield "all", f"{run['mutants']}", f"{run['noticed']}", f"{run['score']} %"
    depended = run["noticed"] + len(run["survived"])
    name = "all, of arguments of which a policy notices some change"
    yield name, f"{depended}", f"{run['noticed']}", f"{run['guarded_score']} %"
    yield "of these, survived without a reason", f"{len(gaps())}", "", f"{share()} %"


def gaps() -> list[dict[str, str]]:
    """Unnoticed changes of arguments of which a policy notices others, without those that have a reason."""
    return [row for row in recorded()["survived"] if excuse(row["operator"], row["argument"]) is None]


def share() -> float:
    """Percent of the changes of such arguments that are gaps."""
    run = recorded()
    return round(100 * len(gaps()) / (int(run["noticed"]) + len(run["survived"])), 1)


def unguarded() -> Iterator[tuple[str, ...]]:
    """Reasons, each with its arguments; what is missing comes last."""
    found: dict[str, list[str]] = {}
    run = recorded()
    for argument in sorted({row["argument"] for row in run["unguarded"]}):
        found.setdefault(reason(argument) or f"{GAP}no reason is given", []).append(argument)
    for row in sorted(run["survived"], key=lambda row: (row["argument"], row["operator"])):
        why = excuse(row["operator"], row["argument"]) or IN_PART
        found.setdefault(why, []).append(f"{row['operator']} {row['argument']}")
    yield "why no policy notices", "arguments", "which"
    for why, arguments in sorted(found.items(), key=lambda item: (item[0].startswith(GAP), item[0])):
        yield why, f"{len(arguments)}", ", ".join(f"`{argument}`" for argument in arguments)
