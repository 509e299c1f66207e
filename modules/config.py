"""A deployment as data: the pydantic models of `config/<name>.toml`.

Every field's `description` says what is allowed and its `examples` show it: the loader (`config_loader.py`)
prints both when a value is refused. Checks that compare two keys are field validators on the later key, so
that they run, and report,
beside all others.
"""

import re
from ipaddress import IPv4Network
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from modules.instance_classes import memory_gib

Privilege = Literal[
    "SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE", "CREATE TEMPORARY TABLES", "LOCK TABLES"
]
TIME = r"([01]\d|2[0-3]):[0-5]\d"
WEEKDAY = "(mon|tue|wed|thu|fri|sat|sun)"
DAILY_WINDOW = rf"^{TIME}-{TIME}$"
WEEKLY_WINDOW = rf"^{WEEKDAY}:{TIME}-{WEEKDAY}:{TIME}$"
SWITCH_WINDOW = rf"{WEEKDAY}(-{WEEKDAY})? {TIME}-{TIME}"
DAY = 24 * 60
MINIMUM_WINDOW = 30
PRIVATE_NETWORKS = tuple(IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))

TagValue = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9 _.:/=+@-]{1,256}$",
        description="1 to 256 letters, digits, spaces and _ . : / = + - @",
        examples=["payments"],
    ),
]
Percent = Annotated[
    int, Field(strict=True, ge=1, le=99, description="a whole percentage from 1 to 99", examples=[80])
]
Milliseconds = Annotated[
    int, Field(strict=True, ge=1, le=60_000, description="1 to 60000 milliseconds", examples=[100])
]
ActionArn = Annotated[
    str,
    Field(
        pattern=r"^arn:aws[a-z-]*:(sns:[a-z0-9-]+:\d{12}:[\w-]+|lambda:[a-z0-9-]+:\d{12}:function:[\w:-]+)$",
        description="the ARN of an SNS topic or a Lambda function",
        examples=["arn:aws:sns:us-east-1:123456789012:payments-on-call"],
    ),
]


class Model(BaseModel):
    """Base of all: unknown keys are refused, a loaded configuration never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Tags(Model):
    """The tags that every resource carries (R01), exactly as AWS shows them."""

    Environment: TagValue
    CostCenter: TagValue
    MigrationPhase: TagValue


class LocalBackend(Model):
    """Terraform state in `.local/<name>/` beside the synthesized code: for the embedded AWS only."""

    type: Literal["local"] = Field(description='"local" or "s3"', examples=["local"])


class S3Backend(Model):
    """Terraform state in S3, encrypted with a KMS key and locked by a lock file in the bucket; both always
    on.
    """

    type: Literal["s3"] = Field(description='"local" or "s3"', examples=["s3"])
    bucket: str = Field(
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="the name of an existing S3 bucket",
        examples=["payments-terraform-state-123456789012"],
    )
    region: str = Field(
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", description="the AWS region of the bucket", examples=["us-east-1"]
    )
    kms_key_id: str = Field(
        pattern=r"^(alias/|arn:aws:kms:)[A-Za-z0-9:/_-]+$",
        description="the alias or the ARN of the KMS key that encrypts the state",
        examples=["alias/terraform-state"],
    )


class LoadBalancer(Model):
    """The public entrance."""

    certificate_arn: str = Field(
        pattern=r"^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]{36}$",
        description="the ARN of an ACM certificate in the deployment's region and account",
        examples=["arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000001"],
    )
    test_listener_port: int = Field(
        default=8443,
        strict=True,
        ge=1024,
        le=65535,
        description="a port from 1024 to 65535: 80 and 443 are the public listeners'",
        examples=[8443],
    )
    test_listener_cidrs: tuple[IPv4Network, ...] = Field(
        min_length=1,
        description="private IPv4 networks that may reach the test listener, at least one; never 0.0.0.0/0",
        examples=[["10.20.0.0/16"]],
    )
    log_retention_days: int = Field(
        default=365,
        strict=True,
        ge=365,
        le=3650,
        description="365 to 3650 days: PCI DSS 10.5.1 asks for twelve months of audit history",
        examples=[365],
    )

    @field_validator("test_listener_cidrs")
    @classmethod
    def _private(cls, networks: tuple[IPv4Network, ...]) -> tuple[IPv4Network, ...]:
        public = [str(net) for net in networks if not any(net.subnet_of(p) for p in PRIVATE_NETWORKS)]
        if public:
            raise ValueError(f"{', '.join(public)} is not a private network")
        return networks


class Database(Model):
    """One side's Aurora MySQL cluster (R15-R23)."""

    engine_version: str = Field(
        pattern=r"^8\.0\.mysql_aurora\.3\.(0[89]|[1-9]\d)\.\d+$",
        description="an Aurora MySQL 3 version that is still creatable (3.08 or later); 3.10 is the LTS line",
        examples=["8.0.mysql_aurora.3.10.3"],
    )
    instance_class: str = Field(
        default="db.r6g.large",
        pattern=r"^db\.(r[5-9][a-z]*|x2[a-z]*)\.\d*x?large$",
        description="a memory-optimised instance class (R23)",
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
        description="when RDS maintains weekly, ddd:hh:mm-ddd:hh:mm in UTC, clear of the backup window",
        examples=["sun:04:00-sun:05:00"],
    )
    privileges: tuple[Privilege, ...] = Field(
        default=("SELECT", "INSERT", "UPDATE", "DELETE"),
        min_length=1,
        description=f"what the application may do with its data: {', '.join(get_args(Privilege))}",
        examples=[["SELECT", "INSERT", "UPDATE", "DELETE"]],
    )

    @field_validator("instance_class")
    @classmethod
    def _known(cls, instance_class: str) -> str:
        memory_gib(instance_class)
        return instance_class

    @field_validator("backup_window")
    @classmethod
    def _long_enough(cls, window: str) -> str:
        start, end = _day_minutes(window)
        if (end - start) % DAY < MINIMUM_WINDOW:
            raise ValueError("shorter than 30 minutes")
        return window

    @field_validator("maintenance_window")
    @classmethod
    def _clear_of_the_backup(cls, window: str, info: ValidationInfo) -> str:
        backup = info.data.get("backup_window")
        if backup and _overlap(backup, window):
            raise ValueError(f"overlaps the daily backup window {backup}")
        return window


def _day_minutes(window: str) -> tuple[int, int]:
    """Start and end, in minutes of the day, of `hh:mm-hh:mm`, each with or without a weekday before it."""
    start, end = (tuple(map(int, part[-5:].split(":"))) for part in window.split("-"))
    return start[0] * 60 + start[1], end[0] * 60 + end[1]


def _overlap(daily: str, weekly: str) -> bool:
    """Whether a daily and a weekly window share a minute; either may pass midnight."""
    first, second = _day_minutes(daily), _day_minutes(weekly)
    length = (second[1] - second[0]) % DAY
    return (first[0] - second[0]) % DAY < length or (second[0] - first[0]) % DAY < (first[1] - first[0]) % DAY


class Colour(Model):
    """One side of the platform. Blue and green may differ in every value: that is what a migration is."""

    port: int = Field(
        default=8443,
        strict=True,
        ge=1024,
        le=65535,
        description="the HTTPS port of this colour's service, 1024 to 65535",
        examples=[8443],
    )
    deregistration_delay_seconds: int = Field(
        default=120,
        strict=True,
        ge=0,
        le=3600,
        description="0 to 3600 seconds that a leaving target may finish its requests in",
        examples=[120],
    )
    database: Database


class Colours(Model):
    """The two sides, by name."""

    blue: Colour
    green: Colour

    def __getitem__(self, colour: str) -> Colour:
        """The settings of the side called `colour`."""
        return dict(self.items())[colour]

    def items(self) -> tuple[tuple[str, Colour], ...]:
        """(name, settings) of each side, blue first."""
        return (("blue", self.blue), ("green", self.green))


class Credentials(Model):
    """The application's database credentials."""

    rotation_days: int = Field(
        default=30, strict=True, ge=1, le=90, description="1 to 90 days between rotations", examples=[30]
    )


class Switch(Model):
    """The function that moves traffic."""

    min_healthy_targets: int = Field(
        default=2,
        strict=True,
        ge=1,
        le=1000,
        description="how many healthy targets a side needs before it gets traffic, at least 1",
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
        description="1 to 100 percent of a side's targets that must be healthy before it gets traffic",
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
        description="1 to 300 seconds between two looks at a side while a step bakes",
        examples=[30],
    )
    windows: tuple[str, ...] = Field(
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
            if not re.fullmatch(SWITCH_WINDOW, window):
                raise ValueError(f"{window!r} is no window")
            start, end = _day_minutes(window.split()[1])
            if start == end:
                raise ValueError(f"{window!r} ends when it begins")
        return windows


class Monitoring(Model):
    """Who else is told, and the thresholds that follow from nothing else in the configuration.

    Further actions may be SNS topics and Lambda functions: those that CloudWatch calls when an alarm rings
    and when it is over. It takes five for an alarm; one is the platform's own topic.
    """

    action_arns: tuple[ActionArn, ...] = Field(
        default=(),
        max_length=4,
        description="up to 4 ARNs of SNS topics or Lambda functions that every alarm tells besides the topic",
        examples=[["arn:aws:sns:us-east-1:123456789012:payments-on-call"]],
    )
    connections_percent: Percent = 80
    cpu_percent: Percent = 80
    freeable_memory_percent: Percent = 5
    server_error_percent: Annotated[
        float, Field(gt=0, le=100, description="more than 0, up to 100 percent of answers", examples=[1.0])
    ] = 1.0
    response_time_seconds: Annotated[
        float, Field(gt=0, le=60, description="seconds, more than 0, up to 60", examples=[1.0])
    ] = 1.0
    replica_lag_ms: Milliseconds = 1000
    commit_latency_ms: Milliseconds = 50
    select_latency_ms: Milliseconds = 100


class Deployment(Model):
    """One deployment: one file, one stack. `name` is the file's."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,15}$",
        description="the file's name: 1 to 16 lower-case letters, digits and hyphens, a letter first",
        examples=["staging"],
    )
    account_id: str = Field(
        pattern=r"^\d{12}$",
        description="the twelve digits of the AWS account; Terraform refuses to apply to any other",
        examples=["123456789012"],
    )
    region: str = Field(
        default="us-east-1",
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d$",
        description="an AWS region",
        examples=["us-east-1"],
    )
    availability_zones: tuple[str, str, str] = Field(
        default=("us-east-1a", "us-east-1b", "us-east-1c"),
        description="three different availability zones of the region (R08)",
        examples=[["us-east-1a", "us-east-1b", "us-east-1c"]],
    )
    vpc_cidr: IPv4Network = Field(
        description="a private IPv4 network from /16 to /20, host bits zero: it is cut into nine subnets",
        examples=["10.20.0.0/16"],
    )
    tags: Tags
    backend: Annotated[LocalBackend | S3Backend, Field(discriminator="type")]
    load_balancer: LoadBalancer
    colours: Colours
    credentials: Credentials = Credentials()
    switch: Switch = Switch()
    monitoring: Monitoring = Monitoring()

    @property
    def prefix(self) -> str:
        """What the names of all resources of this deployment begin with."""
        return f"payments-{self.name}"

    @field_validator("availability_zones")
    @classmethod
    def _zones_of_the_region(cls, zones: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if len(set(zones)) != len(zones):
            raise ValueError("the same zone twice")
        region = info.data.get("region")
        foreign = [zone for zone in zones if region and not (zone[:-1] == region and zone[-1:].isalpha())]
        if foreign:
            raise ValueError(f"{', '.join(foreign)} is no zone of {region}")
        return zones

    @field_validator("vpc_cidr")
    @classmethod
    def _private_and_large_enough(cls, network: IPv4Network) -> IPv4Network:
        if not any(network.subnet_of(private) for private in PRIVATE_NETWORKS):
            raise ValueError("not a private network")
        if not 16 <= network.prefixlen <= 20:  # noqa: PLR2004 - the bounds that the description gives
            raise ValueError(f"/{network.prefixlen} is outside /16 to /20")
        return network

    @field_validator("load_balancer")
    @classmethod
    def _certificate_of_this_region_and_account(
        cls, value: LoadBalancer, info: ValidationInfo
    ) -> LoadBalancer:
        _, _, _, region, account, *_ = value.certificate_arn.split(":")
        for what, found, key in (("region", region, "region"), ("account", account, "account_id")):
            expected = info.data.get(key)
            if expected and found != expected:
                raise ValueError(f"certificate_arn is of {what} {found}, the deployment of {expected}")
        return value
