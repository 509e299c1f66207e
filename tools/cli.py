"""Writes docs/cli.md from the command line itself: `python -m tools.cli`."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from bluegreen.cli.app import GROUPS, app
from bluegreen.cli.exit_codes import MEANING
from bluegreen.cli.verbs import described

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
REAL_ACCOUNT = "<!-- real account -->"
HEAD = """<!-- Written by `make generated` from the command line itself. -->

# Command line

`make setup` installs `bluegreen` into the environment: `.venv/bin/bluegreen`, or `pipenv run
bluegreen`. To type `bluegreen` in a shell, run `export PATH="$PWD/.venv/bin:$PATH"` in the checkout.

It works from any directory: in the checkout that the directory is in, else in the one that it is
installed in. `--project DIR` names another. `bluegreen completion` prints completion for bash, zsh and fish.

Tests run every example of this page, in this order, on the embedded AWS. Those that
need a real account are parsed.
"""
SHARED = ("deployment", "output", "function", "region", "endpoint_url", "state_machine", "interval")
WHOLE = "follow"  # has them all
VALUES = {"str": "TEXT", "list[str]": "TEXT", "path": "PATH", "int range": "N", "float range": "N"}


def page() -> str:
    """The Markdown document."""
    root = typer.main.get_command(app)
    parts = [HEAD, *_contents(root), *_options(root, "Options of every verb", ("project", "version"))]
    whole = root.commands[WHOLE]  # type: ignore[attr-defined]  # the root is a group
    shared = {parameter.name: parameter.help for parameter in whole.params if parameter.name in SHARED}
    parts += [*_options(whole, "Options that verbs share", SHARED), *_exit_codes()]
    for group in GROUPS:
        parts.append(f"## {group}\n")
        for words, command in verbs(root):
            if _group(root, words) == group:
                parts += _verb(words, command, shared)
    return "\n".join(parts).rstrip() + "\n"


def verbs(root: Any) -> Iterator[tuple[str, Any]]:
    """Every verb as it is typed, and its command, in the order of `--help`."""
    for name in root.list_commands(None):
        command = root.commands[name]
        for below, found in getattr(command, "commands", {"": command}).items():
            yield f"{name} {below}".strip(), found


def _group(root: Any, words: str) -> str:
    return str(root.commands[words.split(maxsplit=1)[0]].rich_help_panel)


def _contents(root: Any) -> Iterator[str]:
    yield from ("| group | verbs |", "| --- | --- |")
    for group in GROUPS:
        links = (
            f"[`{words}`](#{_anchor(words)})" for words, _ in verbs(root) if _group(root, words) == group
        )
        yield f"| {group} | {', '.join(links)} |"
    yield ""


def _anchor(words: str) -> str:
    return f"bluegreen {words}".replace(" ", "-")


def _exit_codes() -> Iterator[str]:
    yield from ("## Exit codes", "", "| code | meaning |", "| --- | --- |")
    yield from (f"| {int(code)} | {meaning} |" for code, meaning in MEANING.items())
    yield ""


def _verb(words: str, command: Any, shared: Mapping[str, str]) -> Iterator[str]:
    told = described(command.callback)
    yield from (f"### `bluegreen {words}`", "")
    for paragraph in told.text:
        yield from (paragraph, "")
    elsewhere = [each for each in command.params if shared.get(each.name) == each.help]
    own = [each.name for each in command.params if each not in elsewhere]
    if own != ["help"]:
        yield from _table(command, own)
    if elsewhere:
        yield from (f"Also {', '.join(f'`{each.opts[0]}`' for each in elsewhere)}.", "")
    for mark, lines in (("", told.examples), (REAL_ACCOUNT, told.real_account)):
        if lines:
            yield from (*filter(None, [mark]), "```sh", *lines, "```", "")


def _options(command: Any, title: str, names: tuple[str, ...]) -> Iterator[str]:
    yield from (f"## {title}", "")
    yield from _table(command, names)


def _table(command: Any, names: Any) -> Iterator[str]:
    yield from ("| option | default | meaning |", "| --- | --- | --- |")
    for parameter in command.params:
        if parameter.name in names and parameter.name != "help":
            yield f"| {_spelt(parameter)} | {_default(parameter)} | {_cell(parameter.help or '')} |"
    yield ""


def _spelt(parameter: Any) -> str:
    """As it is typed: `--to <blue|green>`, `PLAN`."""
    if parameter.param_type_name == "argument":
        return f"`{(parameter.metavar or parameter.name.upper()).strip('[]')}`"
    value = "" if getattr(parameter, "is_flag", False) else _value(parameter)
    names = ", ".join(f"`{name}`" for name in parameter.opts)
    return _cell(f"{names} {value}".rstrip())


def _value(parameter: Any) -> str:
    """What an option takes: nearly as `--help` has it; angle brackets would be tags in Markdown."""
    shown = str(parameter.display_type(typer.Context(typer.main.get_command(app)))).strip("<>")
    return parameter.metavar or VALUES.get(shown, shown)


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    if isinstance(parameter.show_default, str):
        return _cell(parameter.show_default)
    default, variable = parameter.default, getattr(parameter, "envvar", None)
    shown = "" if default in (None, False, "", ()) else f"`{getattr(default, 'value', default)}`"
    return _cell(", ".join(filter(None, [f"`{variable}`" if variable else "", shown])))


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def main() -> None:
    """Rewrite it."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
