"""One colour's database, and the credentials of its application."""

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, ValidationInfo, field_validator, model_validator

from modules.config.database_parameters import Parameters
from modules.config.instance_classes import default_connections, memory_gib
from modules.config.model import Distinct, Model
from modules.config.windows import DAY, TIME, WEEKDAY, day_minutes, meet, week_minutes

Privilege = Literal[
    "SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE", "CREATE TEMPORARY TABLES", "LOCK TABLES"
]
DAILY_WINDOW = rf"^{TIME}-{TIME}$"
WEEKLY_WINDOW = rf"^{WEEKDAY}:{TIME}-{WEEKDAY}:{TIME}$"
MINIMUM_WINDOW = 30
SERVERLESS = "db.serverless"
SMALLEST_ACU, SMALLEST_CEILING, LARGEST_ACU = 2, 8, 256
GIB_PER_ACU = 2


class Capacity(Model):
    """Aurora Serverless v2. Source: Aurora user guide, "Performance and scaling for Aurora Serverless v2"."""

    min_acu: float = Field(
        ge=SMALLEST_ACU,
        le=LARGEST_ACU,
        multiple_of=0.5,
        description="2 to 256 capacity units (2 GiB each) that an instance always has, in steps of 0.5: "
        "with less, Performance Insights doesn't work",
        examples=[2.0],
    )
    max_acu: float = Field(
        ge=SMALLEST_CEILING,
        le=LARGEST_ACU,
        multiple_of=0.5,
        description="8 to 256 capacity units that an instance has at most, in steps of 0.5: 8 are the memory "
        "of db.r6g.large (R23)",
        examples=[16.0],
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max_acu < self.min_acu:
            raise ValueError(f"max_acu = {self.max_acu:g} is less than min_acu = {self.min_acu:g}")
        return self


class Database(Model):
    """One colour's Aurora MySQL cluster (R15-R23)."""

    engine_version: str = Field(
        pattern=r"^8\.0\.mysql_aurora\.3\.(0[89]|[1-9][0-9])\.[0-9]+$",
        description="an Aurora MySQL 3 version that is still creatable (3.08 or later); 3.10 is the LTS line",
        examples=["8.0.mysql_aurora.3.10.3"],
    )
    instance_class: str = Field(
        default="db.r6g.large",
        pattern=r"^db\.((r[5-9][a-z]*|x2[a-z]*)\.[0-9]*x?large|serverless)$",
        description="a memory-optimised instance class (R23), or db.serverless with capacity",
        examples=["db.r6g.large"],
    )
    instance_count: int = Field(
        default=2,
        strict=True,
        ge=2,
        le=16,
        description="2 to 16 instances, spread over the zones: one writer, the others readers (R22)",
        examples=[2],
    )
    backup_retention_days: int = Field(
        default=7, strict=True, ge=7, le=35, description="7 to 35 days (R20)", examples=[7]
    )
    backup_window: str = Field(
        pattern=DAILY_WINDOW,
        description="when RDS backs up daily, hh:mm-hh:mm in UTC, at least 30 minutes",
        examples=["02:00-03:00"],
    )
    maintenance_window: str = Field(
        pattern=WEEKLY_WINDOW,
        description="when RDS maintains weekly, ddd:hh:mm-ddd:hh:mm in UTC, at least 30 minutes and less "
        "than a day, clear of the backup window and of the other colour's maintenance",
        examples=["sun:04:00-sun:05:00"],
    )
    privileges: Annotated[tuple[Privilege, ...], Distinct] = Field(
        default=("SELECT", "INSERT", "UPDATE", "DELETE"),
        min_length=1,
        description=f"what the application may do with its data: {', '.join(get_args(Privilege))}",
        examples=[["SELECT", "INSERT", "UPDATE", "DELETE"]],
    )

    capacity: Capacity | None = Field(
        default=None,
        description="a table with min_acu and max_acu, for db.serverless only",
        examples=[{"min_acu": 2.0, "max_acu": 16.0}],
        validate_default=True,
    )
    parameters: Parameters = Field(default_factory=dict)
    snapshot: str | None = Field(
        default=None,
        pattern=r"^arn:aws:rds:[a-z0-9-]+:[0-9]{12}:cluster-snapshot:[A-Za-z][A-Za-z0-9:-]{0,254}$",
        description="the ARN of a cluster snapshot of this account and region that the cluster is created "
        "from, one of such a deployment: its administrator and its database have the same names. Read at "
        "creation only",
        examples=["arn:aws:rds:us-east-1:123456789012:cluster-snapshot:payments-staging-blue-final"],
    )

    @property
    def memory_gib(self) -> int:
        """Memory of an instance, at its largest. FreeableMemory of Serverless v2 counts from there, too."""
        return int(self.capacity.max_acu * GIB_PER_ACU) if self.capacity else memory_gib(self.instance_class)

    @property
    def max_connections(self) -> int:
        """Connections that an instance takes: as the parameter says, else by its largest memory."""
        chosen = self.parameters.get("max_connections")
        return int(chosen) if chosen else default_connections(self.memory_gib)

    @field_validator("instance_class")
    @classmethod
    def _known(cls, instance_class: str) -> str:
        if instance_class != SERVERLESS:
            memory_gib(instance_class)
        return instance_class

    @field_validator("capacity")
    @classmethod
    def _for_serverless(cls, capacity: Capacity | None, info: ValidationInfo) -> Capacity | None:
        given = info.data.get("instance_class")
        if given and (given == SERVERLESS) != (capacity is not None):
            raise ValueError(
                f"{given} needs capacity" if capacity is None else f"is for {SERVERLESS}, not for {given}"
            )
        return capacity

    @field_validator("backup_window")
    @classmethod
    def _long_enough(cls, window: str) -> str:
        start, end = day_minutes(window)
        if (end - start) % DAY < MINIMUM_WINDOW:
            raise ValueError("shorter than 30 minutes")
        return window

    @field_validator("maintenance_window")
    @classmethod
    def _long_enough_and_clear_of_the_backup(cls, window: str, info: ValidationInfo) -> str:
        if week_minutes(window) < MINIMUM_WINDOW:
            raise ValueError("shorter than 30 minutes")
        if week_minutes(window) >= DAY:
            raise ValueError("not less than a day")
        backup = info.data.get("backup_window")
        if backup and meet(backup, window):
            raise ValueError(f"overlaps the daily backup window {backup}")
        return window


class Credentials(Model):
    """The application's database credentials."""

    rotation_days: int = Field(
        default=30, strict=True, ge=1, le=90, description="1 to 90 days between rotations", examples=[30]
    )
