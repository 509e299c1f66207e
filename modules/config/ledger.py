"""The ledger: whether the two colours' databases replicate to each other, and how."""

from pydantic import Field

from modules.config.model import Model


class Ledger(Model):
    """What makes two databases one ledger, which moves with the traffic and back."""

    replicate: bool = Field(
        default=True,
        strict=True,
        description="true or false: replication in both directions, the functions that set it up, watch it "
        "and move it, and each service's way to both databases. Without it, each colour has its own books",
        examples=[True],
    )
    binlog_retention_hours: int = Field(
        default=72,
        strict=True,
        ge=24,
        le=2160,
        description="24 to 2160 hours that the binary log is kept: how long replication may have stopped and "
        "still continue",
        examples=[72],
    )
    enhanced_binlog: bool = Field(
        default=True,
        strict=True,
        description="true or false: Aurora's enhanced binlog, which costs less at each commit; backups and "
        "clones then carry no binary log",
        examples=[True],
    )
    lag_seconds: int = Field(
        default=5,
        strict=True,
        ge=1,
        le=3600,
        description="1 to 3600 seconds that replication may lag before its alarm rings",
        examples=[5],
    )
    rotation_days: int = Field(
        default=30,
        strict=True,
        ge=1,
        le=90,
        description="1 to 90 days between rotations of the ledger's own accounts",
        examples=[30],
    )
