"""The two colours."""

from pydantic import Field, ValidationInfo, field_validator

from modules.config.database import Database
from modules.config.fargate import Fargate
from modules.config.model import Model


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
    service: Fargate
    database: Database

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
