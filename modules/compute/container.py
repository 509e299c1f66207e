"""The container of a task: how the image is run, and what it is told.

Source: Amazon ECS developer guide, "Amazon ECS task definition parameters for Fargate".
"""

import json
from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.ecs_task_definition import EcsTaskDefinitionVolume

from modules.config.fargate import Fargate, volume_name

NAME = "application"


def definitions(
    settings: Fargate,
    *,
    port: int,
    environment: Mapping[str, str],
    secrets: Mapping[str, str],
    logs: CloudwatchLogGroup,
    region: str,
) -> str:
    """The container definitions as JSON. `secrets`: variable → ARN of the secret, with what is taken of it.

    The configuration's own variables and secrets come beside the platform's, which have other names.
    """
    container: dict[str, Any] = {
        "name": NAME,
        "image": settings.image,
        "essential": True,
        "user": settings.user,
        "privileged": False,
        "readonlyRootFilesystem": True,
        "linuxParameters": {
            # Reaps what the application leaves behind and passes SIGTERM on.
            "initProcessEnabled": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "portMappings": [{"containerPort": port, "hostPort": port, "protocol": "tcp"}],
        "mountPoints": [
            {"sourceVolume": volume_name(directory), "containerPath": directory, "readOnly": False}
            for directory in settings.writable_directories
        ],
        "healthCheck": {
            "command": ["CMD", *settings.health_command],
            "interval": 10,
            "timeout": 5,
            "retries": 3,
            "startPeriod": min(settings.health_check_grace_seconds, 300),
        },
        "stopTimeout": settings.stop_timeout_seconds,
        "environment": _pairs("value", {**settings.environment, **environment}),
        "secrets": _pairs("valueFrom", {**settings.secrets, **secrets}),
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": logs.name,
                "awslogs-region": region,
                "awslogs-stream-prefix": NAME,
                # Lines wait in memory while CloudWatch Logs is slow: a payment must not wait for a log.
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
    }
    return json.dumps([container | _chosen(settings)])


def _chosen(settings: Fargate) -> dict[str, Any]:
    """What the image, or Fargate, says unless the configuration does. nofile is the one ulimit it takes."""
    files = settings.open_files
    chosen = {
        "entryPoint": list(settings.entry_point),
        "command": list(settings.command),
        "ulimits": [{"name": "nofile", "softLimit": files, "hardLimit": files}] if files else [],
    }
    return {key: value for key, value in chosen.items() if value}


def volumes(settings: Fargate) -> list[EcsTaskDefinitionVolume]:
    """An empty volume for each directory that has to be writable, on the task's own storage."""
    return [
        EcsTaskDefinitionVolume(name=volume_name(directory)) for directory in settings.writable_directories
    ]


def _pairs(value: str, variables: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, value: variables[name]} for name in sorted(variables)]
