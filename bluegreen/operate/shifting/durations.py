"""Spans of time as people write them: `90s`, `10m`, `1h30m`, `0`."""

import re

UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_SPAN = re.compile("".join(rf"(?:(?P<{unit}>[0-9]{{1,6}}){unit})?" for unit in UNITS))
EXAMPLES = "90s, 10m or 1h30m"


def parse(text: str) -> int:
    """Seconds. Raises ValueError that says what is wrong and what is right."""
    found = _SPAN.fullmatch(text.strip().lower())
    if text.strip() == "0":
        return 0
    if not text.strip() or not found:
        raise ValueError(f"{text!r} is no span of time; one is {EXAMPLES}")
    return sum(int(found[unit] or 0) * seconds for unit, seconds in UNITS.items())


def words(seconds: float) -> str:
    """The same way back: 5400 is `1h30m`. Whole seconds; none below zero."""
    rest = max(0, round(seconds))
    parts = []
    for unit, size in UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
