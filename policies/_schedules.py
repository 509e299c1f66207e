"""How far apart the runs of a schedule are: rate(…) and cron(…) as EventBridge writes them.

Source: EventBridge user guide, "Cron-based schedules", "Rate-based schedules". Days are what counts;
hours and minutes are only checked to be there.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

YEARS = 4  # a leap year is among them
_FIRST = date(2027, 1, 1)
_RATE = re.compile(r"rate\((\d{1,9}) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\(([^()]{1,200})\)")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1
    )
}
_DAYS = {name: number for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}
_FIELDS = 6
_REMEMBERED = 1_000  # schedules


class ScheduleError(ValueError):
    """It is no schedule, or none that this module reads."""


@lru_cache(_REMEMBERED)
def longest_gap(text: str) -> float:
    """Days between two runs, at most. Raises ScheduleError."""
    if (rate := _RATE.fullmatch(text.strip())) is not None:
        count, unit = int(rate[1]), rate[2]
        if not count:
            raise ScheduleError(f"{text} never runs")
        return count / {"minute": 1440, "hour": 24, "day": 1}[unit]
    if (cron := _CRON.fullmatch(text.strip())) is None:
        raise ScheduleError(f"{text[:60]} is no schedule")
    fields = cron[1].upper().split()
    if len(fields) != _FIELDS:
        raise ScheduleError(f"{text} has {len(fields)} fields")
    _, hours, _, _, _, years = fields
    _numbers(fields[0], 0, 59, {})
    _numbers(hours, 0, 23, {})
    allowed = _numbers(years, 1970, 2199, {})
    end = date(_FIRST.year + YEARS, 1, 1)
    days = [day for day in _dates(fields[2], fields[3], fields[4]) if day.year in allowed]
    if not days:
        raise ScheduleError(f"{text} never runs")
    marks = [_FIRST, *days, end]
    return max((later - earlier).days for earlier, later in pairwise(marks))


def _dates(of_month: str, months: str, of_week: str) -> Iterator[date]:
    wanted = _numbers(months, 1, 12, _MONTHS)
    day = _FIRST
    while day.year < _FIRST.year + YEARS:
        if day.month in wanted and _is_day(day, of_month, of_week):
            yield day
        day += timedelta(days=1)


def _is_day(day: date, of_month: str, of_week: str) -> bool:
    last = monthrange(day.year, day.month)[1]
    if of_week not in ("?", "*"):
        number = day.isoweekday() % 7 + 1
        if "#" in of_week:
            name, _, nth = of_week.partition("#")
            return number in _numbers(name, 1, 7, _DAYS) and str((day.day - 1) // 7 + 1) == nth
        if of_week.endswith("L"):
            return number in _numbers(of_week[:-1] or "7", 1, 7, _DAYS) and day.day + 7 > last
        return number in _numbers(of_week, 1, 7, _DAYS)
    if of_month == "L":
        return day.day == last
    if of_month.endswith("W"):
        near = min(int(of_month[:-1]) if of_month[:-1].isdecimal() else last, last)
        return abs(day.day - near) <= 2 and day.isoweekday() < 6 and _nearest(day, near, last)  # noqa: PLR2004
    return of_month == "?" or day.day in _numbers(of_month, 1, 31, {})


def _nearest(day: date, near: int, last: int) -> bool:
    weekday = day.replace(day=near).isoweekday()
    shift = {6: -1 if near > 1 else 2, 7: 1 if near < last else -2}.get(weekday, 0)
    return day.day == near + shift


def _numbers(field: str, least: int, most: int, names: dict[str, int]) -> set[int]:
    """The numbers of a field: `*`, `?`, `1,7`, `2-5`, `1/6`."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if first in ("*", "?"):
            low, high = least, most
        else:
            low = _number(first, names)
            high = _number(last, names) if dash else most if step else low
        width = _number(step, {}) if step else 1
        if not width or not least <= low <= most or not low <= high <= most:
            raise ScheduleError(f"{field[:60]} is no part of a schedule")
        found |= set(range(low, high + 1, width))
    return found


def _number(text: str, names: dict[str, int]) -> int:
    if text in names:
        return names[text]
    if not text.isdecimal():
        raise ScheduleError(f"{text[:60]} is no part of a schedule")
    return int(text)
