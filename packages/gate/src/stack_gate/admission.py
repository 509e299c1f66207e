"""Drafts of the entries that admit what a pack does not know, in the form in which the gate reads waivers.

Owner, reason and expiry date are empty: an entry that is not filled in is no waiver, and the scan says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stack_gate import discovery, loading
from stack_gate.blocks import COMMENT, LABELS, Block
from stack_gate.isolation import isolated
from stack_gate.report import Problem


@dataclass(slots=True)
class Draft:
    """`stacks`: name of a stack → what is merged into its Terraform JSON; `reasons`: per stack, address →
    what is not known of it. `errors`: what kept the draft from being complete.
    """

    stacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    reasons: dict[str, dict[str, str]] = field(default_factory=dict)
    errors: list[Problem] = field(default_factory=list)


def draft(directory: Path, *, policies: Path, progress: Callable[[str], None] | None = None) -> Draft:
    """An entry for each block that a policy of the pack can't evaluate and would admit (`needs_owner`), and
    that no waiver admits yet. Reads the two directories, writes nothing.
    """
    tell = progress or (lambda _: None)
    stacks, problems = discovery.find(directory)
    found = Draft(errors=[] if stacks else problems)
    if not stacks:
        return found
    with isolated():
        tell("loading Checkov")
        loading.load()
        from stack_gate import engine, pack, registries  # noqa: PLC0415 - see engine
        from stack_gate.verdict import Outcome  # noqa: PLC0415 - as above

        with pack.loaded(policies) as unloaded:
            found.errors += unloaded
            registries.keep(lambda check: getattr(check, "needs_owner", False))
            for stack in stacks:
                tell(f"evaluating {stack.name}")
                evaluation = engine.evaluate(stack)
                admitted = {(waiver.check, waiver.resource) for waiver in evaluation.waivers}
                for verdict in evaluation.verdicts:
                    address = verdict.block.address if verdict.block else stack.name
                    if (
                        verdict.check.id,
                        address,
                    ) in admitted or verdict.outcome is not Outcome.NOT_EVALUATED:
                        continue
                    fragment = found.stacks.setdefault(stack.name, {})
                    _entries(fragment, verdict.block).append(_entry(verdict.check.id))
                    found.reasons.setdefault(stack.name, {})[address] = verdict.message
                if not evaluation.verdicts:
                    found.errors += evaluation.problems
    return found


def _entry(check: str) -> dict[str, str]:
    return {"id": check, "owner": "", "comment": "", "expires": ""}


def _entries(fragment: dict[str, Any], block: Block | None) -> list[dict[str, str]]:
    """The list of waivers at the block's place in a document; of the whole stack at its top."""
    body = fragment
    if block is not None:
        for key in (block.kind, *block.labels[: LABELS[block.kind]]):
            body = body.setdefault(key, {})
    found: list[dict[str, str]] = body.setdefault(COMMENT, {"checkov": {"skip": []}})["checkov"]["skip"]
    return found
