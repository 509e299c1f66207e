"""Finds the stacks in CDKTF output, and what Terraform would read there and this gate would not."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bluegreen.gate.report import Problem

SYNTHESIZE = "synthesize again"
HIDDEN_INPUT = (
    "it changes what Terraform applies, and this gate does not evaluate it: put it into the constructs"
)
TERRAFORM_DATA = (
    ".terraform"  # Terraform's working copies of providers and modules: no configuration of its own
)


@dataclass(frozen=True, slots=True)
class Stack:
    """One directory that Terraform would apply."""

    name: str
    files: tuple[Path, ...]


def find(directory: Path) -> tuple[list[Stack], list[Problem]]:
    """Every stack below `directory`, or in it. Hidden directories and symbolic links are no hiding places."""
    if not directory.is_dir():
        message = f"{directory} is not a directory: there is nothing to scan"
        return [], [Problem(message, "synthesize first: make synth", directory.as_posix())]
    stacks: list[Stack] = []
    problems: list[Problem] = []
    for folder, names in _walk(directory, problems):
        files = tuple(folder / name for name in sorted(names) if name.endswith(".tf.json"))
        if files:
            stacks.append(Stack(folder.resolve().name, files))
            problems += (_not_evaluated(folder / name) for name in sorted(names) if _is_other_input(name))
        problems += _missing(folder, names)
    if not stacks and not problems:
        message = f"{directory} has no stack in it: no file ends in .tf.json"
        problems.append(Problem(message, "synthesize first: make synth", directory.as_posix()))
    return stacks, problems


def _walk(directory: Path, problems: list[Problem]) -> Iterator[tuple[Path, list[str]]]:
    seen: set[str] = set()

    def unreadable(error: OSError) -> None:
        problems.append(Problem(f"{error.filename} can't be read", "make it readable", str(error.filename)))

    for folder, subfolders, names in os.walk(directory, onerror=unreadable, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:  # a link in a circle, or to a stack that is here anyway
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = sorted(name for name in subfolders if name != TERRAFORM_DATA)
        yield Path(folder), names


def _is_other_input(name: str) -> bool:
    """What Terraform reads beside the JSON (Terraform documentation, "Files and Configuration Structure")."""
    return (
        name.endswith((".tf", "_override.tf.json", ".auto.tfvars", ".auto.tfvars.json"))
        or name in ("override.tf.json", "terraform.tfvars", "terraform.tfvars.json")
    )  # fmt: skip


def _not_evaluated(path: Path) -> Problem:
    return Problem(f"{path} is read by Terraform beside the JSON", HIDDEN_INPUT, path.as_posix())


def _missing(folder: Path, names: list[str]) -> Iterator[Problem]:
    """Stacks that should be there: those in CDKTF's manifest, and every directory beside a stack's."""
    manifest, stacks = folder / "manifest.json", folder / "stacks"
    if not stacks.is_dir():
        return
    listed = set()
    if manifest.name in names:
        try:
            described = json.loads(manifest.read_bytes())["stacks"].values()
            listed = {folder / stack["synthesizedStackPath"] for stack in described}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            yield Problem(f"{manifest} is no manifest of CDKTF", SYNTHESIZE, manifest.as_posix())
    for path in sorted(listed):
        if not path.is_file():
            yield Problem(f"{path} is missing, though the manifest lists it", SYNTHESIZE, path.as_posix())
    for path in sorted(stacks.iterdir()):
        if path.is_dir() and not any(path.glob("*.tf.json")):
            yield Problem(f"{path} has no synthesized JSON in it", SYNTHESIZE, path.as_posix())
