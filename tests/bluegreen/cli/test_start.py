"""Start, help and defects of the command line, as processes."""

import os
import subprocess
import sys

import pytest

from bluegreen.cli import abort
from bluegreen.cli.app import GROUPS
from bluegreen.cli.exit_codes import MEANING
from bluegreen.cli.verbs import described
from tests.workspaces import ROOT

pytestmark = pytest.mark.integration

# Each of them takes longer to import than the whole of `bluegreen --help` may take.
HEAVY = ("boto3", "botocore", "checkov", "moto", "cryptography", "cdktf", "jsii")

RUN = """
import sys
sys.argv[:] = ["bluegreen", *sys.argv[1:]]
from bluegreen.cli import app
try:
    app.main()
finally:
    print(sorted(set(sys.modules) & set({heavy!r})), file=sys.stderr)
"""
DEFECT = """
import sys
from bluegreen.cli import app, {module}

def broken(*_):
    raise RuntimeError("a defect")
{module}.{function} = broken
sys.argv[:] = ["bluegreen", *sys.argv[1:]]
app.main()
"""


def python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("local", "--help"),
        ("switch", "--help"),
        ("shift", "--help"),
        ("scan", "--help"),
        ("guard", "--help"),
    ],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    result = python(RUN.format(heavy=HEAVY), *arguments)
    assert (result.returncode, result.stderr) == (0, "[]\n")


def test_help_shows_the_exit_codes() -> None:
    shown = [line.strip() for line in python(RUN.format(heavy=HEAVY), "--help").stdout.splitlines()]
    for code, meaning in MEANING.items():
        assert f"{code:d}  {meaning}" in shown


def test_help_begins_with_what_to_do_first_and_has_groups() -> None:
    shown = python(RUN.format(heavy=HEAVY), "--help").stdout
    places = [
        shown.index(text) for text in ("First, in the checkout: `make up`", *(f"─ {g} ─" for g in GROUPS))
    ]
    assert places == sorted(places)


def test_help_of_a_verb_has_its_examples() -> None:
    shown = [line.strip() for line in python(RUN.format(heavy=HEAVY), "abort", "--help").stdout.splitlines()]
    begin = shown.index("Examples:")
    assert shown[begin + 1 : begin + 4] == list(described(abort.abort).examples)


@pytest.mark.parametrize(
    ("module", "function", "arguments", "code"),
    [
        ("target", "connect", ("status",), 4),
        ("scan", "_status", ("scan", "--format", "json=-"), 2),
        ("guard", "allowances_of", ("guard", "plan.json"), 2),
        ("scan", "_status", ("--project", ".", "scan"), 2),
    ],
)
def test_a_defect_keeps_its_traceback_and_does_not_look_like_a_refusal(
    module: str, function: str, arguments: tuple[str, ...], code: int
) -> None:
    result = python(DEFECT.format(module=module, function=function), *arguments)
    assert result.returncode == code
    assert result.stderr.splitlines()[-1] == "RuntimeError: a defect"
