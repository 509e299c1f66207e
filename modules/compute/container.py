"""The container of a task: how the image is run, and what it is told.

Source: Amazon ECS developer guide, "Amazon ECS task definition parameters for Fargate".
"""

import json
from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.ecs_task_definition import (
    EcsTaskDefinitionVolume,
    EcsTaskDefinitionVolumeEfsVolumeConfiguration,
    EcsTaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfig,
)

from lambda_src.contract.images import APPLICATION
from modules.compute import additional
from modules.config.containers import Container
from modules.config.fargate import Fargate
from modules.config.images import volume_name

NAME = APPLICATION


def definitions(
    settings: Fargate,
    *,
    image: str,
    port: int,
    environment: Mapping[str, str],
    secrets: Mapping[str, str],
    logs: CloudwatchLogGroup,
    region: str,
) -> str:
    """The container definitions as JSON. `image`: of the application. `secrets`: variable → ARN of the
    secret, with what is taken of it.

    The configuration's own variables and secrets come beside the platform's, which have other names.
    """
    container: dict[str, Any] = {
        "name": NAME,
        "image": image,
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
        "environment": additional.pairs("value", {**settings.environment, **environment}),
        "secrets": additional.pairs("valueFrom", {**settings.secrets, **secrets}),
        "logConfiguration": _log(logs, region, NAME),
    }
    mounted = [
        {"sourceVolume": volume_name(each.path), "containerPath": each.path, "readOnly": each.read_only}
        for each in settings.file_systems
    ]
    container["mountPoints"] += mounted
    if router := next((each for each in settings.containers if each.log_router), None):
        container["logConfiguration"] = _routed(router, logs, region)
    others = [additional.definition(each, _log(logs, region, each.name)) for each in settings.containers]
    return json.dumps([container | _chosen(settings), *others])


def _log(logs: CloudwatchLogGroup, region: str, name: str) -> dict[str, Any]:
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": logs.name,
            "awslogs-region": region,
            "awslogs-stream-prefix": name,
            # Lines wait in memory while CloudWatch Logs is slow: a payment must not wait for a log.
            "mode": "non-blocking",
            "max-buffer-size": "25m",
        },
    }


def _routed(router: Container, logs: CloudwatchLogGroup, region: str) -> dict[str, Any]:
    """To the log router. Without outputs of its own, that sends the log to the colour's group."""
    group = {
        "Name": "cloudwatch_logs",
        "region": region,
        "log_group_name": logs.name,
        "log_stream_prefix": f"{NAME}/",
    }
    return {"logDriver": "awsfirelens", "options": {} if router.config_file else group}


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
    """An empty volume for each directory that has to be writable, on the task's own storage; and those of
    EFS, encrypted on the way and opened with the task's role.
    """
    return [
        *(EcsTaskDefinitionVolume(name=volume_name(each)) for each in settings.writable_directories),
        *additional.volumes(settings.containers),
        *(
            EcsTaskDefinitionVolume(
                name=volume_name(each.path),
                efs_volume_configuration=EcsTaskDefinitionVolumeEfsVolumeConfiguration(
                    file_system_id=each.id,
                    transit_encryption="ENABLED",
                    authorization_config=EcsTaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfig(
                        access_point_id=each.access_point.rpartition("/")[2], iam="ENABLED"
                    ),
                ),
            )
            for each in settings.file_systems
        ),
    ]
