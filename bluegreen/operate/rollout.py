"""The rollouts that an apply has begun: ECS replaces tasks after Terraform has ended.

Terraform does not wait for them (`wait_for_steady_state = false`): on the first apply there is no image,
and no task starts. So `bluegreen apply` waits, and knows what Terraform doesn't: whether the deployment
circuit breaker has rolled the service back to its former tasks.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from embedded_aws.images import IMAGE

from bluegreen.terraform import Instance
from bluegreen.terraform.recovery.clients import ClientFor, calling

TYPE = "aws_ecs_service"
ROLLOUT_SECONDS = 1800.0
FIRST_LOOK_SECONDS, LONGEST_LOOK_SECONDS = 0.5, 10.0
COMPLETED, NO_IMAGE = "COMPLETED", "NO_IMAGE"
STOPPED_TASKS = 100  # what DescribeTasks takes

Tell = Callable[[str], None]


class RolloutError(Exception):
    """A service does not run what was applied. The message says which, why and what to do."""


@dataclass(frozen=True)
class Service:
    """An ECS service as Terraform's state has it. `task_definition`: ARN of the revision that was applied."""

    cluster: str
    name: str
    task_definition: str


def services_of(instances: Iterable[Instance]) -> tuple[Service, ...]:
    """All services of a state."""
    found = [instance.attributes for instance in instances if instance.type == TYPE]
    return tuple(Service(x["cluster"], x["name"], x["task_definition"]) for x in found)


def await_rollouts(services: Iterable[Service], client_for: ClientFor, tell: Tell) -> dict[str, str]:
    """Wait until each service runs what was applied, or has no image yet: COMPLETED or NO_IMAGE by its name.

    Raises RolloutError.
    """
    deadline = time.monotonic() + ROLLOUT_SECONDS
    return {service.name: _await(service, client_for, tell, deadline) for service in services}


def _await(service: Service, client_for: ClientFor, tell: Tell, deadline: float) -> str:
    wait, told = FIRST_LOOK_SECONDS, ""
    while True:
        found = _described(service, client_for)
        primary = found["deployments"][0]
        progress = f"{service.name}: {primary['runningCount']} of {primary['desiredCount']} tasks run"
        if primary["taskDefinition"] != service.task_definition:
            raise _failed(service, client_for, "ECS rolled the deployment back to the former revision")
        if primary["rolloutState"] == COMPLETED:
            return COMPLETED
        if not found["runningCount"] and _has_no_image(service, client_for):
            tell(f"{service.name}: there is no image yet, so no task starts (docs/service.md)")
            return NO_IMAGE
        if primary["rolloutState"] == "FAILED":
            raise _failed(service, client_for, primary.get("rolloutStateReason", "the deployment failed"))
        if time.monotonic() > deadline:
            raise _failed(service, client_for, f"{progress} after {ROLLOUT_SECONDS:.0f} s")
        if progress != told:
            tell(progress)
            told = progress
        time.sleep(wait)
        wait = min(1.5 * wait, LONGEST_LOOK_SECONDS)


def _described(service: Service, client_for: ClientFor) -> Mapping[str, Any]:
    """The primary deployment first."""

    def read() -> dict[str, Any]:
        answer = client_for("ecs").describe_services(cluster=service.cluster, services=[service.name])
        found: dict[str, Any] = answer["services"][0]
        return {**found, "deployments": sorted(found["deployments"], key=lambda d: d["status"] != "PRIMARY")}

    def unread(why: str) -> dict[str, Any]:
        look = f"aws ecs describe-services --cluster {service.cluster} --services {service.name}"
        raise RolloutError(
            f"the rollout of {service.name} is unknown\n  cause: {why}\n"
            f"  state: the apply is complete; ECS may still replace tasks\n  fix: see it with `{look}`"
        )

    return calling(read, missing=lambda: unread("ECS has no such service"), failed=unread)


def _has_no_image(service: Service, client_for: ClientFor) -> bool:
    """Whether one of its images is in no repository of this account yet. An image elsewhere counts as
    there.
    """
    described = client_for("ecs").describe_task_definition(taskDefinition=service.task_definition)
    images = [container["image"] for container in described["taskDefinition"]["containerDefinitions"]]
    return any(_missing(found, client_for) for image in images if (found := IMAGE.fullmatch(image)))


def _missing(image: re.Match[str], client_for: ClientFor) -> bool:
    def look() -> bool:
        client_for("ecr").describe_images(
            registryId=image["registry"],
            repositoryName=image["repository"],
            imageIds=[{"imageDigest": image["digest"]}],
        )
        return False

    return calling(look, missing=lambda: True, failed=lambda _: False)


def _failed(service: Service, client_for: ClientFor, why: str) -> RolloutError:
    stopped = _stopped(service, client_for)
    reasons = "".join(f"\n  {count} tasks stopped: {reason}" for reason, count in stopped)
    return RolloutError(
        f"{service.name} does not run what was applied ({service.task_definition.rpartition('/')[2]})\n"
        f"  cause: {why}{reasons}\n"
        "  state: Terraform's part of the apply is complete, no traffic was moved; running tasks stay\n"
        "  fix: correct the image or the configuration of that colour, then plan again"
    )


def _stopped(service: Service, client_for: ClientFor) -> list[tuple[str, int]]:
    """Why tasks of the revision stopped, and how often. ECS shows them for about an hour."""

    def read() -> list[tuple[str, int]]:
        ecs = client_for("ecs")
        asked = {"cluster": service.cluster, "serviceName": service.name, "desiredStatus": "STOPPED"}
        arns = ecs.list_tasks(**asked)["taskArns"][:STOPPED_TASKS]
        if not arns:
            return []
        tasks = ecs.describe_tasks(cluster=service.cluster, tasks=arns)["tasks"]
        own = [task for task in tasks if task["taskDefinitionArn"] == service.task_definition]
        return Counter(_reason(task) for task in own).most_common()

    return calling(read, missing=list, failed=lambda _: [])


def _reason(task: Mapping[str, Any]) -> str:
    exits = [
        f"container {container['name']} ended with {container['exitCode']}"
        for container in task.get("containers", ())
        if container.get("exitCode") is not None
    ]
    return "; ".join([task.get("stoppedReason") or "no reason given", *exits])
