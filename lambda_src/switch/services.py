"""What the function reads of the colours' ECS services, and of the images that they run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract.errors import ServiceUnreadableError
from ..contract.images import APPLICATION, Image, repository_of
from ..contract.values import Colour
from .aws import Caller, Refused
from .settings import Settings

# Of a rollout, by the ECS API reference, Deployment.
IN_PROGRESS, COMPLETED, FAILED = "IN_PROGRESS", "COMPLETED", "FAILED"
# Tasks whose reason is read; ECS shows stopped ones for about an hour.
_STOPPED_TASKS = 10


@dataclass(frozen=True)
class Rollout:
    """The primary deployment of a service. `revision`: ARN of its task definition."""

    revision: str
    state: str
    reason: str
    running: int
    desired: int

    @property
    def family(self) -> str:
        return self.revision.rpartition("/")[2].partition(":")[0]

    def to_json(self) -> dict[str, object]:
        return {
            "revision": self.revision.rpartition("/")[2],
            "state": self.state,
            "reason": self.reason,
            "running": self.running,
            "desired": self.desired,
        }


@dataclass(frozen=True)
class Revision:
    """A task definition with its tags, as DescribeTaskDefinition gives it."""

    definition: Mapping[str, Any]
    tags: Sequence[Mapping[str, str]]

    @property
    def arn(self) -> str:
        return str(self.definition["taskDefinitionArn"])

    @property
    def image(self) -> str:
        """Of the application; empty where there is no such container."""
        return next((str(c["image"]) for c in self.definition["containerDefinitions"] if _is_own(c)), "")

    def running(self, image: str, members: Sequence[str]) -> dict[str, Any]:
        """The same with another image, as RegisterTaskDefinition takes it: its parameters are `members`."""
        kept = {name: value for name, value in self.definition.items() if name in members}
        kept["containerDefinitions"] = [
            {**container, "image": image} if _is_own(container) else container
            for container in self.definition["containerDefinitions"]
        ]
        return kept | ({"tags": list(self.tags)} if self.tags else {})


def _is_own(container: Mapping[str, Any]) -> bool:
    return bool(container["name"] == APPLICATION)


@dataclass(frozen=True)
class Deployed:
    """What a colour runs, and what says so. `recorded`: the parameter's value; `latest`: the newest revision
    of the family, which Terraform compares with the configuration.
    """

    rollout: Rollout
    live: Revision
    latest: Revision
    recorded: str | None
    repository: str

    @property
    def problems(self) -> tuple[str, ...]:
        """What does not agree; a sentence each."""
        live, found = self.live.image, []
        if Image.read(live) is None or repository_of(live) != self.repository:
            found.append(f"runs {live or 'no image'}, which is none of {self.repository} by its digest")
        if self.recorded != live:
            found.append(f"runs {live}, but its parameter says {self.recorded or 'nothing'}")
        if self.latest.arn != self.live.arn and self.latest.image != live:
            newest = self.latest.arn.rpartition("/")[2]
            found.append(f"runs {live}, but its newest revision, {newest}, has {self.latest.image}")
        return tuple(found)

    @property
    def repairable(self) -> bool:
        """Whether what runs may be recorded."""
        return Image.read(self.live.image) is not None and repository_of(self.live.image) == self.repository

    @property
    def moving(self) -> bool:
        """Whether ECS replaces tasks at the moment."""
        return self.rollout.state == IN_PROGRESS

    def to_json(self) -> dict[str, object]:
        return {
            "running": self.live.image,
            "recorded": self.recorded,
            "latest": self.latest.image,
            "rollout": self.rollout.to_json(),
            "problems": list(self.problems),
        }


class Services:
    """One invocation's view of both services."""

    def __init__(self, settings: Settings, caller: Caller) -> None:
        self._settings = settings
        self._together = caller.together
        self._calling = caller.calling
        self._client = caller.client

    def deployed(self, colour: Colour) -> Deployed:
        """Raises ServiceUnreadableError where the service, or its task definition, is not there."""
        rollout = self.rollout(colour)
        live, latest, recorded = self._together(
            [
                lambda: self.revision(rollout.revision),
                lambda: self.revision(rollout.family),
                lambda: self._recorded(colour),
            ]
        )
        return Deployed(rollout, live, latest, recorded, self._settings.of(colour).repository)

    def rollout(self, colour: Colour) -> Rollout:
        """The primary deployment of the colour's service."""
        arn = self._settings.of(colour).service_arn
        with self._calling("DescribeServices", arn, codes=["ClusterNotFoundException"]):
            answer = self._client("ecs").describe_services(cluster=cluster_of(arn), services=[arn])
        found = [each for service in answer["services"] for each in service["deployments"]]
        primary = next((each for each in found if each["status"] == "PRIMARY"), None)
        if primary is None:
            raise _unreadable(arn, "ECS has no such service, or it has no deployment")
        return Rollout(
            primary["taskDefinition"],
            primary.get("rolloutState", COMPLETED),
            primary.get("rolloutStateReason", ""),
            primary["runningCount"],
            primary["desiredCount"],
        )

    def revision(self, name: str) -> Revision:
        """By its ARN; by the name of its family, the newest one."""
        with self._calling("DescribeTaskDefinition", name):
            answer = self._client("ecs").describe_task_definition(taskDefinition=name, include=["TAGS"])
        return Revision(answer["taskDefinition"], answer.get("tags", ()))

    def stopped(self, colour: Colour, revision: str) -> tuple[str, ...]:
        """Why tasks of the revision stopped, each reason once."""
        arn = self._settings.of(colour).service_arn
        ecs = self._client("ecs")
        cluster = cluster_of(arn)
        with self._calling("ListTasks", arn):
            listed = ecs.list_tasks(
                cluster=cluster, serviceName=arn.rpartition("/")[2], desiredStatus="STOPPED"
            )["taskArns"][:_STOPPED_TASKS]
        if not listed:
            return ()
        with self._calling("DescribeTasks", arn):
            tasks = ecs.describe_tasks(cluster=cluster, tasks=listed)["tasks"]
        return tuple(sorted({_reason(task) for task in tasks if task["taskDefinitionArn"] == revision}))

    def has(self, image: Image) -> bool:
        """Whether the image is in its repository."""
        codes = ["ImageNotFoundException", "RepositoryNotFoundException"]
        try:
            with self._calling("DescribeImages", image.repository, codes=codes):
                self._client("ecr").describe_images(
                    registryId=image.registry,
                    repositoryName=image.repository,
                    imageIds=[{"imageDigest": image.digest}],
                )
        except Refused:
            return False
        return True

    def _recorded(self, colour: Colour) -> str | None:
        name = self._settings.of(colour).image_param
        with self._calling("GetParameters", name):
            found = self._client("ssm").get_parameters(Names=[name])["Parameters"]
        return next((str(parameter["Value"]) for parameter in found), None)


def cluster_of(service_arn: str) -> str:
    """The name of the cluster: arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME."""
    return service_arn.split("/")[1]


def _reason(task: Mapping[str, Any]) -> str:
    exits = [
        f"container {container['name']} ended with {container['exitCode']}"
        for container in task.get("containers", ())
        if container.get("exitCode") is not None
    ]
    return "; ".join([task.get("stoppedReason") or "no reason given", *exits])


def _unreadable(arn: str, why: str) -> ServiceUnreadableError:
    return ServiceUnreadableError(
        what=why,
        where=arn,
        cause="what the colour runs is unknown; nothing was changed",
        fix="run `bluegreen plan`: it shows what another client changed of the service",
    )
