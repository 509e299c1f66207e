"""Deployments of ECS services: stock moto leaves the first one in progress forever, and makes no second one.

Each look at a service (DescribeServices) is a step: a deployment completes once its image is in the registry,
its roles may do what a start needs (`task_starts.py`), and the process that stands for its tasks on this
machine runs the image, where there is one; until then its tasks stop, and the circuit breaker ends it as ECS
does.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

import json
from collections.abc import Callable
from copy import copy, deepcopy
from functools import partial
from typing import Any

from moto.core.utils import utcnow
from moto.ecr.exceptions import ImageNotFoundException, RepositoryNotFoundException
from moto.ecr.models import ecr_backends
from moto.ecs.models import Container, EC2ContainerServiceBackend, Service, Task, TaskDefinition
from moto.moto_api._internal import mock_random

from embedded_aws.extensions import PENDING, Server, replace
from embedded_aws.extensions.task_starts import why_not
from embedded_aws.images import IMAGE

FAILED_TASKS = 3  # the least that ECS lets fail before it ends a deployment
CANNOT_PULL = "CannotPullContainerError: failed to resolve ref {image}: not found"

Backend = EC2ContainerServiceBackend


def install(server: Server) -> None:
    """Extend moto's services."""
    replace(Backend, "update_service", _update_service)
    replace(Backend, "describe_services", partial(_describe_services, server))
    replace(Backend, "list_tasks", _list_tasks)
    replace(Backend, "describe_tasks", _describe_tasks)


def _update_service(stock: Callable[..., Service], backend: Backend, properties: dict[str, Any]) -> Service:
    forced = bool(properties.get("force_new_deployment"))
    service = stock(backend, properties)
    deployments = _deployments(service)
    primary = deployments[0] if deployments else None
    service.task_definition = backend.describe_task_definition(service.task_definition or "").arn
    if primary and (forced or primary["taskDefinition"] != service.task_definition):
        former = [{**primary, "status": "ACTIVE"}] if primary["rolloutState"] == "COMPLETED" else []
        service.deployments = [_begun(service, primary), *former]
    return service


def _deployments(service: Service) -> list[dict[str, Any]]:
    """The primary one first."""
    return service.deployments


def _begun(service: Service, former: dict[str, Any]) -> dict[str, Any]:
    identity = f"ecs-svc/{mock_random.randint(0, 32**12)}"
    return {
        **deepcopy(former),
        "id": identity,
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "desiredCount": service.desired_count,
        "runningCount": 0,
        "pendingCount": service.desired_count,
        "failedTasks": 0,
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {identity} in progress.",
        "createdAt": utcnow(),
        "updatedAt": utcnow(),
    }


def _describe_services(
    server: Server, stock: Callable[..., Any], backend: Backend, cluster: str, names: list[str]
) -> tuple[list[Service], list[dict[str, str]]]:
    services, failures = stock(backend, cluster, names)
    for service in services:
        deployments = _deployments(service)
        if deployments and deployments[0]["rolloutState"] == "IN_PROGRESS":
            _step(server, backend, service, deployments[0])
    return services, failures


def _step(server: Server, backend: Backend, service: Service, primary: dict[str, Any]) -> None:
    missing = [image for image in _images(backend, service) if not _is_there(backend, image)]
    reason = why_not(server.authority, backend, service, primary["taskDefinition"])
    if not missing and not reason:
        image = _images(backend, service)[0]
        reason = server.launch(service.name, image, _annotations(backend, image))
        if reason == PENDING:
            return
        if reason is None:
            _complete(service, primary)
            return
    primary["failedTasks"] += 1
    task = StoppedTask(backend, service, reason or CANNOT_PULL.format(image=missing[0]))
    backend.tasks.setdefault(service.cluster_name, {})[task.task_arn] = task
    breaker = getattr(service, "deployment_configuration", {}).get("deploymentCircuitBreaker", {})
    if breaker.get("enable") and primary["failedTasks"] >= FAILED_TASKS:
        _fail(service, primary, roll_back=bool(breaker.get("rollback")))


def _complete(service: Service, primary: dict[str, Any]) -> None:
    primary |= {
        "runningCount": service.desired_count,
        "pendingCount": 0,
        "rolloutState": "COMPLETED",
        "rolloutStateReason": f"ECS deployment {primary['id']} completed.",
    }
    service.deployments = [primary]
    service.running_count, service.pending_count = service.desired_count, 0


def _fail(service: Service, primary: dict[str, Any], *, roll_back: bool) -> None:
    """Without a deployment that has completed there is none to go back to: the failed one stays."""
    primary["rolloutState"] = "FAILED"
    primary["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
    former = next((d for d in _deployments(service)[1:] if d["rolloutState"] == "COMPLETED"), None)
    if not roll_back or former is None:
        return
    former |= {
        "status": "PRIMARY",
        "rolloutStateReason": f"ECS deployment circuit breaker: rolled back from {primary['id']}.",
    }
    service.task_definition = former["taskDefinition"]
    service.deployments = [former, {**primary, "status": "ACTIVE"}]


def _images(backend: Backend, service: Service) -> list[str]:
    definition = backend.describe_task_definition(_deployments(service)[0]["taskDefinition"])
    return [str(container["image"]) for container in definition.container_definitions]


def _annotations(backend: Backend, image: str) -> dict[str, str]:
    """Of the image's manifest; none of an image that is kept elsewhere."""
    found = IMAGE.fullmatch(image)
    if found is None:
        return {}
    read, *_ = ecr_backends[backend.account_id][backend.region_name].batch_get_image(
        found["repository"], image_ids=[{"imageDigest": found["digest"]}]
    )["images"]
    annotations: dict[str, str] = json.loads(read.image_manifest).get("annotations") or {}
    return annotations


def _is_there(backend: Backend, image: str) -> bool:
    """An image that is kept elsewhere is."""
    found = IMAGE.fullmatch(image)
    if found is None:
        return True
    try:
        ecr_backends[backend.account_id][backend.region_name].describe_images(
            found["repository"], image_ids=[{"imageDigest": found["digest"]}]
        )
    except (ImageNotFoundException, RepositoryNotFoundException):
        return False
    return True


def _list_tasks(stock: Callable[..., list[Task]], backend: Backend, *filters: Any) -> list[Task]:
    """Stock moto ignores the service, since it starts no tasks of services."""
    _keep_running(backend)
    _cluster, _instance, _family, _started_by, service, _status = filters
    name = f"service:{service.rpartition('/')[2]}" if service else None
    return [task for task in stock(backend, *filters) if name in (None, task.group)]


def _describe_tasks(
    stock: Callable[..., list[Task]], backend: Backend, cluster: str, tasks: list[str]
) -> list[Task]:
    _keep_running(backend)
    return stock(backend, cluster, tasks)


def _keep_running(backend: Backend) -> None:
    """As many tasks of each service as run, of its last deployment that completed; no others."""
    for service in backend.services.values():
        group = f"service:{service.name}"
        completed = next((d for d in _deployments(service) if d["rolloutState"] == "COMPLETED"), None)
        wanted = service.running_count if completed and service.status == "ACTIVE" else 0
        definition = completed["taskDefinition"] if completed else ""
        tasks = backend.tasks.setdefault(service.cluster_name, {})
        running = [task for task in tasks.values() if isinstance(task, RunningTask) and task.group == group]
        kept = [task for task in running if task.task_definition_arn == definition][:wanted]
        for task in running:
            if task not in kept:
                del tasks[task.task_arn]
        for _ in range(wanted - len(kept)):
            new = RunningTask(backend, service, definition)
            tasks[new.task_arn] = new


class _ServiceTask(Task):
    """A task of a service, with all of its containers. It holds no network interface: what stands for it
    here has an address that its starter registers.
    """

    def __init__(self, backend: Backend, service: Service, definition_arn: str, status: str) -> None:
        cluster = backend._get_cluster(service.cluster_name)
        definition = backend.describe_task_definition(definition_arn)
        mode, definition.network_mode = definition.network_mode, None
        try:
            super().__init__(
                cluster, definition, None, None, backend, f"service:{service.name}", service.launch_type or ""
            )
        finally:
            definition.network_mode = mode
        self.desired_status = self._status = status
        self._transitions = []
        self.containers = [self._container(definition, one) for one in definition.container_definitions]

    def _container(self, definition: TaskDefinition, defined: dict[str, Any]) -> Container:
        """Stock moto knows the first one of the definition only."""
        one = copy(definition)
        one.container_definitions = [defined]
        container = Container(one)  # type: ignore[abstract]  # as stock moto does
        container.task_arn, container.last_status = self.task_arn, self.desired_status
        container.exitCode = None  # type: ignore[assignment]  # it runs, or never ran
        return container


class RunningTask(_ServiceTask):
    """A task that runs."""

    def __init__(self, backend: Backend, service: Service, definition_arn: str) -> None:
        super().__init__(backend, service, definition_arn, "RUNNING")


class StoppedTask(_ServiceTask):
    """A task that never ran."""

    def __init__(self, backend: Backend, service: Service, reason: str) -> None:
        super().__init__(backend, service, _deployments(service)[0]["taskDefinition"], "STOPPED")
        self.stopped_reason = reason
