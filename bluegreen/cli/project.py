"""Where a command works: the directory with `config/`, `cdktf.out/` and `.local/`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode

MARKS = ("cdktf.json", "cdktf.out/stacks")  # a checkout has one or both
CODE = Path(__file__).resolve().parents[2]

ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project",
        envvar="BLUEGREEN_PROJECT",
        metavar="DIR",
        show_default="the one that this directory is in, else the command's own",
        help="The checkout to work in.",
    ),
]


class _Place:
    """`root`: as `use` has found it. `installed`: the checkout whose command runs, None for `python -m`."""

    root = Path()
    installed: Path | None = None


def root() -> Path:
    """The directory, relative to the current one where the current one is in it."""
    return _Place.root


def use(named: Path | None) -> None:
    """Work in the directory that `find` finds. Raises CommandError."""
    _Place.root = find(named)


def install(checkout: Path | None) -> None:
    """The checkout that is used where the current directory is in none."""
    _Place.installed = checkout


def find(named: Path | None) -> Path:
    """`named`, else the nearest checkout from here upward, else the command's own, else this directory.

    Above the current directory only those of this user count: what is synthesized there is given to
    Terraform, which runs what it says. Raises CommandError where `named` is none.
    """
    if named is not None:
        if not _is_checkout(named):
            raise CommandError(
                ExitCode.INVALID,
                f"--project {named} is no checkout of the platform: it has neither {' nor '.join(MARKS)}",
                "give the directory that holds cdktf.json",
            )
        return named
    here = Path.cwd()
    if _is_checkout(here):
        return Path()
    for above in here.parents:
        if _is_checkout(above) and above.stat().st_uid == os.getuid():
            return Path(os.path.relpath(above, here))
    return _Place.installed or Path()


def _is_checkout(directory: Path) -> bool:
    return any((directory / mark).exists() for mark in MARKS)
