"""Runs the mutants of every stack of a directory, in this process."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from stack_gate import discovery, loading
from stack_gate.blocks import Block
from stack_gate.document import END, START
from stack_gate.isolation import isolated
from stack_gate.mutation import operators
from stack_gate.mutation.forms import Rename, all_hidden, changed, hidden, new_name, renamed, renaming
from stack_gate.mutation.operators import Mutant
from stack_gate.mutation.places import DROPPED
from stack_gate.mutation.result import EVALUATION, Outcome, Result

if TYPE_CHECKING:
    from stack_gate.engine import Build, Evaluation
    from stack_gate.report import Problem
    from stack_gate.waivers import Waiver

Pair = tuple[str, str, str]  # policy, resource, message
Progress = Callable[[int, int], None]
_UNKNOWN = (operators.UNKNOWN_TYPE, operators.UNKNOWN_NAME)
_GLOBAL = frozenset({"locals", "variable"})  # a change of them may change any other block


@dataclass(slots=True)
class _Prepared:
    """A block as checks read it, and what came of its preparation."""

    block: Block
    waivers: "list[Waiver]"
    problems: "list[Problem]"


class _Subject:
    """One stack in one form; mutants are made of its blocks."""

    def __init__(
        self, stack: discovery.Stack, blocks: list[Block], kept: "Evaluation", build: "Build", today: date
    ):
        self._stack, self._kept, self._build, self._today = stack, kept, build, today
        self.blocks = blocks
        self._prepared = self._prepare(blocks, blocks)
        documents = any(block.labels[:1] == ("aws_iam_policy_document",) for block in blocks)
        self._is_fast = not documents  # a document is put into other blocks
        self.pairs = self._judged(self._prepared)

    def found(self, at: int, block: Block | None, added: Sequence[Block]) -> set[Pair]:
        """What is found with another block in the place of the one at `at`, and not otherwise."""
        read = [*self.blocks[:at], *([block] if block else []), *self.blocks[at + 1 :], *added]
        if not self._is_fast or self.blocks[at].kind in _GLOBAL:
            return self._judged(self._prepare(read, read)) - self.pairs
        new = self._prepare([*([block] if block else []), *added], read)
        return self._judged([*self._prepared[:at], *self._prepared[at + 1 :], *new]) - self.pairs

    def _prepare(self, blocks: Iterable[Block], read: list[Block]) -> list[_Prepared]:
        from stack_gate import engine  # noqa: PLC0415 - see engine
        from stack_gate.references import References  # noqa: PLC0415 - as above

        references = References(read)
        prepared: list[_Prepared] = []
        for block in blocks:
            copy = Block(block.kind, block.labels, dict(block.body), block.file, block.line)
            found = engine.Evaluation(self._stack)
            try:
                engine.prepare(found, copy, references)
            except Exception as error:  # noqa: BLE001 - as of a scan: what can't be evaluated has not passed
                found.problems.append(engine.not_evaluated(self._stack, error))
            prepared.append(_Prepared(copy, found.waivers, found.problems))
        return prepared

    def _judged(self, prepared: list[_Prepared]) -> set[Pair]:
        from stack_gate import engine, summary  # noqa: PLC0415 - as above

        found = engine.Evaluation(
            self._stack,
            waivers=[*self._kept.waivers, *(waiver for part in prepared for waiver in part.waivers)],
            problems=[*self._kept.problems, *(problem for part in prepared for problem in part.problems)],
        )
        found.add(engine.judge(self._stack, [part.block for part in prepared], self._build))
        report = summary.report([found], [], self._today, 0)
        findings = [*report.findings, *(item.finding for item in report.waived)]
        pairs = {(f.policy, f.resource, f.message) for f in findings if not f.policy.startswith("BG_WAIVER")}
        return pairs | {(p.policy or EVALUATION, p.resource or "", p.message) for p in report.errors}


def mutate(
    directory: Path,
    *,
    policies: Path,
    today: date,
    sample: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Result:
    """Tries the mutants of every stack in `directory` on the pack in `policies`, without Checkov's checks.

    `sample`: how many, at most; one of each argument, then of each operator on each argument, before the
    second of any. `seed` chooses. Reads the two
    directories, writes nothing. Raises nothing that the input could cause.
    """
    tell = progress or (lambda _done, _total: None)
    stacks, problems = discovery.find(directory)
    result = Result(seed=seed, errors=[] if stacks else problems)
    if not stacks:
        return result
    with isolated():
        loading.load()
        from stack_gate import engine, graph, pack, registries, ungraphed  # noqa: PLC0415 - see engine

        with pack.loaded(policies) as unloaded:
            registries.drop_built_in()
            result.errors += unloaded
            fast = all(getattr(check, "reads_stack", False) for check in registries.active())
            build = ungraphed.build if fast else graph.build
            subjects: list[_Trial] = []
            for stack in stacks:
                kept = engine.Evaluation(stack)
                blocks = engine.read_files(kept)
                result.errors += kept.problems
                if not result.errors:
                    subjects.append(_Trial(stack, blocks, kept, build, today))
            if not result.errors:
                _run(result, subjects, sample, tell)
    return result


class _Trial:
    """One stack in both forms."""

    def __init__(
        self, stack: discovery.Stack, blocks: list[Block], kept: "Evaluation", build: "Build", today: date
    ):
        self.name = stack.name
        self.blocks = blocks
        self._rename: Rename = renaming(blocks)
        others = [renamed(block, self._rename) for block in blocks]
        self._plain = _Subject(stack, blocks, kept, build, today)
        self._renamed = _Subject(stack, others, kept, build, today)
        behind = [all_hidden(block) for block in others]
        written = [block for block, _ in behind] + [block for _, added in behind for block in added]
        self._hidden = _Subject(stack, written, kept, build, today).pairs

    def alarms(self) -> list[str]:
        """What is found under other names, behind locals, and not in the stack as it is."""
        known = {(policy, self._address(resource)) for policy, resource, _ in self._plain.pairs}
        found = {(policy, resource) for policy, resource, _ in self._renamed.pairs | self._hidden}
        return [f"{policy} {resource}" for policy, resource in sorted(found - known)]

    def _address(self, address: str) -> str:
        for block in self.blocks:
            if block.address == address and block.kind in ("resource", "data"):
                return f"{address.removesuffix(block.labels[1])}{new_name(block.labels[1])}"
        return address

    def outcome(self, mutant: Mutant) -> Outcome:
        """What the pack finds new with the mutant in the stack."""
        subject, value, address = self._plain, mutant.value, mutant.address
        if mutant.is_disguised:
            subject, address = self._renamed, self._address(address)
            value = value if value is DROPPED else self._rename(value)
        original = subject.blocks[mutant.at]
        block, added = changed(original, mutant.path, value), list[Block]()
        if mutant.operator == "indirect":
            added.append(Block("data", _UNKNOWN, {START: 1, END: 1}, original.file, 1))
        elif mutant.is_disguised and block is not None and value is not DROPPED:
            block, added = hidden(block, mutant.path)
        found = subject.found(mutant.at, block, added)
        policies = frozenset(policy for policy, _, _ in found)
        return Outcome(self.name, mutant, policies, any(resource == address for _, resource, _ in found))


def _run(result: Result, trials: list[_Trial], sample: int | None, tell: Progress) -> None:
    result.stacks = tuple(trial.name for trial in trials)
    result.alarms = [alarm for trial in trials for alarm in trial.alarms()]
    gc.freeze()  # none of it is garbage, and looking for some takes as long as a mutant
    everything = [(trial, mutant) for trial in trials for mutant in operators.mutants(trial.blocks)]
    result.possible = len(everything)
    chosen = everything if sample is None else _sampled(everything, sample, result.seed)
    for done, (trial, mutant) in enumerate(chosen):
        tell(done, len(chosen))
        result.outcomes.append(trial.outcome(mutant))


def _sampled(everything: list[tuple[_Trial, Mutant]], number: int, seed: int) -> list[tuple[_Trial, Mutant]]:
    """Of each argument one, then of each operator on each argument one, before the second of any."""
    random = Random(seed)  # noqa: S311 - a sample, and no secret
    shuffled = random.sample(everything, len(everything))
    seen: Counter[tuple[str, ...]] = Counter()
    ranked: list[tuple[int, ...]] = []
    for place, (_, mutant) in enumerate(shuffled):
        keys = (mutant.argument, mutant.operator), (mutant.argument,)
        seen.update(keys)
        ranked.append((*(seen[key] for key in keys), place))
    return [shuffled[place] for *_, place in sorted(ranked)[:number]]
