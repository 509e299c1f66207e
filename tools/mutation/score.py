"""The score: of the mutants that change what the code does, the share that some test notices."""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tools.mutation.mutants import Mutant
from tools.mutation.run import Verdict

THRESHOLD = 0.9
_EQUIVALENT = Path(__file__).with_name("equivalent.toml")

Key = tuple[str, str, str, str]
# Mutant → "killed", "timeout" or "survived".
Found = dict[Key, str]


@dataclass(frozen=True)
class Row:
    """`killed` with those that ran into the time limit; `equivalent` ones survived, and count nowhere."""

    name: str
    mutants: int
    tried: int = 0
    killed: int = 0
    survived: int = 0
    equivalent: int = 0

    @property
    def score(self) -> float:
        counted = self.killed + self.survived
        return self.killed / counted if counted else 1


def equivalents() -> Mapping[Key, str]:
    """Mutants that change nothing that anybody could notice → why."""
    document = tomllib.loads(_EQUIVALENT.read_text(encoding="utf-8"))
    return {
        (each["path"], each["within"], each["before"], each["after"]): each["why"]
        for each in document.get("mutant", [])
    }


def rows(mutants: Sequence[Mutant], found: Found) -> list[Row]:
    """One for each module, by name, then the sum of all."""
    by_module: dict[str, list[Key]] = {}
    for mutant in mutants:
        by_module.setdefault(mutant.path.removeprefix("lambda_src/"), []).append(mutant.key)
    each = [_row(name, keys, found) for name, keys in sorted(by_module.items())]
    return [*each, _row("all", [mutant.key for mutant in mutants], found)]


def _row(name: str, keys: Sequence[Key], found: Found) -> Row:
    known, row = equivalents(), Row(name, len(keys))
    for key in keys:
        if key not in found:
            continue
        row = replace(row, tried=row.tried + 1)
        if found[key] != "survived":
            row = replace(row, killed=row.killed + 1)
        elif key in known:
            row = replace(row, equivalent=row.equivalent + 1)
        else:
            row = replace(row, survived=row.survived + 1)
    return row


def table(each: Sequence[Row]) -> str:
    lines = [
        "| module | mutants | tried | killed | survived | equivalent | score |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.name} | {row.mutants} | {row.tried} | {row.killed} | {row.survived} | {row.equivalent} "
        f"| {int(100 * row.score)}% |"
        for row in each
    ]
    return "\n".join(lines)


def outdated(mutants: Iterable[Mutant]) -> list[Key]:
    """Equivalent ones that are no mutants any more: the code has changed, so they have to be looked at."""
    present = {mutant.key for mutant in mutants}
    return [key for key in equivalents() if key not in present]


def save(found: Found, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([[*key, how] for key, how in found.items()], indent=1))


def saved(path: Path) -> Found:
    """Of earlier runs; a run of a part replaces what it tries anew."""
    documents = json.loads(path.read_text()) if path.exists() else []
    return {(each[0], each[1], each[2], each[3]): each[4] for each in documents}


def with_verdict(found: Found, verdict: Verdict) -> Found:
    return found | {verdict.mutant.key: verdict.how}
