"""Finds the stacks in CDKTF output, and what Terraform would read there and this gate would not."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stack_gate.report import Problem

SYNTHESIZED = ".tf.json"
SYNTHESIZE = "synthesize again"
HCL = (".tf", ".tofu")
HIDDEN_INPUT = (
    "it changes what Terraform applies, and this gate does not evaluate it: put it into the constructs"
)
# What Terraform reads beside the JSON (Terraform documentation, "Files and Configuration Structure"); and
# what OpenTofu reads in its place.
OTHER_ENDINGS = (".tf", "_override.tf.json", ".auto.tfvars", ".auto.tfvars.json", ".tofu", ".tofu.json")
OTHER_NAMES = ("override.tf.json", "terraform.tfvars", "terraform.tfvars.json")
TERRAFORM_DATA = (
    ".terraform"  # Terraform's working copies of providers and modules: no configuration of its own
)


@dataclass(frozen=True, slots=True)
class Stack:
    """One directory that Terraform would apply; or a platform of several (`stack_gate.platforms`), with its
    stacks as `parts`, and `holders`: room of the pack → name of the part that holds it.
    """

    name: str
    files: tuple[Path, ...]
    parts: "tuple[Stack, ...]" = ()
    holders: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)

    def holder(self, room: str) -> "Stack":
        """The stack on which something is absent that a policy of the room asks for."""
        name = self.holders.get(room)
        return next((part for part in self.parts if part.name == name), self.parts[0] if self.parts else self)


def find(directory: Path) -> tuple[list[Stack], list[Problem]]:
    """Every stack below `directory`, or in it. Hidden directories and symbolic links are no hiding places."""
    if not directory.is_dir():
        message = f"{directory} is not a directory: there is nothing to scan"
        return [], [Problem(message, "synthesize first: make synth", directory.as_posix())]
    stacks: list[Stack] = []
    problems: list[Problem] = []
    listed: list[tuple[Path, Path]] = []
    for folder, names in _walk(directory, problems):
        files = tuple(folder / name for name in sorted(names) if name.endswith(SYNTHESIZED))
        if files:
            stacks.append(Stack(folder.resolve().name, files))
        if files or not any(stack.files[0].parent in folder.parents for stack in stacks):
            problems += (_not_evaluated(folder / name) for name in sorted(names) if _is_other_input(name))
        problems += _missing(folder)
        listed += _listed(folder, problems)
    problems += _not_found(listed, stacks)
    if not stacks and not problems:
        message = f"{directory} has no stack in it: no file ends in .tf.json"
        problems.append(Problem(message, "synthesize first: make synth", directory.as_posix()))
    elif not stacks and any(problem.file.endswith(HCL) for problem in problems):
        problems = [_is_hcl(directory)]
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
        stack = any(name.endswith(SYNTHESIZED) for name in names)
        subfolders[:] = sorted(name for name in subfolders if not (stack and name == TERRAFORM_DATA))
        yield Path(folder), names


def _is_hcl(directory: Path) -> Problem:
    message = f"{directory} has HCL and no Terraform JSON: the gate reads Terraform JSON only"
    fix = "run `cdktf synth` and scan cdktf.out; of HCL, scan a plan: bluegreen scan --plan PLAN.json"
    return Problem(message, fix, directory.as_posix())


def _is_other_input(name: str) -> bool:
    return name.endswith(OTHER_ENDINGS) or name in OTHER_NAMES


def _not_evaluated(path: Path) -> Problem:
    return Problem(f"{path} is read by Terraform beside the JSON", HIDDEN_INPUT, path.as_posix())


def _missing(folder: Path) -> Iterator[Problem]:
    """Every directory beside a stack's should be one."""
    stacks = folder / "stacks"
    for path in sorted(stacks.iterdir()) if stacks.is_dir() else ():
        if path.is_dir() and not any(path.glob(f"*{SYNTHESIZED}")):
            yield Problem(f"{path} has no synthesized JSON in it", SYNTHESIZE, path.as_posix())


def _listed(folder: Path, problems: list[Problem]) -> list[tuple[Path, Path]]:
    """The stacks that CDKTF's manifest lists, where there is one: (manifest, file)."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return []
    try:
        described = json.loads(manifest.read_bytes())["stacks"].values()
        return [(manifest, folder / stack["synthesizedStackPath"]) for stack in described]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        if (folder / "stacks").is_dir():  # else it is somebody else's
            problems.append(Problem(f"{manifest} is no manifest of CDKTF", SYNTHESIZE, manifest.as_posix()))
        return []


def _not_found(listed: list[tuple[Path, Path]], stacks: list[Stack]) -> Iterator[Problem]:
    found = {os.path.realpath(path) for stack in stacks for path in stack.files}
    for manifest, path in sorted(listed):
        if not path.is_file():
            yield Problem(f"{path} is missing, though the manifest lists it", SYNTHESIZE, path.as_posix())
        elif os.path.realpath(path) not in found:
            what = f"{path} is not scanned, though {manifest} lists it"
            yield Problem(what, "scan the directory that holds it, too", path.as_posix())
