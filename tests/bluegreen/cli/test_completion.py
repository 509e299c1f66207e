"""Completion at the Tab key: in bash itself, and what zsh and fish ask for and get."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bluegreen.cli.conftest import run
from tests.workspaces import ROOT

pytestmark = pytest.mark.integration

BASH = """
eval "$(bluegreen completion bash)"
COMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
$(complete -p bluegreen | sed 's/.*-F \\([^ ]*\\).*/\\1/') bluegreen
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A PATH with the command."""
    (tmp_path / "bluegreen").symlink_to(ROOT / "scripts" / "bluegreen")
    return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("bluegreen rol", {"rollback"}),
        ("bluegreen local d", {"denials", "down", "dsn"}),
        ("bluegreen switch --to ''", {"blue", "green"}),
        ("bluegreen status --depl", {"--deployment"}),
        ("bluegreen status --deployment ''", {"local", "production", "staging"}),
        ("bluegreen completion ''", {"bash", "zsh", "fish"}),
    ],
)
def test_bash(words: str, expected: set[str], environment: dict[str, str]) -> None:
    bash = shutil.which("bash") or "bash"
    command = [bash, "--norc", "-c", BASH.format(words=words)]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert (set(said.stdout.split()), said.stderr) == (expected, "")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            {"_BLUEGREEN_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "bluegreen rol"},
            '"rollback":"Move all',
        ),
        (
            {
                "_BLUEGREEN_COMPLETE": "complete_fish",
                "_TYPER_COMPLETE_FISH_ACTION": "get-args",
                "_TYPER_COMPLETE_ARGS": "bluegreen rol",
            },
            "rollback\tMove all",
        ),
    ],
    ids=["zsh", "fish"],
)
def test_the_others(asked: dict[str, str], expected: str, environment: dict[str, str]) -> None:
    command = [ROOT / "scripts" / "bluegreen"]
    said = subprocess.run(command, env={**environment, **asked}, capture_output=True, text=True, check=True)
    assert expected in said.stdout
    assert said.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_of_that_shell(shell: str) -> None:
    result = run("completion", shell)
    assert (result.exit_code, f"complete_{shell}" in result.stdout) == (0, True)
    program = shutil.which(shell)
    if program:
        subprocess.run([program, "-n"], input=result.stdout, text=True, check=True)
