"""Whether a command exists: parsed by the tool itself, which is not run."""

import re
from functools import cache
from typing import Any

import typer

from bluegreen.cli.app import app
from tests.workspaces import ROOT


@cache
def root() -> Any:
    """The command line, as the command objects that Typer makes."""
    return typer.main.get_command(app)


@cache
def make_targets() -> frozenset[str]:
    """Those that have a line of help."""
    return frozenset(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def verb_of(words: list[str]) -> tuple[Any, list[str]]:
    """The verb that `bluegreen WORDS` calls, and its arguments. Raises LookupError."""
    command = root()
    rest = list(words)
    while hasattr(command, "commands") and rest:
        name = rest.pop(0)
        if name not in command.commands:
            raise LookupError(f"no verb {name}")
        command = command.commands[name]
    return command, rest


def parse(words: list[str]) -> None:
    """Raises Typer's errors of usage, or LookupError, if `bluegreen WORDS` would not be understood."""
    command, rest = verb_of(words)
    with command.make_context(command.name, rest):
        pass


def options_of(words: list[str]) -> set[str]:
    """Those of `words` that are options."""
    return {word.partition("=")[0].strip("[],.") for word in words if word.lstrip("[").startswith("--")}


def known_options(command: Any) -> set[str]:
    """All that the verb takes."""
    return {name for parameter in command.params for name in parameter.opts} | {"--help"}
