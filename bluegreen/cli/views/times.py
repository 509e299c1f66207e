"""Moments, as people read them."""

from datetime import UTC, datetime


def stamp(moment: str | datetime) -> str:
    """`2026-11-25 17:58:44` in UTC, of a moment or of its ISO 8601 form."""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{found.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
