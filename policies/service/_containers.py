"""The containers of a task definition, and the services that run one."""

import json
import re

from stack_gate.stack import Block, Body, Stack, listed, objects

TASK_DEFINITION = "aws_ecs_task_definition"
SERVICE = "aws_ecs_service"
CODE_DEPLOY = ("CODE_DEPLOY", "EXTERNAL")
PARAMETER = "aws_ssm_parameter"
VALUES = ("insecure_value", "value")
# The whole value of a parameter of the stack, and nothing beside it.
_OF_A_PARAMETER = re.compile(rf"\$\{{{PARAMETER}\.([\w-]+)\.({'|'.join(VALUES)})\}}")


def containers(definition: Block) -> list[tuple[str, Body]]:
    """(how to call it, container) of each one; none where the definitions aren't known before the apply. An
    image is the one that its parameter declares.
    """
    return [(called, _declared(body, definition.stack)) for called, body in raw_containers(definition)]


def raw_containers(definition: Block) -> list[tuple[str, Body]]:
    """The same as they are written."""
    value = definition.get("container_definitions")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return [(f"container {body.get('name', index + 1)}", body) for index, body in enumerate(objects(value))]


def image_parameter(image: object, stack: Stack) -> Block | None:
    """The parameter of the stack whose value an image is. Its value is another one once the switch has
    deployed; what it may deploy, the function decides (lambda_src/switch/deploy.py).
    """
    found = _OF_A_PARAMETER.fullmatch(str(image))
    return stack.one(str(image), PARAMETER) if found else None


def declared_image(image: object, stack: Stack) -> str:
    """The image; where it is a parameter's value, the one that the parameter declares."""
    parameter = image_parameter(image, stack)
    value = str(image).rstrip("}").rpartition(".")[2]
    return str((parameter.get(value) if parameter else None) or image or "")


def _declared(container: Body, stack: Stack) -> Body:
    image = container.get("image")
    return container | {"image": declared_image(image, stack)} if image_parameter(image, stack) else container


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
