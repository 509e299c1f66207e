"""What runs beside the application in its task, and the file systems that it mounts.

Sources: Amazon ECS developer guide, "Send Amazon ECS logs to an AWS service or AWS Partner" (FireLens) and
"Use Amazon EFS volumes with Amazon ECS".
"""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from modules.config.images import IMAGE, Directory, User, volume_name
from modules.config.model import Distinct, Model
from modules.config.scaling import Named
from modules.config.variables import Arguments, Environment, Secrets

SMALLEST_MB = 6  # Docker's own minimum


class Container(Named):
    """An additional container. It reaches the application on the loopback address, and has its role."""

    image: str = Field(
        pattern=IMAGE,
        description="an image of the account's own ECR registry by its digest, in whichever repository",
        examples=["123456789012.dkr.ecr.us-east-1.amazonaws.com/fluent-bit@sha256:" + 64 * "0"],
    )
    cpu: int = Field(
        strict=True,
        ge=1,
        le=16384,
        description="CPU units of the task that the container gets; all of them less than the task's cpu",
        examples=[128],
    )
    memory_mb: int = Field(
        strict=True,
        ge=SMALLEST_MB,
        le=122880,
        description="MiB of the task's memory at which the container is ended; all of them less than the "
        "task's memory_mb",
        examples=[256],
    )
    log_router: bool = Field(
        default=False,
        strict=True,
        description="true: Fluent Bit (FireLens) that gets the application's log, one a task; without "
        "config_file it sends the log to the colour's log group",
        examples=[True],
    )
    config_file: Directory | None = Field(
        default=None,
        description="a file of the log router's image with more of its configuration, outputs included",
        examples=["/fluent-bit/etc/outputs.conf"],
    )
    essential: bool = Field(
        default=False,
        strict=True,
        description="true: the task ends with the container; a log router always is essential",
        examples=[True],
    )
    user: User = Field(
        default="10001:10001",
        description="numeric user and group that the container runs as",
        examples=["10001:10001"],
    )
    writable_directories: Annotated[tuple[Directory, ...], Distinct] = Field(
        default=(),
        max_length=10,
        description="up to 10 directories that stay writable, encrypted and gone with the task",
        examples=[["/var/run"]],
    )
    command: Arguments = Field(
        default=(), description="the arguments, instead of the image's CMD: up to 100", examples=[["--quiet"]]
    )
    environment: Environment = Field(default_factory=dict)
    secrets: Secrets = Field(default_factory=dict)

    @property
    def volumes(self) -> dict[str, str]:
        """Writable directory → the name of its volume."""
        return {each: f"{self.name}--{volume_name(each)}" for each in self.writable_directories}

    @field_validator("config_file")
    @classmethod
    def _of_a_log_router(cls, file: str | None, info: ValidationInfo) -> str | None:
        if file and not info.data.get("log_router"):
            raise ValueError("is for a log router: set log_router = true")
        return file

    @field_validator("name")
    @classmethod
    def _not_the_applications(cls, name: str) -> str:
        if name == "application":
            raise ValueError("application is the service's own container")
        return name


class FileSystem(Model):
    """An EFS file system, mounted by way of an access point."""

    file_system: str = Field(
        pattern=r"^arn:aws:elasticfilesystem:[a-z0-9-]+:[0-9]{12}:file-system/fs-[0-9a-f]{8,40}$",
        description="the ARN of an encrypted EFS file system of this account and region; the stack makes its "
        "mount targets, so that it has none in another VPC",
        examples=["arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0"],
    )
    access_point: str = Field(
        pattern=r"^arn:aws:elasticfilesystem:[a-z0-9-]+:[0-9]{12}:access-point/fsap-[0-9a-f]{8,40}$",
        description="the ARN of its access point, which sets directory, user and group",
        examples=["arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0"],
    )
    path: Directory
    read_only: bool = Field(
        default=True,
        strict=True,
        description="true: the application can't write; false: it can",
        examples=[False],
    )

    @property
    def id(self) -> str:
        """fs-…"""
        return self.file_system.rpartition("/")[2]
