"""The scan of a plan: what `bluegreen scan --plan` does, as a function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stack_gate import discovery, loading, waivers
from stack_gate.blocks import COMMENT, Block, split
from stack_gate.document import DocumentError
from stack_gate.document import read as read_document
from stack_gate.isolation import isolated
from stack_gate.plan import blocks, document
from stack_gate.plan.document import Plan, PlanError
from stack_gate.report import ALL, Report

if TYPE_CHECKING:
    from stack_gate.engine import Evaluation
    from stack_gate.waivers import Waiver

SYNTHESIZED = "cdk.tf.json"


@dataclass(frozen=True)
class Synthesized:
    """The stack that was planned. `blocks`: by address; `comment`: at the top, with the stack's waivers."""

    blocks: Mapping[str, Block]
    comment: Any = None
    file: str = ""
    name: str = ""


def scan_plan(
    path: Path,
    *,
    stack: Path | None,
    policies: Path | None,
    today: date,
    progress: Callable[[str], None] | None = None,
    profile: str = ALL,
) -> Report:
    """Evaluates every policy on the plan in `path`, as `terraform show -json` writes it.

    `stack`: directory of the synthesized stack, with the waivers and with what a plan does not tell
    (`lifecycle`); None: that of the plan, if there is a stack in it. Otherwise as `stack_gate.scan`.
    """
    tell = progress or (lambda _: None)
    try:
        plan = document.read(path)
        beside = _synthesized(path.parent if stack is None else stack, required=stack is not None)
        _compare(plan, beside.blocks)
    except PlanError as error:
        return Report(errors=(document.problem(path, error),), profile=profile)
    with isolated():
        tell("loading Checkov")
        loading.load()
        from stack_gate import engine, pack, profiles, registries, summary  # noqa: PLC0415 - see engine

        with pack.loaded(policies) as unloaded:
            unasked = profiles.select(profile, policies)
            tell(f"evaluating {path}")
            source = discovery.Stack(beside.name or path.stem, (path,))
            evaluation = engine.evaluate(source, lambda found: _blocks(found, plan, beside))
            evaluation.waivers = _relevant(evaluation, today)
            problems, asked = [*unloaded, *unasked], len(registries.active())
            return summary.report([evaluation], problems, today, asked, profile)


def _blocks(found: "Evaluation", plan: Plan, beside: Synthesized) -> list[Block]:
    of_stack, malformed = waivers.read(beside.comment, found.stack.name, beside.file, 1)
    found.waivers += of_stack
    found.problems += malformed
    return blocks.split(plan, beside.blocks)


def _synthesized(directory: Path, *, required: bool) -> Synthesized:
    """The stack in `directory`, if it is there or has to be. Raises PlanError."""
    file = directory / SYNTHESIZED
    if not file.exists() and not required:
        return Synthesized({})
    try:
        content = read_document(file)
        found, problems = split(content, file.as_posix())
    except DocumentError as error:
        raise PlanError(f"can't be compared with its stack: {file} {error}", "synthesize again") from error
    if problems:
        raise PlanError(f"can't be compared with its stack: {problems[0].message}", problems[0].fix)
    by_address = {_key(block, number): block for number, block in enumerate(found)}
    return Synthesized(by_address, content.get(COMMENT), file.as_posix(), file.resolve().parent.name)


def _key(block: Block, number: int) -> str:
    return block.address if block.labels else f"{block.kind} {number}"


def _compare(plan: Plan, synthesized: Mapping[str, Block]) -> None:
    """A plan of another synthesis has other waivers, and says nothing about this one."""
    if not synthesized:
        return
    planned = {block["address"] for block in plan.configuration.get("resources", ())}
    there = {block.address for block in synthesized.values() if block.kind in ("resource", "data")}
    if different := sorted(planned ^ there):
        raise PlanError(
            f"is not a plan of the stack beside it: only one of them has {', '.join(different[:3])}",
            "plan again after the synthesis, or give --stack the directory that was planned",
        )


def _relevant(evaluation: "Evaluation", today: date) -> list["Waiver"]:
    """Without those that waive nothing here: whether one is needed at all, the scan of the JSON says."""
    names = {
        (verdict.block.address if verdict.block else evaluation.stack.name, verdict.check.id)
        for verdict in evaluation.verdicts
        if verdict.outcome.name in ("FAILED", "NOT_EVALUATED")
    }
    return [w for w in evaluation.waivers if waivers.not_holding(w, today) or (w.resource, w.check) in names]
