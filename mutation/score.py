"""The score: of the mutants that change what the code does, the share that some test notices."""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mutation.mutants import Mutant
from mutation.run import Verdict

THRESHOLD = 0.9
_EQUIVALENT = Path(__file__).with_name("equivalent.toml")

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Row:
    """`killed` with those that ran into the time limit; `equivalent` ones survived, and count nowhere."""

    name: str
    mutants: int = 0
    killed: int = 0
    survived: int = 0
    equivalent: int = 0

    @property
    def score(self) -> float:
        counted = self.killed + self.survived
        return self.killed / counted if counted else 1

    def with_verdict(self, verdict: Verdict, equivalent: bool) -> "Row":
        if verdict.how != "survived":
            return replace(self, mutants=self.mutants + 1, killed=self.killed + 1)
        if equivalent:
            return replace(self, mutants=self.mutants + 1, equivalent=self.equivalent + 1)
        return replace(self, mutants=self.mutants + 1, survived=self.survived + 1)


def equivalents() -> Mapping[Key, str]:
    """Mutants that change nothing that anybody could notice → why."""
    document = tomllib.loads(_EQUIVALENT.read_text(encoding="utf-8"))
    return {
        (each["path"], each["within"], each["before"], each["after"]): each["why"]
        for each in document.get("mutant", [])
    }


def rows(verdicts: Iterable[Verdict]) -> list[Row]:
    """One for each module, by name, then the sum of all."""
    known = equivalents()
    by_module: dict[str, Row] = {}
    for verdict in verdicts:
        name = verdict.mutant.path.removeprefix("lambda_src/")
        row = by_module.get(name, Row(name))
        by_module[name] = row.with_verdict(verdict, verdict.mutant.key in known)
    found = sorted(by_module.values(), key=lambda row: row.name)
    counts = ("mutants", "killed", "survived", "equivalent")
    return [*found, Row("all", *(sum(getattr(row, count) for row in found) for count in counts))]


def table(found: Sequence[Row]) -> str:
    lines = ["| module | mutants | killed | survived | equivalent | score |", "|---|---|---|---|---|---|"]
    return "\n".join(lines + [
        f"| {row.name} | {row.mutants} | {row.killed} | {row.survived} | {row.equivalent} | {row.score:.0%} |"
        for row in found
    ])  # fmt: skip


def unknown_equivalents(mutants: Iterable[Mutant]) -> list[Key]:
    """Those of the list that no mutant is any more: the code has changed, and they have to be looked at."""
    present = {mutant.key for mutant in mutants}
    return [key for key in equivalents() if key not in present]


def save(verdicts: Iterable[Verdict], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    documents = [{**asdict(verdict), "key": verdict.mutant.key} for verdict in verdicts]
    for document in documents:
        document["mutant"].pop("source")
    path.write_text(json.dumps(documents, indent=1))


def survivors(path: Path) -> set[Key]:
    """Of a saved run."""
    documents = json.loads(path.read_text()) if path.exists() else []
    return {tuple(each["key"]) for each in documents if each["how"] == "survived"}
