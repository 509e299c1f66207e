"""One stack, from its files to verdicts. Imports Checkov, some 2,600 modules: to be imported late."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from stack_gate import (
    blocks,
    document,
    documents,
    graph,
    graph_checks,
    limits,
    normalise,
    platforms,
    python_checks,
    waivers,
)
from stack_gate.discovery import Stack
from stack_gate.references import References
from stack_gate.report import Problem
from stack_gate.verdict import Verdict
from stack_gate.waivers import Waiver

Wanted = Callable[[Any], bool]  # which checks
Build = Callable[[Iterable[blocks.Block]], tuple[graph.StackGraph, list[Problem]]]
Reader = Callable[["Evaluation"], list[blocks.Block]]


@dataclass(slots=True)
class Evaluation:
    """What there is to say about one stack, or platform. `renamed`: address here → address in its stack."""

    stack: Stack
    verdicts: list[Verdict] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)

    def add(self, judgement: "Judgement") -> None:
        """What checks say; of Checkov's and of the pack's one after the other."""
        self.verdicts += judgement.verdicts
        self.problems += judgement.unseen + judgement.failures


def read_files(found: Evaluation) -> list[blocks.Block]:
    """The blocks of the stack's files; waivers of the whole stack, and problems, go into `found`."""
    if not found.stack.parts:
        return _read(found, found.stack)
    joined = platforms.join([(part, _read(found, part)) for part in found.stack.parts])
    found.problems += joined.problems
    found.renamed = joined.renamed
    return joined.blocks


def _read(found: Evaluation, stack: Stack) -> list[blocks.Block]:
    read: list[blocks.Block] = []
    for path in stack.files:
        try:
            content = document.read(path)
        except document.DocumentError as error:
            problem = Problem(f"{path} {error}", "synthesize again", path.as_posix(), error.line)
            found.problems.append(problem)
            continue
        parts, unknown = blocks.split(content, path.as_posix())
        of_stack, malformed = waivers.read(content.get(blocks.COMMENT), stack.name, path.as_posix(), 1)
        read += parts
        found.waivers += of_stack
        found.problems += unknown + malformed
    return read


@dataclass(slots=True)
class Judgement:
    """What checks say about one stack. `unseen`: what of it no check could see; `failures`: what raised."""

    verdicts: list[Verdict] = field(default_factory=list)
    unseen: list[Problem] = field(default_factory=list)
    failures: list[Problem] = field(default_factory=list)


def evaluate(stack: Stack, reader: Reader = read_files, build: Build = graph.build) -> Evaluation:
    """Runs every check. A defect of the gate or of Checkov is a problem of the stack, too."""
    found, read = prepared(stack, reader)
    found.add(judge(stack, read, build))
    return found


def prepared(stack: Stack, reader: Reader = read_files) -> tuple[Evaluation, list[blocks.Block]]:
    """The blocks of a stack in the form that checks read; none where it can't be evaluated."""
    found = Evaluation(stack)
    try:
        read = reader(found)
        if not _is_evaluable(found, read):
            return found, []
        references = References(read)
        for block in read:
            prepare(found, block, references)
    except Exception as error:  # noqa: BLE001 - whatever it was, the stack was not evaluated
        found.problems.append(not_evaluated(stack, error))
        return found, []
    return found, read


def judge(
    stack: Stack, read: list[blocks.Block], build: Build = graph.build, wanted: Wanted = lambda _: True
) -> Judgement:
    """Runs the checks that are wanted on blocks that are prepared."""
    if not read:
        return Judgement()
    try:
        documents.inline(read)
        connected, lost = build(read)
        verdicts, hidden = python_checks.run(connected, wanted)
        return Judgement(verdicts + graph_checks.run(connected, wanted), lost + hidden)
    except Exception as error:  # noqa: BLE001 - as above
        return Judgement(failures=[not_evaluated(stack, error)])


def not_evaluated(stack: Stack, error: Exception) -> Problem:
    """The problem that something raised: of the stack as a whole."""
    message = f"{stack.name} can't be evaluated: {type(error).__name__}: {error}"
    fix = "validate it with Terraform; where it is valid, this is a defect of the gate"
    return Problem(message, fix, stack.files[0].as_posix())


def _is_evaluable(found: Evaluation, read: list[blocks.Block]) -> bool:
    found.problems += blocks.repeated(read)
    if not any(block.kind == "resource" for block in read):
        message = f"{found.stack.name} has no resource in it"
        found.problems.append(Problem(message, "take an empty stack out", found.stack.files[0].as_posix()))
        return False
    large = [(block, what) for block in read if (what := limits.too_large(block.body))]
    found.problems += [_too_large(block, what) for block, what in large]
    return not large


def prepare(found: Evaluation, block: blocks.Block, references: References) -> None:
    """Brings a block into the form that checks read. It depends on the block, on locals and variables."""
    accepted, malformed = waivers.of_block(block)
    found.waivers += accepted
    found.problems += malformed + references.resolve(block) + normalise.normalise(block)


def _too_large(block: blocks.Block, what: str) -> Problem:
    message = f"{block.address} {what}"
    return Problem(message, "write less of it in one block", block.file, block.line, resource=block.address)
