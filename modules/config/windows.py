"""Times of the day and of the week, as the tables of a configuration write them. All are UTC."""

TIME = r"([01]\d|2[0-3]):[0-5]\d"
WEEKDAY = "(mon|tue|wed|thu|fri|sat|sun)"
DAY = 24 * 60


def day_minutes(window: str) -> tuple[int, int]:
    """Start and end, in minutes of the day, of `hh:mm-hh:mm`, each with or without a weekday before it."""
    start, end = (tuple(map(int, part[-5:].split(":"))) for part in window.split("-"))
    return start[0] * 60 + start[1], end[0] * 60 + end[1]
