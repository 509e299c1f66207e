"""How large a stack may be. What is larger is not evaluated, so that a scan takes seconds.

Sizes count the characters of strings, and as much for each item of a list as it takes to look at it.
"""

from typing import Any

DEEPEST = 60  # objects and lists within one another
LARGEST = 8_000_000  # one value
LARGEST_STACK = 100_000_000  # what all values of a stack become, with locals and variables in their places
MOST_STEPS = 500_000  # evaluating one expression
_ITEM = 20


def size(value: Any, most: int = LARGEST) -> int:
    """The size of a value, at least; it stops counting above `most`."""
    found, waiting = 0, [value]
    while waiting and found <= most:
        item = waiting.pop()
        if isinstance(item, dict):
            found += sum(map(len, item)) + len(item) * _ITEM
            waiting += item.values()
        elif isinstance(item, list):
            found += len(item) * _ITEM
            waiting += item
        else:
            found += len(item) if isinstance(item, str) else 1
    return found


def too_large(value: Any) -> str | None:
    """What is wrong with the size of a value."""
    level = [value]
    for _ in range(DEEPEST):
        objects = (item for item in level if isinstance(item, dict | list))
        level = [inner for item in objects for inner in (item.values() if isinstance(item, dict) else item)]
        if not level:
            break
    else:
        return f"has objects and lists that are more than {DEEPEST} deep"
    return f"has a value of more than {LARGEST:,} characters" if size(value) > LARGEST else None
