"""The containers beside the application: as little privileged as that.

Source: Amazon ECS developer guide, "Amazon ECS task definition parameters for Fargate". FireLens runs as a
user other than root since amazon-ecs-agent's pull request 4598.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from cdktf_cdktf_provider_aws.ecs_task_definition import EcsTaskDefinitionVolume

from modules.config.containers import Container


def definition(settings: Container, log: Mapping[str, Any]) -> dict[str, Any]:
    """The container's definition. It ends the task only if it is essential, as a log router has to be."""
    chosen: dict[str, Any] = {"command": list(settings.command)} if settings.command else {}
    if settings.log_router:
        file = {"config-file-type": "file", "config-file-value": settings.config_file}
        options = {"enable-ecs-log-metadata": "true", **(file if settings.config_file else {})}
        chosen["firelensConfiguration"] = {"type": "fluentbit", "options": options}
    return {
        "name": settings.name,
        "image": settings.image,
        "essential": settings.essential or settings.log_router,
        "cpu": settings.cpu,
        "memory": settings.memory_mb,
        "user": settings.user,
        "privileged": False,
        "readonlyRootFilesystem": True,
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
        "mountPoints": [
            {"sourceVolume": volume, "containerPath": directory, "readOnly": False}
            for directory, volume in settings.volumes.items()
        ],
        "environment": pairs("value", settings.environment),
        "secrets": pairs("valueFrom", settings.secrets),
        "logConfiguration": log,
    } | chosen


def volumes(containers: Iterable[Container]) -> list[EcsTaskDefinitionVolume]:
    """An empty one for each of their writable directories; no container sees another's."""
    return [EcsTaskDefinitionVolume(name=name) for one in containers for name in one.volumes.values()]


def pairs(value: str, variables: Mapping[str, str]) -> list[dict[str, str]]:
    """As ECS has variables (`value`) and secrets (`valueFrom`), sorted."""
    return [{"name": name, value: variables[name]} for name in sorted(variables)]
