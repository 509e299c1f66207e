"""Numbers and types in words."""

import re
from collections import Counter
from collections.abc import Iterable


def count(number: int, noun: str) -> str:
    """1 zone, 3 zones, 2 policies."""
    several = f"{noun[:-1]}ies" if re.search(r"[^aeiou]y$", noun) else f"{noun}s"
    return f"1 {noun}" if number == 1 else f"{number or 'no'} {several}"


def tally(words: Iterable[str]) -> str:
    """3 functions, 2 queues: the most first."""
    return ", ".join(count(number, word) for word, number in Counter(words).most_common())


def plain(type_: str) -> str:
    """A resource type as people say it, such as `iam role`."""
    return type_.removeprefix("aws_").replace("_", " ")
