"""What `bluegreen apply` waits for, on the embedded AWS: a step of the rollout at each look."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from embedded_aws import ACCOUNT_ID, REGION, LocalAws

from bluegreen.aws import Access
from bluegreen.operate.rollout import COMPLETED, NO_IMAGE, RolloutError, Service, await_rollouts
from bluegreen.terraform.recovery.clients import ClientFor, clients
from packages.embedded_aws.tests.conftest import aws, stock

__all__ = ["aws", "stock"]

MANIFEST = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []}


@dataclass
class Ecs:
    """A service in a cluster and with a repository of its own name."""

    aws: LocalAws
    name: str

    @property
    def clients(self) -> ClientFor:
        return clients(Access(REGION, self.aws.endpoint, self.aws.environment({})))

    def push(self, number: int) -> str:
        """Push an image; its name by digest."""
        manifest = json.dumps({**MANIFEST, "annotations": {"number": str(number)}})
        digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
        self.clients("ecr").put_image(
            repositoryName=self.name, imageManifest=manifest, imageTag=str(number), imageDigest=digest
        )
        return f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/{self.name}@{digest}"

    def revision(self, image: str) -> str:
        containers = [{"name": "payments", "image": image, "memory": 128}]
        answer = self.clients("ecs").register_task_definition(
            family=self.name, containerDefinitions=containers
        )
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def create(self, revision: str) -> None:
        breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
        self.clients("ecs").create_service(
            cluster=self.name,
            serviceName=self.name,
            taskDefinition=revision,
            desiredCount=2,
            deploymentConfiguration=breaker,
        )

    def update(self, **changes: Any) -> None:
        self.clients("ecs").update_service(cluster=self.name, service=self.name, **changes)

    def wait(self, revision: str, told: list[str] | None = None) -> str:
        tell = (told if told is not None else []).append
        service = Service(self.name, self.name, revision)
        return await_rollouts([service], self.clients, tell)[self.name]


@pytest.fixture
def ecs(aws: LocalAws) -> Ecs:
    name = f"service-{uuid.uuid4().hex[:8]}"
    aws.client("ecs").create_cluster(clusterName=name)
    aws.client("ecr").create_repository(repositoryName=name)
    return Ecs(aws, name)


MISSING = f"sha256:{'0' * 64}"


def missing(ecs: Ecs) -> str:
    """An image that nobody has pushed."""
    return f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/{ecs.name}@{MISSING}"


def test_a_service_with_an_image_is_waited_for(ecs: Ecs) -> None:
    revision = ecs.revision(ecs.push(1))
    ecs.create(revision)
    assert ecs.wait(revision) == COMPLETED
    following = ecs.revision(ecs.push(2))
    ecs.update(taskDefinition=following)
    assert ecs.wait(following) == COMPLETED


def test_without_an_image_no_task_is_waited_for_until_there_is_one(ecs: Ecs) -> None:
    """The first deployment: the breaker has ended it long before an image is pushed."""
    image = ecs.push(1)
    digest = image.partition("@")[2]
    ecs.clients("ecr").batch_delete_image(repositoryName=ecs.name, imageIds=[{"imageDigest": digest}])
    revision = ecs.revision(image)
    ecs.create(revision)
    told: list[str] = []
    for _ in range(5):
        assert ecs.wait(revision, told) == NO_IMAGE
    assert told[-1] == f"{ecs.name}: there is no image yet, so no task starts (docs/service.md)"
    ecs.push(1)
    ecs.update(forceNewDeployment=True)
    assert ecs.wait(revision) == COMPLETED


def test_a_deployment_that_ecs_rolled_back_fails_with_the_reason_of_its_tasks(ecs: Ecs) -> None:
    good = ecs.revision(ecs.push(1))
    ecs.create(good)
    assert ecs.wait(good) == COMPLETED
    bad = ecs.revision(missing(ecs))
    ecs.update(taskDefinition=bad)

    with pytest.raises(RolloutError) as caught:
        ecs.wait(bad)

    assert str(caught.value).splitlines() == [
        f"{ecs.name} does not run what was applied ({ecs.name}:2)",
        "  cause: ECS rolled the deployment back to the former revision",
        f"  3 tasks stopped: CannotPullContainerError: failed to resolve ref {missing(ecs)}: not found",
        "  state: Terraform's part of the apply is complete, no traffic was moved; running tasks stay",
        "  fix: correct the image or the configuration of that colour, then plan again",
    ]
    assert ecs.wait(good) == COMPLETED


def test_a_service_that_is_gone(ecs: Ecs) -> None:
    with pytest.raises(RolloutError, match="ECS has no such service"):
        ecs.wait("arn:aws:ecs:us-east-1:123456789012:task-definition/x:1")


def test_stock_moto_still_leaves_a_deployment_in_progress(stock: LocalAws) -> None:
    ecs = Ecs(stock, f"service-{uuid.uuid4().hex[:8]}")
    stock.client("ecs").create_cluster(clusterName=ecs.name)
    ecs.create(ecs.revision("busybox"))
    described = stock.client("ecs").describe_services(cluster=ecs.name, services=[ecs.name])["services"][0]
    assert described["deployments"][0]["rolloutState"] == "IN_PROGRESS"
