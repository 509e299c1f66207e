"""Reads a stack of any CDKTF output: files, blocks and locals as the policy gate reads them."""

from pathlib import Path
from typing import Any

from stack_gate import blocks, discovery, document
from stack_gate.references import References
from stack_gate.report import Problem

from bluegreen.diagram.errors import DiagramError
from bluegreen.diagram.stack import Resource, Stack

_BOOKKEEPING = frozenset({document.START, document.END, blocks.COMMENT})


def read(directory: Path) -> Stack:
    """The one stack in `directory`. Raises DiagramError."""
    stacks, problems = discovery.find(directory)
    if not stacks:
        raise _error(problems[0])
    if len(stacks) > 1:
        names = ", ".join(sorted(stack.name for stack in stacks))
        raise DiagramError(f"{directory} has several stacks in it: {names}", "give the directory of one")
    found: list[blocks.Block] = []
    for file in stacks[0].files:
        try:
            content = document.read(file)
        except document.DocumentError as error:
            raise DiagramError(f"{file}: {error}", discovery.SYNTHESIZE) from error
        split, unknown = blocks.split(content, file.as_posix())
        found += split
        problems += unknown
    if problems:
        raise _error(problems[0])
    return _stack(stacks[0].name, found)


def _error(problem: Problem) -> DiagramError:
    return DiagramError(problem.message, problem.mend)


def _stack(name: str, found: list[blocks.Block]) -> Stack:
    references = References(found)
    for block in found:
        references.resolve(block)  # what it can't resolve is the gate's to report
    providers = [_plain(block.body) for block in found if (block.kind, *block.labels) == ("provider", "aws")]
    resources = [
        Resource(block.labels[0], block.labels[1], _plain(block.body))
        for block in found
        if block.kind == "resource"
    ]
    return Stack(name, resources, providers[0] if providers else {})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in _BOOKKEEPING}
    return [_plain(item) for item in value] if isinstance(value, list) else value
