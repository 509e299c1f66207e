"""The function that moves traffic."""

from pydantic import Field

from modules.config.model import Model


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
