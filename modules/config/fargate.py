"""What runs a colour: its image, its size, and how many of it there are."""

import json
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from modules.config.access_rights import RoleStatement, Use
from modules.config.containers import Container, FileSystem
from modules.config.images import IMAGE, LARGEST_ID, Directory, User, volume_name
from modules.config.model import Distinct, Model
from modules.config.scaling import NamedApart, ScalingMetric, ScalingSchedule
from modules.config.variables import Arguments, Environment, SecretKeys, Secrets

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
REPOSITORY_LENGTHS = range(2, 257)
# Of the 64 KiB that a task definition may have in all. Source: ECS developer guide, "Service quotas".
COMMAND_BYTES = 32 * 1024
# Kernel file systems: container runtimes refuse a volume there.
KERNEL = ("proc", "sys", "dev")


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
    user: User = Field(
        default="10001:10001",
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

    entry_point: Arguments = Field(
        default=(),
        description="the program that starts the container, instead of the image's ENTRYPOINT: up to 100 "
        "arguments; no shell runs it",
        examples=[["/app/serve"]],
    )
    command: Arguments = Field(
        default=(),
        description="the arguments of that program, instead of the image's CMD: up to 100",
        examples=[["--workers", "4"]],
    )
    open_files: int | None = Field(
        default=None,
        strict=True,
        ge=1024,
        le=1_048_576,
        description="1024 to 1048576 files that the container may have open, connections included (nofile, "
        "the one limit that Fargate takes); Fargate's 65535 if left out",
        examples=[262144],
    )
    environment: Environment = Field(default_factory=dict)
    secrets: Secrets = Field(default_factory=dict)
    secret_keys: SecretKeys = ()
    scaling_metrics: Annotated[tuple[ScalingMetric, ...], NamedApart] = Field(
        default=(),
        max_length=10,
        description="up to 10 metrics of your own that auto scaling follows, too, each a table",
        examples=[
            [{"name": "pending", "namespace": "Payments", "metric": "PendingPerTask", "target": 100.0}]
        ],
    )
    scaling_schedules: Annotated[tuple[ScalingSchedule, ...], NamedApart] = Field(
        default=(),
        max_length=20,
        description="up to 20 changes of min_tasks and max_tasks by the calendar, each a table; Terraform "
        "then sets the two at creation only",
        examples=[
            [{"name": "morning", "schedule": "cron(0 6 ? * MON-FRI *)", "min_tasks": 6, "max_tasks": 60}]
        ],
    )
    containers: Annotated[tuple[Container, ...], NamedApart] = Field(
        default=(),
        max_length=9,
        description="up to 9 additional containers of a task, such as a log router or a telemetry collector, "
        "each a table; the application keeps the rest of cpu and memory_mb",
        examples=[
            [
                {
                    "name": "collector",
                    "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/collector@sha256:" + 64 * "0",
                    "cpu": 128,
                    "memory_mb": 256,
                }
            ]
        ],
    )
    ephemeral_storage_gib: int | None = Field(
        default=None,
        strict=True,
        ge=21,
        le=200,
        description="21 to 200 GiB of a task's own storage; Fargate's 20 if left out",
        examples=[50],
    )
    file_systems: Annotated[tuple[FileSystem, ...], Distinct] = Field(
        default=(),
        max_length=5,
        description="up to 5 EFS file systems that the application mounts, each a table: encrypted on the "
        "way, with the task's role",
        examples=[
            [
                {
                    "file_system": "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-01234567",
                    "access_point": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0"
                    "1234567",
                    "path": "/reports",
                }
            ]
        ],
    )
    uses: Annotated[tuple[Use, ...], Distinct] = Field(
        default=(),
        max_length=30,
        description="up to 30 queues, topics, tables and buckets of the account, each a table: endpoint, "
        "egress and IAM statement follow",
        examples=[[{"arn": "arn:aws:sqs:us-east-1:123456789012:captures", "access": "write"}]],
    )
    statements: Annotated[tuple[RoleStatement, ...], NamedApart] = Field(
        default=(),
        max_length=10,
        description="up to 10 IAM statements that the application's role has besides, each a table",
        examples=[
            [
                {
                    "name": "events",
                    "actions": ["events:PutEvents"],
                    "resources": ["arn:aws:events:us-east-1:123456789012:event-bus/payments"],
                }
            ]
        ],
    )

    @property
    def actions(self) -> set[str]:
        """What the role may call besides: by what it uses, and by its own statements."""
        used = {action for use in self.uses for action in use.actions}
        return used.union(*(statement.actions for statement in self.statements))

    @property
    def injected(self) -> dict[str, str]:
        """Variable and ARN of what each container is given; only the ARNs tell."""
        every = [self.secrets, *(container.secrets for container in self.containers)]
        return {f"{index}.{name}": arn for index, one in enumerate(every) for name, arn in one.items()}

    @field_validator("containers")
    @classmethod
    def _leave_something_to_the_application(
        cls, containers: tuple[Container, ...], info: ValidationInfo
    ) -> tuple[Container, ...]:
        for key, taken in (
            ("cpu", sum(one.cpu for one in containers)),
            ("memory_mb", sum(one.memory_mb for one in containers)),
        ):
            if taken >= info.data.get(key, taken + 1):
                raise ValueError(f"they take {key} = {taken} of the task's {info.data[key]}")
        if sum(one.log_router for one in containers) > 1:
            raise ValueError("a task has one log router")
        return containers

    @field_validator("file_systems")
    @classmethod
    def _mounted_apart(cls, systems: tuple[FileSystem, ...], info: ValidationInfo) -> tuple[FileSystem, ...]:
        paths = [volume_name(each.path) for each in systems]
        paths += [volume_name(each) for each in info.data.get("writable_directories", ())]
        paths += [name for one in info.data.get("containers", ()) for name in one.volumes.values()]
        if twice := sorted({path for path in paths if paths.count(path) > 1}):
            raise ValueError(f"{', '.join(twice)} is mounted more than once")
        for each in systems:
            _absolute(each.path)
        return systems

    @property
    def floor(self) -> int:
        """The least tasks that auto scaling leaves, at any time."""
        return min([self.min_tasks, *(each.min_tasks for each in self.scaling_schedules)])

    @property
    def ceiling(self) -> int:
        """The most tasks that auto scaling makes, at any time."""
        return max([self.max_tasks, *(each.max_tasks for each in self.scaling_schedules)])

    @field_validator("secrets")
    @classmethod
    def _set_once(cls, variables: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if twice := sorted(variables.keys() & info.data.get("environment", {}).keys()):
            raise ValueError(f"{', '.join(twice)} is in environment, too")
        return variables

    @field_validator("image")
    @classmethod
    def _repository_of_a_length_that_ecr_takes(cls, image: str) -> str:
        name = image.partition("/")[2].partition("@")[0]
        if len(name) not in REPOSITORY_LENGTHS:
            raise ValueError(f"the repository's name has {len(name)} characters, ECR takes 2 to 256")
        return image

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
            _absolute(directory)
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


def _absolute(directory: str) -> None:
    parts = directory.strip("/").split("/")
    if {".", ".."} & set(parts):
        raise ValueError(f"{directory} is not absolute: it holds . or ..")
    if parts[0] in KERNEL:
        raise ValueError(f"{directory} belongs to the kernel")
