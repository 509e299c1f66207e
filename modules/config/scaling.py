"""What else auto scaling follows: a metric of the application, and a calendar.

Source: Application Auto Scaling API reference, CustomizedMetricSpecification and PutScheduledAction.
"""

import re
import zoneinfo
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from modules.config.model import Model

TAKEN = ("cpu", "requests")  # the two policies that each colour has
_CRON_FIELD = r"[A-Z0-9*?,/#-]+"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
SCHEDULE = rf"^(cron\({_CRON_FIELD}( {_CRON_FIELD}){{5}}\)|at\({_TIME}\))$"

Slug = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        max_length=32,
        description="a name of up to 32 lower-case letters, digits and single hyphens",
        examples=["queue-depth"],
    ),
]


class Named(Model):
    """A row of a list whose names differ."""

    name: Slug


class ScalingMetric(Named):
    """A metric that grows with the load of one task and shrinks with the number of tasks."""

    namespace: str = Field(
        pattern=r"^[A-Za-z0-9._/#:-]{1,255}$",
        description="the CloudWatch namespace: 1 to 255 letters, digits and . _ / # : -",
        examples=["Payments"],
    )
    metric: str = Field(
        pattern=r"^[A-Za-z0-9._/#-][A-Za-z0-9 ._/#-]{0,254}$",
        description="the metric's name: 1 to 255 letters, digits, spaces and . _ / # -",
        examples=["PendingPerTask"],
    )
    statistic: Literal["Average", "Minimum", "Maximum", "SampleCount", "Sum"] = Field(
        default="Average",
        description='"Average", "Minimum", "Maximum", "SampleCount" or "Sum"',
        examples=["Average"],
    )
    dimensions: dict[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9._/#-]{1,255}$")],
        Annotated[str, Field(pattern=r"^[A-Za-z0-9._/#:=@+-]{1,255}$")],
    ] = Field(
        default_factory=dict,
        max_length=30,
        description="up to 30 dimensions and their values; all that the metric is published with",
        examples=[{"Colour": "blue"}],
    )
    target: float = Field(
        gt=0,
        le=1e9,
        allow_inf_nan=False,
        description="the value that auto scaling keeps the metric at, above 0 and up to 1000000000",
        examples=[100.0],
    )

    @field_validator("name")
    @classmethod
    def _not_taken(cls, name: str) -> str:
        if name in TAKEN:
            raise ValueError(f"{name} is a policy that each colour has anyway")
        return name


class ScalingSchedule(Named):
    """Other bounds of auto scaling from a time on."""

    schedule: str = Field(
        pattern=SCHEDULE,
        description="when the bounds begin to hold: cron(minute hour day-of-month month day-of-week year) or "
        "at(yyyy-mm-ddThh:mm:ss)",
        examples=["cron(0 6 ? * MON-FRI *)"],
    )
    timezone: str = Field(
        default="UTC",
        pattern=r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$",
        description="the IANA name of the schedule's time zone",
        examples=["Europe/Berlin"],
    )
    min_tasks: int = Field(
        strict=True,
        ge=1,
        le=1000,
        description="the floor from then on, 1 to 1000 tasks, at least [switch] min_healthy_targets",
        examples=[6],
    )
    max_tasks: int = Field(
        strict=True,
        ge=1,
        le=1000,
        description="the ceiling from then on, min_tasks to 1000 tasks",
        examples=[60],
    )

    @field_validator("timezone")
    @classmethod
    def _known(cls, timezone: str) -> str:
        known = zoneinfo.available_timezones()  # empty on a machine without the time zone database
        if known and timezone not in known:
            raise ValueError(f"{timezone} is no time zone of the IANA database")
        return timezone

    @field_validator("schedule")
    @classmethod
    def _one_day(cls, schedule: str) -> str:
        """CloudWatch Events' cron: one of day-of-month and day-of-week is a question mark."""
        fields = re.findall(_CRON_FIELD, schedule.removeprefix("cron"))
        if schedule.startswith("cron") and (fields[2] == "?") == (fields[4] == "?"):
            raise ValueError("of day-of-month and day-of-week, exactly one has to be ?")
        return schedule

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max_tasks < self.min_tasks:
            raise ValueError(f"max_tasks = {self.max_tasks} is less than min_tasks = {self.min_tasks}")
        return self


def _different(rows: tuple[Named, ...]) -> tuple[Named, ...]:
    names = [row.name for row in rows]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{', '.join(repeated)} names several rows")
    return rows


NamedApart = AfterValidator(_different)
