"""The containers of a task definition, and the services that run one."""

import json

from stack_gate.stack import Block, Body, listed, objects

TASK_DEFINITION = "aws_ecs_task_definition"
SERVICE = "aws_ecs_service"
CODE_DEPLOY = ("CODE_DEPLOY", "EXTERNAL")


def containers(definition: Block) -> list[tuple[str, Body]]:
    """(how to call it, container) of each one; none where the definitions aren't known before the apply."""
    value = definition.get("container_definitions")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return [(f"container {body.get('name', index + 1)}", body) for index, body in enumerate(objects(value))]


def variables(container: Body) -> list[tuple[str, object]]:
    """(name, value) of its environment."""
    return [(str(entry.get("name")), entry.get("value")) for entry in objects(container.get("environment"))]


def on_fargate(service: Block) -> bool:
    """Whether Fargate runs the service."""
    strategies = objects(service.get("capacity_provider_strategy"))
    return service.get("launch_type") == "FARGATE" or any(
        str(strategy.get("capacity_provider")).startswith("FARGATE") for strategy in strategies
    )


def rolls(service: Block) -> bool:
    """Whether ECS itself replaces the service's tasks, rather than CodeDeploy or somebody else."""
    return service.get("deployment_controller.type") not in CODE_DEPLOY


def subnets(service: Block) -> list[Block]:
    """The subnets of the stack that its tasks are in."""
    return service.stack.referred(listed(service.get("network_configuration.subnets")), "aws_subnet")
