"""Times of the day and of the week, as the tables of a configuration write them. All are UTC."""

TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY = f"({'|'.join(DAYS)})"
DAY = 24 * 60
WEEK = len(DAYS) * DAY


def day_minutes(window: str) -> tuple[int, int]:
    """Start and end, in minutes of the day, of `hh:mm-hh:mm`, each with or without a weekday before it."""
    start, end = (tuple(map(int, part[-5:].split(":"))) for part in window.split("-"))
    return start[0] * 60 + start[1], end[0] * 60 + end[1]


def week_minutes(window: str) -> int:
    """How long `ddd:hh:mm-ddd:hh:mm` takes, in minutes; it may pass the end of the week."""
    first, last = (DAYS.index(part[:3]) for part in window.split("-"))
    start, end = day_minutes(window)
    return ((last - first) * DAY + end - start) % WEEK


def meet(one: str, other: str) -> bool:
    """Whether two windows share a minute. One without weekdays is there each day; either may pass its end."""
    cycle = WEEK if one[:3] in DAYS and other[:3] in DAYS else DAY
    (first, long), (second, longer) = _span(one), _span(other)
    return (second - first) % cycle < long or (first - second) % cycle < longer


def _span(window: str) -> tuple[int, int]:
    """Start and length, in minutes of the day or of the week."""
    start, end = day_minutes(window)
    if window[:3] not in DAYS:
        return start, (end - start) % DAY
    return DAYS.index(window[:3]) * DAY + start, week_minutes(window)
