"""How old the secret is. Secrets Manager publishes no metric of it: this function is asked on a schedule and
writes the age to its log, where a metric filter finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..common.errors import Problem, listed
from .errors import ValidationError

STEP = "reportAge"
SECONDS_A_DAY = 24 * 3600


def is_asked(event: object) -> bool:
    """Whether the event asks for the age: `{"Step": "reportAge", "SecretId"}`. Any other is a rotation's."""
    return isinstance(event, dict) and event.get("Step") == STEP


def require_own(event: Mapping[str, Any], arn: str) -> None:
    """One function reports of one secret. Raises ValidationError."""
    if event.get("SecretId") != arn:
        problem = Problem.of("SecretId", event.get("SecretId"), "is not this function's secret", arn)
        raise ValidationError(
            what=listed([problem]),
            where="event of the rotation function",
            cause="its age would be counted as that of another secret",
            fix="fix the input of the schedule that asks",
            problems=[problem],
        )


def in_days(described: Mapping[str, Any], now: datetime) -> float:
    """Days since the last rotation, of what DescribeSecret answers.

    There is no last rotation of a secret that was never rotated, or whose rotation was switched off (API
    reference, DescribeSecret): its age counts from its creation.
    """
    since: datetime = described.get("LastRotatedDate") or described["CreatedDate"]
    return round((now - since.astimezone(UTC)).total_seconds() / SECONDS_A_DAY, 2)
