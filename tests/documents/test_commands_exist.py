"""Every command of the documents exists, with these options, whether it is run or needs a real account."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.documents.blocks import ASSIGNMENT, Line, lines, spans
from tests.documents.words import known_options, make_targets, options_of, parse, verb_of
from tests.workspaces import ROOT

# What else may stand in a block. Only with a real account: the tools of others.
SHELL = {".", "cd", "cp", "eval", "export", "rm", "sed", "set", "sleep", "trap", "umask"}
OTHERS = {"aws", "curl", "docker", "git", "terraform"}
ALL = lines()


def test_there_are_commands() -> None:
    assert len(ALL) > 50
    assert {line.real_account for line in ALL} == {True, False}


@pytest.mark.integration
def test_make_alone_lists_the_targets() -> None:
    make = shutil.which("make") or "make"
    listed = subprocess.run(
        [make, "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[1] for line in listed.splitlines()} == make_targets()


@pytest.mark.parametrize("line", ALL, ids=str)
def test_a_line(line: Line) -> None:
    for program, *words in line.commands:
        if program == "bluegreen":
            parse([word.replace("$DEPLOYMENT", "local") for word in words])
        elif program == "make":
            assert set(words) <= make_targets()
        elif not ASSIGNMENT.fullmatch(program):
            assert program in (SHELL | OTHERS if line.real_account or line.run_by else SHELL)
    assert not line.run_by or Path(line.run_by).name in {
        path.name for path in ROOT.glob("tests/e2e/test_*.py")
    }


@pytest.mark.parametrize(
    ("where", "words"), spans(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_span(where: str, words: list[str]) -> None:
    program, *rest = words
    if program == "make":
        assert rest[0] in make_targets(), where
        return
    named = [word.rstrip(",;:.") for word in rest]
    if named[0] in {"…", "--help"}:
        return
    command, _ = verb_of(named[: 2 if named[0] in {"ledger", "local"} else 1])
    assert options_of(named) <= known_options(command), where
