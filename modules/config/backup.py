"""The backup vault: its lock, and where copies go."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from modules.config.model import Model


class Backup(Model):
    """The vault that AWS Backup fills (R06)."""

    lock: Literal["governance", "compliance"] = Field(
        default="governance",
        description='"governance": a role that may delete the lock lifts it; "compliance": no one lifts it '
        "once the grace period is over",
        examples=["governance"],
    )
    grace_days: int | None = Field(
        default=None,
        validate_default=True,
        strict=True,
        ge=3,
        le=36500,
        description='with lock = "compliance": 3 to 36500 days in which the lock can still be lifted',
        examples=[14],
    )

    copy_to: str | None = Field(
        default=None,
        pattern=r"^arn:aws:backup:[a-z0-9-]+:[0-9]{12}:backup-vault:[A-Za-z0-9_-]{2,50}$",
        description="the ARN of a vault to which each daily backup is copied: in another account of the same "
        "organisation, or in another region. None: nothing is copied out",
        examples=["arn:aws:backup:eu-west-1:123456789012:backup-vault:payments-copies"],
    )

    @field_validator("grace_days")
    @classmethod
    def _of_compliance(cls, value: int | None, info: ValidationInfo) -> int | None:
        lock = info.data.get("lock")
        if lock == "compliance" and value is None:
            raise ValueError('lock = "compliance" needs a grace period')
        if lock == "governance" and value is not None:
            raise ValueError('lock = "governance" has no grace period')
        return value
