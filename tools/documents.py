"""Writes the tables of documents that the code knows: `python -m tools.documents`.

Each stands between `<!-- generated: NAME -->` and `<!-- end -->`; the text around it is written by hand.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import typer

from bluegreen.cli.app import app
from bluegreen.cli.errors import CODES
from bluegreen.operate.doctor import CHECKS, STATE_PERMISSIONS
from lambda_src.contract.errors import Meaning, SwitchError
from lambda_src.contract.gates import ROWS
from lambda_src.rotation.errors import RotationError
from tools.cli import verbs
from tools.corpus import page as corpus
from tools.gate_mutants import page as gate_mutants

ROOT = Path(__file__).resolve().parents[1]
README, ERRORS, DOCTOR = ROOT / "README.md", ROOT / "docs" / "errors.md", ROOT / "docs" / "doctor.md"
QUALITY = ROOT / "docs" / "quality.md"
DOCUMENTS = (README, ERRORS, DOCTOR, QUALITY)
_TABLE = re.compile(r"(<!-- generated: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Rewrite them."""
    for document in DOCUMENTS:
        document.write_text(filled(document.read_text(encoding="utf-8")), encoding="utf-8")


def filled(text: str) -> str:
    """A document with its generated tables as they are to be."""
    return _TABLE.sub(lambda match: f"{match[1]}{''.join(TABLES[match[2]]())}{match[3]}", text)


def _rows(*rows: tuple[str, ...]) -> Iterator[str]:
    first, *others = rows
    for row in (first, ("---",) * len(first), *others):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n"


def _kinds(base: type[Exception]) -> Iterator[type[Exception]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _said(kind: type[Exception]) -> tuple[str, str]:
    """What happened and what to do, of a docstring."""
    happened, _, fix = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")
    return _line(happened), _line(fix)


def _line(text: str) -> str:
    return " ".join(text.split()).removesuffix(".")


def _errors(base: type[Exception]) -> Iterator[str]:
    rows = ((f"`{kind.__name__}`", *_said(kind)) for kind in _kinds(base))
    yield from _rows(("error", "what happened", "what to do"), *rows)


def _meanings() -> Iterator[str]:
    """What the three callers make of an error's meaning."""
    kinds = SwitchError.__subclasses__()
    machine = {
        Meaning.INVALID: "ends as `Refused`, or rolls back",
        Meaning.NOTHING_BEGUN: "ends as `Refused`, or rolls back",
        Meaning.REPEATABLE: "retries, then rolls back",
        Meaning.NOT_OURS: "ends as `Superseded`",
        Meaning.INSPECT: "rolls back",
    }
    rows = (
        (
            meaning.value,
            str(int(CODES[meaning])),
            machine[meaning],
            ", ".join(f"`{kind.__name__}`" for kind in kinds if kind.meaning is meaning),
        )
        for meaning in Meaning
    )
    yield from _rows(("meaning", "exit code", "the state machine", "errors"), *rows)


def _gates() -> Iterator[str]:
    rows = ((f"`{gate}`", *told) for gate, told in ROWS.items())
    yield from _rows(("gate", "does not pass when", "what to do"), *rows)


def _verbs() -> Iterator[str]:
    """Every verb with what it needs, and the first sentence of its help."""
    rows = []
    for words, command in verbs(typer.main.get_command(app)):
        needs = (_need(parameter) for parameter in command.params if parameter.required)
        rows.append((f"`{' '.join(('bluegreen', words, *needs))}`", _sentence(command.help)))
    yield from _rows(("command", "does"), *rows)


def _checks() -> Iterator[str]:
    rows = (
        (check.name, check.needed, ", ".join(f"`{one}`" for one in check.permissions)) for check in CHECKS
    )
    reading = ", ".join(f"`{one}`" for one in STATE_PERMISSIONS)
    state = ("(all that ask what exists)", "the state, where an earlier apply wrote it", reading)
    yield from _rows(("check", "needed", "permissions"), *rows, state)


def _need(parameter: object) -> str:
    option = getattr(parameter, "param_type_name", "") == "option"
    name = str(getattr(parameter, "name", "")).upper().removesuffix("_TEXT")
    return f"{parameter.opts[0]} {parameter.metavar or name}" if option else name  # type: ignore[attr-defined]


def _sentence(text: str | None) -> str:
    first = " ".join((text or "").partition("\n\n")[0].split())
    return re.split(r"(?<=\.) ", first)[0].removesuffix(".")


TABLES: Mapping[str, Callable[[], Iterator[str]]] = {
    "checks": _checks,
    "corpus": lambda: _rows(*corpus.table()),
    "corpus-wrong": lambda: _rows(*corpus.wrong()),
    "gate-mutants": lambda: _rows(*gate_mutants.table()),
    "gates": _gates,
    "meanings": _meanings,
    "rotation-errors": lambda: _errors(RotationError),
    "unguarded": lambda: _rows(*gate_mutants.unguarded()),
    "switch-errors": lambda: _errors(SwitchError),
    "verbs": _verbs,
}

if __name__ == "__main__":
    main()
