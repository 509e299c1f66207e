"""What runs a colour: its image, its size, and how many of it there are."""

import json
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from modules.config.model import Distinct, Model

GIB = 1024
# CPU units → the memory in MiB that Fargate gives with them. Source: ECS developer guide, "Task CPU and
# memory".
SIZES = {
    256: (512, 1 * GIB, 2 * GIB),
    512: tuple(range(1 * GIB, 4 * GIB + 1, GIB)),
    1024: tuple(range(2 * GIB, 8 * GIB + 1, GIB)),
    2048: tuple(range(4 * GIB, 16 * GIB + 1, GIB)),
    4096: tuple(range(8 * GIB, 30 * GIB + 1, GIB)),
    8192: tuple(range(16 * GIB, 60 * GIB + 1, 4 * GIB)),
    16384: tuple(range(32 * GIB, 120 * GIB + 1, 8 * GIB)),
}
# As the ECR API has it: RepositoryName.
REPOSITORY = r"([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*"
REPOSITORY_LENGTHS = range(2, 257)
IMAGE = rf"^[0-9]{{12}}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/{REPOSITORY}@sha256:[0-9a-f]{{64}}$"
LARGEST_ID = 2**31 - 1  # of a user or group: container runtimes refuse more
# Of the 64 KiB that a task definition may have in all. Source: ECS developer guide, "Service quotas".
COMMAND_BYTES = 32 * 1024
# Kernel file systems: container runtimes refuse a volume there.
KERNEL = ("proc", "sys", "dev")

Directory = Annotated[
    str,
    Field(
        pattern=r"^(/[A-Za-z0-9_.-]+)+$",
        max_length=255,
        description="an absolute path in the container, up to 255 letters, digits and / _ . -",
        examples=["/tmp"],  # noqa: S108 - inside the container, which has no other user
    ),
]


def volume_name(directory: str) -> str:
    """The name of a directory's volume: letters, digits, hyphens and underscores, up to 255."""
    return directory.strip("/").replace("/", "-").replace(".", "_")


class Fargate(Model):
    """The tasks of one colour, on AWS Fargate."""

    image: str = Field(
        pattern=IMAGE,
        description="an image of the deployment's own ECR registry by its digest: a tag may mean another "
        "image tomorrow",
        examples=["123456789012.dkr.ecr.us-east-1.amazonaws.com/payments-staging@sha256:" + 64 * "0"],
    )
    architecture: Literal["ARM64", "X86_64"] = Field(
        default="ARM64",
        description='what the image was built for: "ARM64" or "X86_64"',
        examples=["ARM64"],
    )
    cpu: int = Field(
        default=1024,
        strict=True,
        description=f"CPU units of a task, 1024 are one vCPU: {', '.join(map(str, SIZES))}",
        examples=[1024],
    )
    memory_mb: int = Field(
        default=2048,
        strict=True,
        description="memory of a task in MiB, one that Fargate gives with these CPU units",
        examples=[2048],
        validate_default=True,
    )
    user: str = Field(
        default="10001:10001",
        pattern=r"^[1-9][0-9]{0,9}:[1-9][0-9]{0,9}$",
        description=f"numeric user and group that the container runs as, each from 1 to {LARGEST_ID}",
        examples=["10001:10001"],
    )
    health_command: tuple[str, ...] = Field(
        min_length=1,
        description="a program of the image, with its arguments, that exits with 0 while the container is "
        "well; no shell runs it",
        examples=[["/app/health"]],
    )
    writable_directories: Annotated[tuple[Directory, ...], Distinct] = Field(
        default=("/tmp",),  # noqa: S108 - inside the container
        max_length=10,
        description="up to 10 directories that stay writable, encrypted and gone with the task; the image "
        "declares each as VOLUME, owned by the user",
        examples=[["/tmp"]],  # noqa: S108 - inside the container
    )
    stop_timeout_seconds: int = Field(
        default=30,
        strict=True,
        ge=2,
        le=120,
        description="2 to 120 seconds from SIGTERM to SIGKILL, no longer than deregistration_delay_seconds",
        examples=[30],
    )
    health_check_grace_seconds: int = Field(
        default=60,
        strict=True,
        ge=0,
        le=3600,
        description="0 to 3600 seconds in which a new task may fail health checks",
        examples=[60],
    )
    min_tasks: int = Field(
        default=3,
        strict=True,
        ge=1,
        le=1000,
        description="the floor of auto scaling, 1 to 1000 tasks, at least [switch] min_healthy_targets",
        examples=[3],
    )
    max_tasks: int = Field(
        default=12,
        strict=True,
        ge=1,
        le=1000,
        description="the ceiling of auto scaling, min_tasks to 1000 tasks",
        examples=[12],
        validate_default=True,
    )
    cpu_target_percent: int = Field(
        default=60,
        strict=True,
        ge=10,
        le=90,
        description="10 to 90 percent of CPU that auto scaling keeps tasks at",
        examples=[60],
    )
    requests_per_target: int = Field(
        default=3000,
        strict=True,
        ge=1,
        le=1_000_000,
        description="1 to 1000000 requests a minute that auto scaling gives one task",
        examples=[3000],
    )

    @field_validator("image")
    @classmethod
    def _repository_of_a_length_that_ecr_takes(cls, image: str) -> str:
        name = image.partition("/")[2].partition("@")[0]
        if len(name) not in REPOSITORY_LENGTHS:
            raise ValueError(f"the repository's name has {len(name)} characters, ECR takes 2 to 256")
        return image

    @field_validator("user")
    @classmethod
    def _small_enough(cls, user: str) -> str:
        for number in user.split(":"):
            if int(number) > LARGEST_ID:
                raise ValueError(f"{number} is more than {LARGEST_ID}")
        return user

    @field_validator("health_command")
    @classmethod
    def _can_be_run(cls, command: tuple[str, ...]) -> tuple[str, ...]:
        if not command[0].strip():
            raise ValueError("the program has no name")
        if len(json.dumps(command)) > COMMAND_BYTES:
            raise ValueError(f"longer than {COMMAND_BYTES} bytes")
        return command

    @field_validator("writable_directories")
    @classmethod
    def _mountable(cls, directories: tuple[str, ...]) -> tuple[str, ...]:
        volumes: dict[str, str] = {}
        for directory in directories:
            parts = directory.strip("/").split("/")
            if {".", ".."} & set(parts):
                raise ValueError(f"{directory} is not absolute: it holds . or ..")
            if parts[0] in KERNEL:
                raise ValueError(f"{directory} belongs to the kernel")
            other = volumes.setdefault(volume_name(directory), directory)
            if other != directory:
                raise ValueError(f"{other} and {directory} would share a volume: rename one")
        return directories

    @field_validator("cpu")
    @classmethod
    def _offered(cls, cpu: int) -> int:
        if cpu not in SIZES:
            raise ValueError("Fargate has no such size")
        return cpu

    @field_validator("memory_mb")
    @classmethod
    def _offered_with_this_cpu(cls, memory: int, info: ValidationInfo) -> int:
        cpu = info.data.get("cpu")
        if cpu and memory not in (sizes := SIZES[cpu]):
            step = f", in steps of {sizes[-1] - sizes[-2]}" if cpu != min(SIZES) else " (512, 1024 or 2048)"
            raise ValueError(f"with {cpu} CPU units Fargate gives {sizes[0]} to {sizes[-1]} MiB{step}")
        return memory

    @field_validator("max_tasks")
    @classmethod
    def _not_below_the_floor(cls, ceiling: int, info: ValidationInfo) -> int:
        floor = info.data.get("min_tasks")
        if floor and ceiling < floor:
            raise ValueError(f"less than min_tasks = {floor}")
        return ceiling
