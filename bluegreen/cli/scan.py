"""`bluegreen scan`: the policy gate between synthesis and Terraform."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bluegreen.gate import Report

STANDARD_OUTPUT = "-"
PATIENCE = 2.0  # seconds without a word
FORMAT_HELP = "text, json, sarif or junit to a file (- is standard output); any number of times."


def scan(
    directory: Annotated[Path, typer.Argument(help="CDKTF output, or a stack of it.")] = Path("cdktf.out"),
    *,
    formats: Annotated[
        list[str] | None, typer.Option("--format", "-f", metavar="NAME=FILE", help=FORMAT_HELP)
    ] = None,
    policies: Annotated[
        Path | None,
        typer.Option(
            help="Package of this project's own checks; without it, Checkov's built-in ones are run."
        ),
    ] = None,
) -> None:
    """Check synthesized stacks against every policy.

    Exit code 0: each was evaluated, and passed or is waived with a reason and an expiry date.

    Exit code 1: findings.

    Exit code 2: something kept a policy from being evaluated.
    """
    targets = [_target(value) for value in formats or []]
    from bluegreen import gate  # noqa: PLC0415 - importing this module has to be cheap

    with _status() as tell:
        report = gate.scan(directory, policies=policies, today=datetime.now(UTC).date(), progress=tell)
    if not any(file == STANDARD_OUTPUT for _, file in targets):
        targets.append(("text", STANDARD_OUTPUT))
    written = [_write(report, name, file) for name, file in targets]
    raise typer.Exit(report.exit_code if all(written) else gate.ExitCode.NOT_EVALUATED)


def _target(value: str) -> tuple[str, str]:
    name, _, file = value.partition("=")
    from bluegreen.gate.render import FORMATS  # noqa: PLC0415 - as above

    if name not in FORMATS or not file:
        raise typer.BadParameter(
            f"{value!r} is not NAME=FILE with a NAME of {', '.join(FORMATS)}; json=scan.json is"
        )
    return name, file


def _write(report: "Report", name: str, file: str) -> bool:
    """Whether it could be written: a report that nobody gets is not a scan."""
    from bluegreen.gate.render import FORMATS  # noqa: PLC0415 - as above

    if file == STANDARD_OUTPUT:
        FORMATS[name](report, typer.get_text_stream("stdout"))
        return True
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        with Path(file).open("w", encoding="utf-8") as out:
            FORMATS[name](report, out)
    except OSError as error:
        typer.echo(f"error: the {name} report can't be written to {file}: {error.strerror}", err=True)
        typer.echo("  mend: give a file that can be written", err=True)
        return False
    return True


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    """Says on stderr what is being done, if it takes long enough for anybody to ask."""
    from rich.console import Console  # noqa: PLC0415 - as above

    console = Console(stderr=True)
    status = console.status("scanning")
    timer = Timer(PATIENCE, status.start if console.is_terminal else lambda: console.print("scanning"))
    timer.daemon = True
    timer.start()
    try:
        yield lambda text: status.update(f"scanning: {text}")
    finally:
        timer.cancel()
        timer.join()
        status.stop()
