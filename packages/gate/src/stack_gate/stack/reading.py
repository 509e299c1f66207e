"""Reads a stack of any CDKTF output, with locals and variables in the places that refer to them."""

from pathlib import Path
from typing import Any

from stack_gate import blocks, discovery, document
from stack_gate.references import References
from stack_gate.report import Problem
from stack_gate.stack.model import Stack


class StackError(Exception):
    """There is no one stack to read. `fix` says what to give instead."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def read(directory: Path) -> Stack:
    """The one stack in `directory`. Raises StackError."""
    stacks, problems = discovery.find(directory)
    if not stacks:
        raise _error(problems[0])
    if len(stacks) > 1:
        names = ", ".join(sorted(stack.name for stack in stacks))
        raise StackError(f"{directory} has several stacks in it: {names}", "give the directory of one")
    found: list[blocks.Block] = []
    for file in stacks[0].files:
        try:
            content = document.read(file)
        except document.DocumentError as error:
            raise StackError(f"{file}: {error}", discovery.SYNTHESIZE) from error
        split, unknown = blocks.split(content, file.as_posix())
        found += split
        problems += unknown
    if problems:
        raise _error(problems[0])
    return _resolved(found, stacks[0].name)


def parse(text: str, name: str = "") -> Stack:
    """The stack in the text of one file. Raises StackError."""
    try:
        content: dict[str, Any] = document.parse(text)
    except document.DocumentError as error:
        raise StackError(f"the stack {error}", discovery.SYNTHESIZE) from error
    found, problems = blocks.split(content, name)
    if problems:
        raise _error(problems[0])
    return _resolved(found, name)


def _resolved(found: list[blocks.Block], name: str) -> Stack:
    references = References(found)
    for block in found:
        references.resolve(block)  # what it can't resolve is the gate's to report
    return Stack(found, name)


def _error(problem: Problem) -> StackError:
    return StackError(problem.message, problem.fix)
