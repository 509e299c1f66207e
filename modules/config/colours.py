"""The two colours."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from modules.config.database import Database
from modules.config.fargate import Fargate
from modules.config.model import Model

HEALTH = "health"
SHORTEST_SLOW_START = 30


class Colour(Model):
    """One colour of the platform. Blue and green may differ in every value: that is what a migration is."""

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
    health_path: str = Field(
        default="/health",
        pattern=r"^(/[A-Za-z0-9._~-]+)+$",
        max_length=128,
        description="the path of the load balancer's health check: up to 128 letters, digits and . _ ~ - /, "
        "one of its segments beginning with health (R25, R26)",
        examples=["/payments/health"],
    )
    health_matcher: str = Field(
        default="200",
        pattern=r"^2[0-9]{2}(-2[0-9]{2}|(,2[0-9]{2}){0,9})$",
        description="status codes of a healthy answer: a code, up to ten codes or a range, from 200 to 299",
        examples=["200,204"],
    )
    slow_start_seconds: int = Field(
        default=0,
        strict=True,
        ge=0,
        le=900,
        description="30 to 900 seconds in which a new target's share of the requests grows, round_robin "
        "only; 0: none",
        examples=[60],
        validate_default=True,
    )
    balancing: Literal["round_robin", "least_outstanding_requests", "weighted_random"] = Field(
        default="round_robin",
        description='how requests are spread over targets: "round_robin", "least_outstanding_requests" or '
        '"weighted_random", which also sends less to targets that fail more (anomaly mitigation)',
        examples=["least_outstanding_requests"],
    )
    service: Fargate
    database: Database

    @field_validator("health_path")
    @classmethod
    def _is_a_health_check(cls, path: str) -> str:
        if not any(segment.startswith(HEALTH) for segment in path.split("/")):
            raise ValueError(f"no segment begins with {HEALTH}")
        return path

    @field_validator("health_matcher")
    @classmethod
    def _ascending(cls, matcher: str) -> str:
        first, dash, last = matcher.partition("-")
        if dash and last <= first:
            raise ValueError(f"{matcher} is no range")
        return matcher

    @field_validator("slow_start_seconds")
    @classmethod
    def _none_or_long_enough(cls, seconds: int) -> int:
        if 0 < seconds < SHORTEST_SLOW_START:
            raise ValueError(f"neither 0 nor from {SHORTEST_SLOW_START} to 900")
        return seconds

    @field_validator("balancing")
    @classmethod
    def _slow_start_with_round_robin_only(cls, balancing: str, info: ValidationInfo) -> str:
        """Elastic Load Balancing user guide, "Edit target group attributes": slow start mode."""
        if balancing != "round_robin" and info.data.get("slow_start_seconds"):
            raise ValueError("slow_start_seconds is for round_robin only")
        return balancing

    @field_validator("service")
    @classmethod
    def _stops_while_it_drains(cls, service: Fargate, info: ValidationInfo) -> Fargate:
        delay = info.data.get("deregistration_delay_seconds")
        if delay is not None and service.stop_timeout_seconds > delay:
            raise ValueError(
                f"stop_timeout_seconds = {service.stop_timeout_seconds} is longer than "
                f"deregistration_delay_seconds = {delay}"
            )
        return service


class Colours(Model):
    """The two colours, by name."""

    blue: Colour
    green: Colour

    def __getitem__(self, colour: str) -> Colour:
        """The settings of the colour called `colour`."""
        return dict(self.items())[colour]

    def items(self) -> tuple[tuple[str, Colour], ...]:
        """(name, settings) of each colour, blue first."""
        return (("blue", self.blue), ("green", self.green))
