"""`bluegreen policies`: what the project's own pack holds a stack to."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from safe_io import markdown as markdown_text

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import Output, OutputOption
from bluegreen.cli.terminal import notice, show, waiting
from bluegreen.pack import PACK

Row = dict[str, Any]
COLUMNS = ("policy", "requirement", "pci", "severity", "title")
HEADINGS = ("Policy", "Requirement", "PCI DSS 4.0.1", "Severity", "What must be true")
STACK = "the whole stack"
GENERATED = "<!-- Written by `bluegreen policies --docs docs/policies.md`. -->"
ABOUT = """# Policies

What `bluegreen scan` asks of every stack, beside Checkov's own checks. A policy whose id
begins with `CKV_BG` looks at one resource at a time, one with `CKV2_BG` at the stack as a whole. A finding is
waived at its resource, with a reason and an expiry date, 400 days ahead at most."""


def policies(
    directory: Annotated[
        Path | None, typer.Argument(help="Another package of policies than the platform's own.")
    ] = None,
    *,
    output: OutputOption = Output.text,
    docs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the policies to a Markdown file instead.")
    ] = None,
) -> None:
    """List the policies of a pack: what each guards, why, and how to fix what it finds.

    Examples:
        bluegreen policies
        bluegreen policies --output json
    """

    with waiting("loading the policies"):
        rows = manifest(PACK if directory is None else directory)
    if docs is None:
        show(rows, output, _view)
        return
    try:
        docs.write_text(markdown(rows), encoding="utf-8")
    except OSError as error:
        raise CommandError(
            ExitCode.INVALID, f"{docs} can't be written: {error.strerror}", "give a file that can be written"
        ) from error
    notice(f"{len(rows)} policies written to {docs}")


def manifest(directory: Path) -> list[Row]:
    """A row of each policy in the package, sorted by id. Raises CommandError where one can't be loaded."""
    from stack_gate import loading  # noqa: PLC0415 - importing this module has to be cheap
    from stack_gate.isolation import isolated  # noqa: PLC0415 - as above

    with isolated():
        loading.load()
        from stack_gate import pack, registries  # noqa: PLC0415 - as above

        with pack.loaded(directory) as problems:
            if problems:
                reasons = "; ".join(f"{problem.message}: {problem.fix}" for problem in problems)
                raise CommandError(ExitCode.INVALID, reasons, "correct them: a scan would end with 2, too")
            own = [
                check for check in registries.active() if not type(check).__module__.startswith("checkov.")
            ]
            return sorted(map(_row, own), key=_order)


def _row(check: Any) -> Row:
    from stack_gate import catalogue  # noqa: PLC0415 - as above

    return {
        "policy": check.id,
        "title": check.name,
        "requirement": catalogue.requirement(check),
        "pci": getattr(check, "pci", None),
        "severity": catalogue.severity(check).value,
        "resources": sorted(getattr(check, "supported_resources", ())),  # none: the stack
        "why": getattr(check, "why", None),
        "fix": catalogue.fix(check),
        "guideline": catalogue.guideline(check),
        "replaces": dict(getattr(check, "replaces", {})),
    }


def _order(row: Row) -> tuple[int, str]:
    number = row["policy"].rpartition("_")[2]
    return int(number) if number.isdecimal() else 0, row["policy"]


def _view(rows: Iterable[Row]) -> Any:
    from safe_io import Rows  # noqa: PLC0415 - importing this module has to be cheap

    table = Rows(*HEADINGS[:-1], f"~{HEADINGS[-1]}", frame=False)
    for row in rows:
        table.add(*(row[column] or "" for column in COLUMNS))
    return table


def markdown(rows: list[Row]) -> str:
    """The rows as a document: a table of all, then a section each, which findings link to."""
    lines = [GENERATED, "", ABOUT, "", _line(HEADINGS), _line(["---"] * len(HEADINGS))]
    rows = [_escaped(row) for row in rows]
    for row in rows:
        link = f"[{row['policy']}](#{row['policy'].lower()})"
        lines.append(_line([link, *(row[column] or "" for column in COLUMNS[1:])]))
    for row in rows:
        lines += ["", *_section(row)]
    return "\n".join(lines) + "\n"


def _escaped(row: Row) -> Row:
    """Of another pack, the texts may be of any kind."""
    texts = {key: markdown_text(value) for key, value in row.items() if isinstance(value, str)}
    return row | texts | {"resources": [markdown_text(name) for name in row["resources"]]}


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _section(row: Row) -> list[str]:
    subject = ", ".join(f"`{name}`" for name in row["resources"]) or STACK
    facts = {
        "Requirement": row["requirement"] or "an added rule",
        "PCI DSS 4.0.1": row["pci"],
        "Severity": row["severity"],
        "Looks at": subject,
        "Why": row["why"],
        "Fix": row["fix"],
    }
    for check, reason in row["replaces"].items():
        facts[f"Replaces {check}"] = markdown_text(reason)
    return [
        f"## {row['policy']}",
        "",
        f"**{row['title']}.**",
        "",
        *(f"- {name}: {value}" for name, value in facts.items()),
    ]
