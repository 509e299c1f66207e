"""The blocks of a platform's stacks as those of one stack.

A reference to another stack's output becomes a local with the output's value. Blocks that are called alike in
two stacks get names of their own; a provider that both have alike is kept once. Nothing else changes: an
address, a file and a line in a finding are those of the stack.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stack_gate.blocks import COMMENT, Block
from stack_gate.discovery import Stack
from stack_gate.document import END, START
from stack_gate.platforms import remote_states
from stack_gate.report import Problem
from stack_gate.stack.values import plain

_NAMED = re.compile(r"(?<![\w.-])((?:data\.|ephemeral\.)?[a-z]\w*)\.([A-Za-z_][\w-]*)")
_UNNAMED = re.compile(r"[^\w-]")
_PREFIXES = {"locals": "local", "variable": "var", "module": "module"}
Names = dict[tuple[str, str], str]  # (what stands before the dot, name) → its other name


@dataclass(slots=True)
class Joined:
    """`renamed`: address in the platform → address in the stack, of blocks with other names."""

    blocks: list[Block] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)


def join(stacks: Sequence[tuple[Stack, list[Block]]]) -> Joined:
    """The platform of these stacks, given the blocks of each. What it can't resolve stays, and is unknown."""
    joined = Joined()
    known, joined.problems = remote_states.states(stacks)
    links = {stack.name: remote_states.read_by(stack, blocks, known) for stack, blocks in stacks}
    outputs = _Outputs(
        {
            (stack.name, block.labels[0]): block
            for stack, blocks in stacks
            for block in blocks
            if block.kind == "output"
        },
        joined.problems,
    )
    resolved = [(stack, _resolved(stack, blocks, links[stack.name], outputs)) for stack, blocks in stacks]
    taken = {_local(*key) for key in outputs.used}
    for stack, blocks in resolved:
        values = [(key, outputs.blocks[key]) for key in outputs.used if key[0] == stack.name]
        read = [*blocks, *(_value(key, output) for key, output in values)]
        joined.blocks += _apart(stack, read, taken, joined)
    return joined


@dataclass(slots=True)
class _Outputs:
    """`blocks`: by name of the stack and of the output; `used`: those that another stack reads."""

    blocks: Mapping[tuple[str, str], Block]
    problems: list[Problem]
    used: dict[tuple[str, str], None] = field(default_factory=dict)


def _local(stack: str, output: str) -> str:
    return f"state-of-{_UNNAMED.sub('-', stack)}-{output}"


def _value(key: tuple[str, str], output: Block) -> Block:
    """A local with the value of an output."""
    body = {_local(*key): output.body.get("value"), START: output.line, END: output.line}
    return Block("locals", (), body, output.file, output.line)


def _resolved(
    stack: Stack, blocks: list[Block], links: Mapping[str, Stack], outputs: _Outputs
) -> list[Block]:
    """The blocks with locals in the place of outputs, without the remote states that nothing needs then."""
    if not links:
        return blocks
    needed = set[str]()

    def local(match: re.Match[str]) -> str:
        state, output = match[1], match[2] or match[3]
        if state not in links:
            return match[0]
        key = (links[state].name, output)
        if key not in outputs.blocks:
            needed.add(state)
            outputs.problems.append(_missing(stack, match[0], links[state], output))
            return match[0]
        outputs.used[key] = None
        return f"local.{_local(*key)}"

    found = [_changed(block, lambda text: remote_states.OUTPUT.sub(local, text)) for block in blocks]
    for block in found:
        needed |= {name for name in links if _refers(block.body, f"data.{remote_states.TYPE}.{name}")}
    return [
        block
        for block in found
        if not (block.kind == "data" and block.labels[0] == remote_states.TYPE)
        or block.labels[1] not in links
        or block.labels[1] in needed
    ]


def _missing(stack: Stack, reference: str, other: Stack, output: str) -> Problem:
    message = f"{stack.name} reads {reference}, and {other.name} has no output {output}"
    fix = f"add the output to {other.name}, or synthesize both again"
    return Problem(message, fix, stack.files[0].as_posix())


def _refers(value: Any, address: str) -> bool:
    """Whether an expression has the address; `depends_on` does not count."""
    if isinstance(value, dict):
        return any(
            _refers(item, address) for key, item in value.items() if key not in (COMMENT, "depends_on")
        )
    if isinstance(value, list):
        return any(_refers(item, address) for item in value)
    return isinstance(value, str) and bool(re.search(rf"(?<![\w.-]){re.escape(address)}(?![\w-])", value))


def _changed(block: Block, change: Callable[[str], str]) -> Block:
    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                change(key) if "${" in key else key: item if key == COMMENT else changed(item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [changed(item) for item in value]
        return change(value) if isinstance(value, str) else value

    return Block(block.kind, block.labels, changed(block.body), block.file, block.line)


def _apart(stack: Stack, blocks: list[Block], shared: set[str], joined: Joined) -> list[Block]:
    """The blocks, with other names for those that the platform has already."""
    there = {(block.kind, *block.labels) for block in joined.blocks}
    there |= {("locals", name) for b in joined.blocks if b.kind == "locals" for name in b.body}
    suffix = f"-{_UNNAMED.sub('-', stack.name)}"
    names: Names = {}
    for block in blocks:
        prefix = _PREFIXES.get(block.kind, block.labels[0] if block.kind == "resource" else "")
        if block.kind in ("data", "ephemeral"):
            prefix = f"{block.kind}.{block.labels[0]}"
        labels = [name for name in block.body if name not in (COMMENT, START, END)]
        for name in labels if block.kind == "locals" else block.labels[-1:]:
            key = ("locals", name) if block.kind == "locals" else (block.kind, *block.labels)
            if prefix and key in there and name not in shared:
                names[prefix, name] = name + suffix
    found: list[Block] = []
    providers, aliased = _providers(blocks, joined.blocks, suffix)
    for block in blocks:
        if block.kind == "provider" and id(block) not in providers:
            continue
        other = _renamed(providers.get(id(block), block), names, there, suffix)
        if other.address != block.address:
            joined.renamed[other.address] = block.address
        found.append(_of_its_provider(other, aliased))
    return found


def _renamed(block: Block, names: Names, there: set[tuple[str, ...]], suffix: str) -> Block:
    if not names and block.kind != "output":
        return block

    def other(match: re.Match[str]) -> str:
        key = (match[1], match[2])
        return f"{match[1]}.{names[key]}" if key in names else match[0]

    found = _changed(block, lambda text: _NAMED.sub(other, text) if "." in text else text)
    if block.kind == "locals":
        body = {names.get(("local", name), name): value for name, value in found.body.items()}
        return Block(block.kind, (), body, block.file, block.line)
    prefix = _PREFIXES.get(block.kind, block.labels[0] if block.labels else "")
    if block.kind in ("data", "ephemeral"):
        prefix = f"{block.kind}.{prefix}"
    if block.labels and (prefix, block.labels[-1]) in names:
        found.labels = (*block.labels[:-1], names[prefix, block.labels[-1]])
    elif block.kind in ("output", "check") and (block.kind, *block.labels) in there:
        found.labels = (f"{block.labels[0]}{suffix}",)
    return found


def _providers(
    blocks: list[Block], before: list[Block], suffix: str
) -> tuple[dict[int, Block], dict[str, str]]:
    """Providers to keep, by the identity of their block; and the other alias of those that differ from what
    the platform has under their name.
    """
    kept: dict[int, Block] = {}
    aliased: dict[str, str] = {}
    known = {block.name: _settings(block) for block in before if block.kind == "provider"}
    for block in blocks:
        if block.kind != "provider":
            continue
        if block.name not in known:
            kept[id(block)] = block
        elif known[block.name] != _settings(block):
            alias = f"{block.name.partition('.')[2] or 'default'}{suffix}"
            body = {**block.body, "alias": alias}
            kept[id(block)] = Block(block.kind, block.labels, body, block.file, block.line)
            aliased[block.name] = f"{block.labels[0]}.{alias}"
    return kept, aliased


def _settings(block: Block) -> Any:
    return {key: value for key, value in plain(block.body).items() if key != COMMENT}


def _of_its_provider(block: Block, aliased: Mapping[str, str]) -> Block:
    """A resource of a provider with another alias names it."""
    if not aliased or block.kind not in ("resource", "data", "ephemeral"):
        return block
    named = str(block.body.get("provider") or block.labels[0].partition("_")[0])
    named = named.removeprefix("${").removesuffix("}")
    if named in aliased:
        block.body = {**block.body, "provider": aliased[named]}
    return block
