"""docs/errors.md has every error that the tools and the functions can show, each with what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from stack_gate import waivers

from bluegreen.cli.exit_codes import ExitCode
from lambda_src.contract.gates import Gate
from lambda_src.contract.workflow import Ending
from tests.workspaces import ROOT
from tools import documents

DOCUMENT = ROOT / "docs" / "errors.md"
ROW = re.compile(r"^\| `?([\w]+)`? \|")
HEADINGS = {"code", "ending", "error", "finding", "gate", "meaning"}
# Heading → where its errors are defined.
PLACES = {
    "The switch function": ("lambda_src/contract", "lambda_src/switch"),
    "The rotation functions": ("lambda_src/rotation",),
    "The ledger": ("lambda_src/ledger",),
    "The command line": ("bluegreen", "packages/embedded_aws/src"),
    "Synthesis and scan": ("modules", "packages/bindings/src", "policies", "packages/gate/src"),
}
# What others are made of, and what never leaves the code that raises it.
BASES = {"FunctionError", "SwitchError", "RotationError", "LedgerError", "TerraformError"}
INTERNAL = {
    "EvaluationError",
    "ExpressionError",
    "MathError",
    "NotTlsError",
    "RefusedError",  # of a connection, which the proxy lets fail
    "RuleError",
    "ScheduleError",
    "SecondProcessError",
    "StackError",
    "UnreadError",
    "UnreadableRuleError",
}


def rows(heading: str) -> dict[str, list[str]]:
    """First cell → the others, of the table below `heading`."""
    text = DOCUMENT.read_text(encoding="utf-8")
    section = re.split(r"^#{2,3} ", text.split(f" {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    found = {}
    for line in section.splitlines():
        if match := ROW.match(line):
            found[match[1]] = [cell.strip() for cell in line.strip("|").split("|")][1:]
    return {name: cells for name, cells in found.items() if name not in HEADINGS}


def defined(place: str) -> Iterator[str]:
    """Public exceptions that the modules of `place` define."""
    for path in sorted((ROOT / place).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.ClassDef)
                and node.name.endswith("Error")
                and not node.name.startswith("_")
            ):
                assert node.bases, f"{path}: {node.name} is no exception"
                yield node.name


@pytest.mark.parametrize("heading", PLACES)
def test_every_error_is_there(heading: str) -> None:
    found = {name for place in PLACES[heading] for name in defined(place)}
    assert set(rows(heading)) == found - BASES - INTERNAL


def test_every_ending_gate_exit_code_and_waiver_is_there() -> None:
    assert set(rows("The shift")) == set(Ending)
    assert set(rows("Gates")) == set(Gate)
    assert set(rows("Exit codes")) == {str(int(code)) for code in ExitCode}
    assert set(rows("Waivers")) == {waivers.EXPIRED, waivers.TOO_LONG, waivers.UNUSED}


@pytest.mark.parametrize("heading", [*PLACES, "The shift", "Gates", "Waivers"])
def test_each_says_what_happened_and_what_to_do(heading: str) -> None:
    for name, cells in rows(heading).items():
        assert len(cells) == 2, name
        assert all(len(cell) > 5 for cell in cells), name


@pytest.mark.parametrize("document", documents.DOCUMENTS, ids=lambda path: path.name)
def test_generated_tables_are_up_to_date(document: Path) -> None:
    current = document.read_text(encoding="utf-8")
    assert documents.filled(current) == current, "run: make generated"
    assert "<!-- generated: " in current


def test_links_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (document.parent / target).exists(), f"{document}: {target}"
        for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", text):
            headings = _anchors(document.parent / target if target else document)
            assert anchor in headings, f"{document}: #{anchor}"


def _anchors(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE) + re.findall(r'<a (?:id|name)="([^"]+)"', text)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in found}
