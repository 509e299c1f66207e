"""Broad policies wait for narrow ones: of one defect a report has the finding that says how to fix it.

A policy that asks for a whole kind of known good (`yields = True`) finds most defects of narrow policies,
too. Its finding waits while a narrow policy of the pack has one that is not waived:

- on the same resource, or on one that the broad finding names;
- on a resource that refers to one that the broad finding names;
- on the stack, because something is absent: what is joined to it is joined to nothing.

The exit code is the same. Once the narrow finding is fixed, the broad one speaks if anything is left.
"""

import re
from collections.abc import Callable, Iterable

from stack_gate import registries
from stack_gate.references import expressions
from stack_gate.verdict import Outcome, Verdict

_ADDRESS = re.compile(r"\b[a-z]\w*\.[A-Za-z_][\w-]*")


def standing(verdicts: Iterable[Verdict], is_waived: Callable[[Verdict], bool]) -> list[Verdict]:
    """The verdicts without broad findings that wait. None of `verdicts` has passed."""
    found = list(verdicts)
    narrow = [v for v in found if not (_yields(v) or registries.is_built_in(v.check) or is_waived(v))]
    if len(narrow) == len(found):
        return found
    absent = any(verdict.block is None and verdict.outcome is Outcome.FAILED for verdict in narrow)
    places = {verdict.block.address for verdict in narrow if verdict.block}
    joined = places.union(*map(_referred, narrow))

    def waits(verdict: Verdict) -> bool:
        if not _yields(verdict) or is_waived(verdict):
            return False
        own = {verdict.block.address} if verdict.block else set[str]()
        return absent or not own.isdisjoint(places) or not (_named(verdict) - own).isdisjoint(joined)

    return [verdict for verdict in found if not waits(verdict)]


def _yields(verdict: Verdict) -> bool:
    return bool(getattr(verdict.check, "yields", False)) and verdict.outcome is Outcome.FAILED


def _named(verdict: Verdict) -> set[str]:
    return set(_ADDRESS.findall(verdict.message))


def _referred(verdict: Verdict) -> set[str]:
    """What the block of a finding refers to."""
    texts = expressions(verdict.block.body) if verdict.block else ()
    return {address for text in texts for address in _ADDRESS.findall(text)}
