"""Where the reports of `scan` and `guard` go."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from stack_gate import Report

STANDARD_OUTPUT = "-"
FORMAT_HELP = "text, json, sarif or junit to a file (- is standard output); any number of times."

FormatsOption = Annotated[
    list[str] | None, typer.Option("--format", "-f", metavar="NAME=FILE", help=FORMAT_HELP)
]
Target = tuple[str, str]  # name of the format, file


def targets(values: Iterable[str] | None) -> list[Target]:
    """What --format says; text on standard output, unless something else goes there. Raises BadParameter."""
    found = [_target(value) for value in values or ()]
    if not any(file == STANDARD_OUTPUT for _, file in found):
        found.append(("text", STANDARD_OUTPUT))
    return found


def write(report: "Report", wanted: Iterable[Target]) -> int:
    """Writes the reports and returns the exit code: a scan without its report is none."""
    from stack_gate import ExitCode  # noqa: PLC0415 - importing a verb has to be cheap

    written = [_write(report, name, file) for name, file in wanted]
    return int(report.exit_code if all(written) else ExitCode.NOT_EVALUATED)


def _target(value: str) -> Target:
    name, _, file = value.partition("=")
    from stack_gate.render import FORMATS  # noqa: PLC0415 - as above

    if name not in FORMATS or not file:
        raise typer.BadParameter(
            f"{value!r} is not NAME=FILE with a NAME of {', '.join(FORMATS)}; json=scan.json is"
        )
    return name, file


def _write(report: "Report", name: str, file: str) -> bool:
    import safe_io as output  # noqa: PLC0415 - as above
    from stack_gate.render import FORMATS  # noqa: PLC0415 - as above

    if file == STANDARD_OUTPUT:
        FORMATS[name](report, output.standard_output())
        return True
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        with Path(file).open("w", encoding="utf-8") as out:
            FORMATS[name](report, out)
    except OSError as error:
        why = f"the {name} report can't be written to {file}: {error.strerror}"
        output.report_error(f"{why}\n  fix: give a file that can be written")
        return False
    return True
