"""What the colours run, on an embedded AWS: a repository with images, and a service of each colour."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from lambda_src.contract.images import APPLICATION
from lambda_src.contract.values import Colour
from packages.embedded_aws.tests.roles import role_of_anything
from tests.default_session import client

ACCOUNT, REGION, NAME = "123456789012", "us-east-1", "payments"
REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{NAME}"
TAGS = [{"key": "Deployment", "value": NAME}]
ROLES = {"task": "application", "execution": "execution"}
# Besides the image a deploy changes nothing of it.
BESIDE = {"name": "collector", "image": "public.ecr.aws/collector:1", "memory": 64}


def _manifest(number: int) -> str:
    media = "application/vnd.oci.image.manifest.v1+json"
    annotations = {"number": str(number)}
    return json.dumps({"schemaVersion": 2, "mediaType": media, "layers": [], "annotations": annotations})


def image(number: int) -> str:
    """Name of a version by its digest; 1 to 3 are in the repository."""
    return f"{REPOSITORY}@sha256:{hashlib.sha256(_manifest(number).encode()).hexdigest()}"


def create_repository() -> None:
    ecr: Any = client("ecr")
    ecr.create_repository(repositoryName=NAME)
    for number in (1, 2, 3):
        digest = image(number).partition("@")[2]
        ecr.put_image(
            repositoryName=NAME, imageManifest=_manifest(number), imageTag=f"v{number}", imageDigest=digest
        )


def lose(number: int) -> None:
    """The image is not in the repository any more: its tasks can't be started."""
    digest = image(number).partition("@")[2]
    client("ecr").batch_delete_image(repositoryName=NAME, imageIds=[{"imageDigest": digest}])


def restore(number: int) -> None:
    digest = image(number).partition("@")[2]
    client("ecr").put_image(
        repositoryName=NAME, imageManifest=_manifest(number), imageTag=f"v{number}", imageDigest=digest
    )


def create_service(colour: Colour) -> dict[str, str]:
    """The first version of a colour runs; the function's variables."""
    ecs: Any = client("ecs")
    for of in ROLES.values():
        role_of_anything(client("iam"), f"{_name(colour)}-{of}", "ecs-tasks.amazonaws.com")
    ecs.create_cluster(clusterName=_name(colour))
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    arn = ecs.create_service(
        cluster=_name(colour),
        serviceName=_name(colour),
        taskDefinition=register(colour, image(1)),
        desiredCount=2,
        deploymentConfiguration=breaker,
    )["service"]["serviceArn"]
    _put(colour, image(1))
    look(colour)
    return {
        f"{colour.upper()}_SERVICE_ARN": arn,
        f"{colour.upper()}_IMAGE_PARAM": _parameter(colour),
        f"{colour.upper()}_REPOSITORY": REPOSITORY,
    }


def register(colour: Colour, name: str, memory: str = "512") -> str:
    """A revision of the colour; its ARN."""
    containers = [{"name": APPLICATION, "image": name, "memory": 128}, BESIDE]
    roles = {
        f"{key}RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{_name(colour)}-{of}" for key, of in ROLES.items()
    }
    answer = client("ecs").register_task_definition(
        family=_name(colour), containerDefinitions=containers, tags=TAGS, cpu="256", memory=memory, **roles
    )
    return str(answer["taskDefinition"]["taskDefinitionArn"])


def look(colour: Colour) -> dict[str, Any]:
    """DescribeServices: each is a step of a rollout, in the embedded AWS."""
    described = client("ecs").describe_services(cluster=_name(colour), services=[_name(colour)])
    found: dict[str, Any] = described["services"][0]
    return found


def run(colour: Colour, revision: str) -> None:
    """As another client does it, to its end."""
    client("ecs").update_service(cluster=_name(colour), service=_name(colour), taskDefinition=revision)
    while look(colour)["deployments"][0]["rolloutState"] == "IN_PROGRESS":
        pass


def record(colour: Colour, value: str | None) -> None:
    if value is None:
        client("ssm").delete_parameters(Names=[_parameter(colour)])
    else:
        _put(colour, value)


@dataclass(frozen=True)
class Standing:
    """The images of a colour: of its service, of its parameter, of its newest revision."""

    running: str
    recorded: str | None
    latest: str

    @property
    def agreed(self) -> str | None:
        """The image that all three name; None where they don't agree."""
        return self.running if {self.running} == {self.recorded, self.latest} else None


def standing(colour: Colour) -> Standing:
    """A look, too."""
    ecs = client("ecs")
    parameters = client("ssm").get_parameters(Names=[_parameter(colour)])["Parameters"]
    revision = _live(colour)
    return Standing(
        definition(revision)["containerDefinitions"][0]["image"],
        next((each["Value"] for each in parameters), None),
        ecs.describe_task_definition(taskDefinition=_name(colour))["taskDefinition"]["containerDefinitions"][
            0
        ]["image"],
    )


def definition(revision: str) -> dict[str, Any]:
    found: dict[str, Any] = client("ecs").describe_task_definition(taskDefinition=revision)["taskDefinition"]
    return found


def await_rollout(colour: Colour) -> None:
    """Look until no rollout is in progress."""
    while look(colour)["deployments"][0]["rolloutState"] == "IN_PROGRESS":
        pass


def reset(colour: Colour) -> None:
    """The first version runs, whatever was deployed."""
    await_rollout(colour)
    if standing(colour).agreed != image(1):
        run(colour, register(colour, image(1)))
        _put(colour, image(1))


def _live(colour: Colour) -> str:
    return str(look(colour)["deployments"][0]["taskDefinition"])


def _put(colour: Colour, value: str) -> None:
    client("ssm").put_parameter(Name=_parameter(colour), Value=value, Type="String", Overwrite=True)


def _parameter(colour: Colour) -> str:
    return f"/{NAME}/{colour}-image"


def _name(colour: Colour) -> str:
    return f"{NAME}-{colour}"
