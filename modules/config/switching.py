"""The function that moves traffic."""

import re
from typing import Annotated

from pydantic import Field, field_validator

from modules.config.model import Distinct, Model
from modules.config.windows import TIME, WEEKDAY, day_minutes

WINDOW = rf"{WEEKDAY}(-{WEEKDAY})? {TIME}-{TIME}"


class Switch(Model):
    """The function that moves traffic."""

    min_healthy_targets: int = Field(
        default=2,
        strict=True,
        ge=1,
        le=1000,
        description="how many healthy targets a colour needs before it gets traffic, at least 1",
        examples=[2],
    )
    memory_mb: int = Field(
        default=256, strict=True, ge=256, le=10240, description="256 to 10240 MB (R32)", examples=[256]
    )
    timeout_seconds: int = Field(
        default=60, strict=True, ge=60, le=900, description="60 to 900 seconds (R31)", examples=[60]
    )
    min_healthy_percent: int = Field(
        default=50,
        strict=True,
        ge=1,
        le=100,
        description="1 to 100 percent of a colour's targets that must be healthy before it gets traffic",
        examples=[50],
    )
    alarm_grace_seconds: int = Field(
        default=300,
        strict=True,
        ge=0,
        le=3600,
        description="0 to 3600 seconds that an alarm may be without data before it counts as ringing",
        examples=[300],
    )
    verify_seconds: int = Field(
        default=30,
        strict=True,
        ge=1,
        le=300,
        description="1 to 300 seconds between two looks at a colour while a step bakes or waits for an "
        "approval, or a share is held",
        examples=[30],
    )
    hold_seconds: int = Field(
        default=1800,
        strict=True,
        ge=60,
        le=86400,
        description="60 to 86400 seconds that a share of `bluegreen switch --percent` stands before it is "
        "rolled back, unless `--for` says otherwise",
        examples=[1800],
    )
    windows: Annotated[tuple[str, ...], Distinct] = Field(
        default=(),
        max_length=20,
        description="up to 20 times at which traffic may be moved forward, each ddd hh:mm-hh:mm or "
        "ddd-ddd hh:mm-hh:mm in UTC; one may pass midnight and then belongs to the day it begins on. "
        "None: always",
        examples=[["mon-fri 22:00-05:00"]],
    )

    @field_validator("windows")
    @classmethod
    def _readable(cls, windows: tuple[str, ...]) -> tuple[str, ...]:
        for window in windows:
            if not re.fullmatch(WINDOW, window):
                raise ValueError(f"{window!r} is no window")
            start, end = day_minutes(window.split()[1])
            if start == end:
                raise ValueError(f"{window!r} ends when it begins")
        return windows
