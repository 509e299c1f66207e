"""Which stack's state a `terraform_remote_state` reads. Source: Terraform documentation, "The
terraform_remote_state Data Source"; backends "local" and "s3".
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stack_gate.blocks import Block
from stack_gate.discovery import Stack
from stack_gate.references import References
from stack_gate.report import Problem
from stack_gate.stack.values import Body, lookup, objects, plain

TYPE = "terraform_remote_state"
# `data.terraform_remote_state.network.outputs.vpc_id`, or `….outputs["vpc_id"]`
OUTPUT = re.compile(rf'\bdata\.{TYPE}\.([\w-]+)\.outputs(?:\.([\w-]+)|\["([^"\]]+)"\])')
Place = tuple[str, ...]  # where a state is kept
_WORKSPACE = "default"


def states(stacks: Sequence[tuple[Stack, list[Block]]]) -> tuple[dict[Place, Stack], list[Problem]]:
    """Where the stacks keep their states, as far as that is known; and the places that two of them have."""
    found: dict[Place, Stack] = {}
    problems: list[Problem] = []
    for stack, blocks in stacks:
        place = _own(stack, blocks)
        if place is None:
            continue
        if (other := found.setdefault(place, stack)) is not stack:
            message = f"{stack.name} keeps its state where {other.name} does: {' '.join(place)}"
            fix = "give each stack a backend with a path, or a key, of its own"
            problems.append(Problem(message, fix, stack.files[0].as_posix()))
    return found, problems


def read_by(stack: Stack, blocks: list[Block], known: Mapping[Place, Stack]) -> dict[str, Stack]:
    """Label of each remote state that a stack reads → the stack whose state it is, where that is scanned."""
    found: dict[str, Stack] = {}
    references: References | None = None
    for block in blocks:
        if block.kind != "data" or block.labels[0] != TYPE:
            continue
        references = references or References(blocks)
        copy = Block(block.kind, block.labels, dict(block.body), block.file, block.line)
        if references.resolve(copy):
            continue
        body = plain(copy.body)
        workspace = body.get("workspace") in (None, _WORKSPACE)
        place = _place(body.get("backend"), body.get("config"), stack) if workspace else None
        if place is not None and place in known:
            found[block.labels[1]] = known[place]
    return found


def _own(stack: Stack, blocks: list[Block]) -> Place | None:
    backends = [
        backend
        for block in blocks
        if block.kind == "terraform"
        for backend in objects(plain(block.body.get("backend")))
    ]
    for backend in backends:
        for kind, config in backend.items():
            return _place(kind, config, stack)
    is_elsewhere = any(block.kind == "terraform" and "cloud" in block.body for block in blocks)
    return None if is_elsewhere else _place("local", {}, stack)


def _place(kind: Any, config: Any, stack: Stack) -> Place | None:
    """None where it is not known, or kept by a backend whose places this gate does not compare."""
    body: Body = next(iter(objects(config)), {})
    if kind == "local":
        path = body.get("path") or "terraform.tfstate"
        return ("local", _absolute(path, stack.files[0].parent)) if _is_known(path) else None
    if kind == "s3":
        place = tuple(lookup(body, name) for name in ("bucket", "key"))
        return ("s3", *map(str, place)) if all(map(_is_known, place)) else None
    return None


def _is_known(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and "${" not in value


def _absolute(path: str, directory: Path) -> str:
    """As Terraform finds it, which runs in the directory of the stack."""
    return os.path.normpath(directory.resolve() / path)
