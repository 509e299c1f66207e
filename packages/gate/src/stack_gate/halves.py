"""A scan in two halves that run at the same time: Checkov's own checks, and the pack's.

Checkov's take its graph, which takes about as long to build as the pack takes to import and run.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from stack_gate import engine, graph, registries, second_process, ungraphed
from stack_gate.blocks import Block
from stack_gate.discovery import Stack
from stack_gate.engine import Evaluation, Judgement
from stack_gate.report import Problem

FIX = "scan again; where the system ended it for want of memory, scan fewer stacks at once"


def of_checkov(
    subjects: list[tuple[Evaluation, list[Block]]],
) -> AbstractContextManager[Callable[[], Judgement]]:
    """Gives the judgement of Checkov's own checks on each of the stacks, one after the other.

    To be entered before the pack is loaded: the second process has what is there by then.
    """
    judgements = (engine.judge(found.stack, read, wanted=registries.is_built_in) for found, read in subjects)
    shared = [*registries.active(), *(block for _, read in subjects for block in read)]
    return second_process.ahead(judgements, shared)


def of_pack(stack: Stack, read: list[Block]) -> Judgement:
    """What the pack's checks say. Checkov's graph is built for those that read it."""
    own = [check for check in registries.active() if not registries.is_built_in(check)]
    needs_graph = not all(getattr(check, "reads_stack", False) for check in own)
    build = graph.build if needs_graph else ungraphed.build
    found = engine.judge(stack, read, build, lambda check: not registries.is_built_in(check))
    found.unseen = []  # those of Checkov's half: some documents are to be read in its graph only
    return found


def join(found: Evaluation, own: Judgement, take: Callable[[], Judgement]) -> None:
    """Puts both halves into `found`; of Checkov's, the checks that the pack has not replaced."""
    try:
        theirs = take()
    except second_process.SecondProcessError as error:
        message = f"{found.stack.name}: Checkov's own checks were not evaluated: {error}"
        theirs = Judgement(failures=[Problem(message, FIX, found.stack.files[0].as_posix())])
    active = set(map(id, registries.active()))
    theirs.verdicts = [verdict for verdict in theirs.verdicts if id(verdict.check) in active]
    found.add(theirs)
    found.add(own)
