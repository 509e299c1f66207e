"""Policy documents as they are decided by: parsed once, and for a recheck with others in their place."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from iam_evaluation import Kind, Policy, PolicyError, parse_policy


@dataclass
class _Recheck:
    """`instead`: text of a document → the text that is to be decided by; `seen`: what was asked for."""

    instead: Mapping[str, str]
    seen: dict[str, tuple[str, Kind]] = field(default_factory=dict)


_RECHECK: ContextVar[_Recheck | None] = ContextVar("recheck", default=None)


def parsed(text: str, name: str, kind: Kind = Kind.IDENTITY) -> Policy | None:
    """None: AWS would refuse it, so it can't be in force."""
    if recheck := _RECHECK.get():
        recheck.seen[text] = (name, kind)
        text = recheck.instead.get(text, text)
    try:
        return parse_policy(text, name=name, kind=kind)
    except PolicyError:
        return None


@contextmanager
def rechecking(instead: Mapping[str, str]) -> Iterator[dict[str, tuple[str, Kind]]]:
    """Within the block documents are decided by those `instead`. Yields all that were asked for."""
    recheck = _Recheck(instead)
    token = _RECHECK.set(recheck)
    try:
        yield recheck.seen
    finally:
        _RECHECK.reset(token)
