"""Remembers what a function gives for a text: one stack asks for the same text many times."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

_TEXTS = 16_384
_LONGEST = 10_000  # characters: what is longer is rare, and would fill the memory

Found = TypeVar("Found")


def remembered(function: Callable[[str], Found]) -> Callable[[str], Found]:
    """The same function, of texts up to `_LONGEST` computed once. What it gives must be immutable."""
    known = lru_cache(_TEXTS)(function)

    @wraps(function)
    def find(text: str) -> Found:
        return known(text) if len(text) <= _LONGEST else function(text)

    return find
