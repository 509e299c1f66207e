"""`bluegreen completion`: verbs, options and names of deployments at the Tab key."""

import os
from enum import StrEnum
from typing import Annotated

import typer
from safe_io import exact

from bluegreen.cli import project
from bluegreen.cli.errors import CommandError

NAME, VARIABLE = "bluegreen", "_BLUEGREEN_COMPLETE"


class Shell(StrEnum):
    """The shells that Typer's completion is tested with here."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


def completion(shell: Annotated[Shell, typer.Argument(help="Of which shell.")]) -> None:
    """Print the completion script of a shell: it completes verbs, options and names of deployments.

    bash: `eval "$(bluegreen completion bash)"` in ~/.bashrc. zsh: the same with zsh in ~/.zshrc, after
    `compinit`. fish: `bluegreen completion fish > ~/.config/fish/completions/bluegreen.fish`.

    Examples:
        bluegreen completion bash > bluegreen.bash
        bluegreen completion fish > bluegreen.fish
    """
    # Typer has no other public module for it.
    from typer.completion import get_completion_script  # type: ignore[attr-defined]  # noqa: PLC0415

    exact(get_completion_script(prog_name=NAME, complete_var=VARIABLE, shell=shell.value) + "\n")


def prepare() -> None:
    """Have Typer answer a shell that asks: it only does where it adds options of its own."""
    if VARIABLE in os.environ:
        from typer.completion import completion_init  # type: ignore[attr-defined]  # noqa: PLC0415 - as above

        completion_init()


def deployments(ctx: typer.Context) -> list[str]:
    """Names of the deployments of the project, for `--deployment`."""
    try:
        directory = project.find(ctx.find_root().params.get("project"))
    except CommandError:
        return []
    return sorted(path.stem for path in (directory / "config").glob("*.toml"))
