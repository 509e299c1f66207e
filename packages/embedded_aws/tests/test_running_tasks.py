"""The tasks of ECS services: as many as run, each with all containers of its definition."""

import uuid
from typing import Any

import pytest
from embedded_aws import LocalAws

from packages.embedded_aws.tests.roles import role_of_anything

CONTAINERS = [
    {"name": "application", "image": "example.test/a", "memory": 128, "essential": True},
    {"name": "collector", "image": "example.test/b", "memory": 64, "essential": False},
]


@pytest.fixture(scope="module")
def role(aws: LocalAws) -> str:
    return role_of_anything(aws.client("iam"), f"tasks-{uuid.uuid4().hex[:8]}", "ecs-tasks.amazonaws.com")


@pytest.fixture
def name(aws: LocalAws) -> str:
    """Of a cluster and a service."""
    found = f"tasks-{uuid.uuid4().hex[:8]}"
    aws.client("ecs").create_cluster(clusterName=found)
    return found


def define(aws: LocalAws, name: str, role: str, containers: list[dict[str, Any]]) -> str:
    made = aws.client("ecs").register_task_definition(
        family=name, executionRoleArn=role, taskRoleArn=role, containerDefinitions=containers
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def tasks(aws: LocalAws, name: str) -> list[dict[str, Any]]:
    ecs = aws.client("ecs")
    ecs.describe_services(cluster=name, services=[name])  # a look at a service is a step
    arns = ecs.list_tasks(cluster=name, serviceName=name, desiredStatus="RUNNING")["taskArns"]
    found: list[dict[str, Any]] = arns and ecs.describe_tasks(cluster=name, tasks=arns)["tasks"]
    return found


def test_a_service_that_is_deployed_has_its_tasks(aws: LocalAws, name: str, role: str) -> None:
    ecs, definition = aws.client("ecs"), define(aws, name, role, CONTAINERS)
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=definition, desiredCount=2)
    found = tasks(aws, name)
    assert [task["lastStatus"] for task in found] == ["RUNNING", "RUNNING"]
    for task in found:
        assert (task["taskDefinitionArn"], task["group"]) == (definition, f"service:{name}")
        assert [(one["name"], one["lastStatus"]) for one in task["containers"]] == [
            ("application", "RUNNING"),
            ("collector", "RUNNING"),
        ]
        assert {one["taskArn"] for one in task["containers"]} == {task["taskArn"]}
        assert all("exitCode" not in one for one in task["containers"])
    assert {task["taskArn"] for task in tasks(aws, name)} == {task["taskArn"] for task in found}


def test_a_new_deployment_has_other_tasks_and_a_deleted_service_none(
    aws: LocalAws, name: str, role: str
) -> None:
    ecs, first = aws.client("ecs"), define(aws, name, role, CONTAINERS)
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=first, desiredCount=1)
    (before,) = tasks(aws, name)
    second = define(aws, name, role, CONTAINERS[:1])
    ecs.update_service(cluster=name, service=name, taskDefinition=second)
    (after,) = tasks(aws, name)
    assert (after["taskDefinitionArn"], after["taskArn"] != before["taskArn"]) == (second, True)
    assert len(after["containers"]) == 1
    ecs.delete_service(cluster=name, service=name, force=True)
    assert ecs.list_tasks(cluster=name, serviceName=name)["taskArns"] == []
