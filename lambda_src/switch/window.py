"""When traffic may move: windows of the week, in UTC. `mon-fri 22:00-05:00` begins on five evenings and ends
on the mornings after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

ALWAYS = "always"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
WEEK_MINUTES = len(DAYS) * DAY_MINUTES

_DAY = "(" + "|".join(DAYS) + ")"
_TIME = "([01][0-9]|2[0-3]):([0-5][0-9])"
_WINDOW = re.compile(rf"{_DAY}(?:-{_DAY})? {_TIME}-{_TIME}")


@dataclass(frozen=True)
class Window:
    """`text` as configured; on each of `days` (0 is Monday) from minute `start` for `minutes`."""

    text: str
    days: tuple[int, ...]
    start: int
    minutes: int

    def contains(self, moment: datetime) -> bool:
        """Whether `moment`, in UTC, is inside: the first minute is, the one it ends at isn't."""
        now = moment.weekday() * DAY_MINUTES + moment.hour * 60 + moment.minute
        begins = (day * DAY_MINUTES + self.start for day in self.days)
        return any((now - begin) % WEEK_MINUTES < self.minutes for begin in begins)


def parse_windows(text: str) -> tuple[Window, ...] | None:
    """None for what can't be read. `always` is no window: nothing is closed."""
    if text == ALWAYS:
        return ()
    windows = [_window(part) for part in text.split(",")]
    return None if None in windows else tuple(window for window in windows if window)


def _window(text: str) -> Window | None:
    found = _WINDOW.fullmatch(text)
    if found is None:
        return None
    first, last, *times = found.groups()
    start_hour, start_minute, end_hour, end_minute = map(int, times)
    start = start_hour * 60 + start_minute
    minutes = (end_hour * 60 + end_minute - start) % DAY_MINUTES or DAY_MINUTES
    begin = DAYS.index(first)
    count = (DAYS.index(last or first) - begin) % len(DAYS) + 1
    days = tuple((begin + number) % len(DAYS) for number in range(count))
    return Window(text, days, start, minutes)
