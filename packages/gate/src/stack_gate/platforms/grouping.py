"""Which stacks of a directory are judged together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from stack_gate import blocks, document
from stack_gate.discovery import Stack
from stack_gate.platforms import platform_file, remote_states
from stack_gate.report import Problem


def group(
    stacks: Sequence[Stack], path: Path | None, rooms: Iterable[str]
) -> tuple[list[Stack], list[Problem]]:
    """The platforms of the file at `path`; and of the stacks that are in none: each that no other one reads,
    with all that it reads. A stack that belongs to nothing stays as it is. Names of platforms are those of
    the file, or that of the stack that reads the others.
    """
    found: list[Stack] = []
    problems: list[Problem] = []
    named = set[str]()
    if path is not None:
        file = platform_file.read(path, (stack.name for stack in stacks), rooms)
        problems += file.problems
        for platform in file.platforms:
            parts = tuple(stack for name in platform.stacks for stack in stacks if stack.name == name)
            found.append(Stack(platform.name, _files(parts), parts, platform.holders))
            named.update(platform.stacks)
    links, doubled = _links(stacks)
    problems += doubled
    left = [stack for stack in stacks if stack.name not in named]
    read = {other.name for name, others in links.items() for other in others if name not in named}
    done = set[str]()
    roots = [stack for stack in left if stack.name not in read]
    for stack in [*roots, *left]:  # a circle has no root: its first stack is one
        if stack.name in done or (stack in roots) is (stack.name in read):
            continue
        parts = _closure(stack, links)
        done.update(part.name for part in parts)
        found.append(replace(stack, files=_files(parts), parts=parts) if len(parts) > 1 else stack)
    return found, problems


def _closure(stack: Stack, links: Mapping[str, list[Stack]]) -> tuple[Stack, ...]:
    """The stack, and all that it reads, directly or not."""
    found, waiting = {stack.name: stack}, [stack]
    while waiting:  # each stack once
        for other in links.get(waiting.pop().name, ()):
            if other.name not in found:
                found[other.name] = other
                waiting.append(other)
    return tuple(found.values())


def _links(stacks: Sequence[Stack]) -> tuple[dict[str, list[Stack]], list[Problem]]:
    """Name of a stack → the stacks whose states it reads. A file that can't be read is its evaluation's."""
    if len(stacks) < 2 or not any(map(_reads_states, stacks)):  # noqa: PLR2004 - one has no other to read
        return {}, []
    read = [(stack, _blocks(stack)) for stack in stacks]
    known, doubled = remote_states.states(read)
    links = {
        stack.name: list(remote_states.read_by(stack, found, known).values())
        for stack, found in read
        if any(block.labels[:1] == (remote_states.TYPE,) for block in found)
    }
    wanted = {name for name, others in links.items() if others}
    return links, doubled if wanted else []


def _reads_states(stack: Stack) -> bool:
    try:
        return any(remote_states.TYPE.encode() in path.read_bytes() for path in stack.files)
    except OSError:
        return False


def _blocks(stack: Stack) -> list[blocks.Block]:
    found: list[blocks.Block] = []
    for path in stack.files:
        try:
            found += blocks.split(document.read(path), path.as_posix())[0]
        except document.DocumentError:
            return []
    return found


def _files(parts: Iterable[Stack]) -> tuple[Path, ...]:
    return tuple(path for part in parts for path in part.files)
