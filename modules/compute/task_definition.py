"""What a task of one colour is: size, roles, container, and where the container finds what it uses."""

from collections.abc import Mapping

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.ecs_task_definition import (
    EcsTaskDefinition,
    EcsTaskDefinitionEphemeralStorage,
    EcsTaskDefinitionRuntimePlatform,
)
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct

from modules.compute import container
from modules.compute.surroundings import Surroundings
from modules.config import Deployment
from modules.data import database


def task_definition(
    scope: Construct,
    id_: str,
    *,
    deployment: Deployment,
    colour: str,
    around: Surroundings,
    logs: CloudwatchLogGroup,
    image: SsmParameter,
) -> EcsTaskDefinition:
    """The task definition of a colour. A change of it is a new revision. `image`: see live_image.py."""
    settings = deployment.colours[colour].service
    name = f"{deployment.prefix}-{colour}"
    return EcsTaskDefinition(
        scope,
        id_,
        family=name,
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(settings.cpu),
        memory=str(settings.memory_mb),
        runtime_platform=EcsTaskDefinitionRuntimePlatform(
            cpu_architecture=settings.architecture, operating_system_family="LINUX"
        ),
        execution_role_arn=around.place.execution_role.arn,
        task_role_arn=around.place.role.arn,
        container_definitions=container.definitions(
            settings,
            image=image.insecure_value,
            port=around.place.port,
            environment={"COLOUR": colour, **_environment(around)},
            secrets=_secrets(around),
            logs=logs,
            region=deployment.region,
        ),
        volume=container.volumes(settings),
        ephemeral_storage=EcsTaskDefinitionEphemeralStorage(size_in_gib=settings.ephemeral_storage_gib)
        if settings.ephemeral_storage_gib
        else None,
        # The newest revision is compared with the configuration, also one that the switch function registered
        # (Terraform's AWS provider, aws_ecs_task_definition).
        track_latest=True,
        # The circuit breaker rolls back to the revision before: it has to stay.
        skip_destroy=True,
        tags={"Name": name, "Colour": colour},
    )


def _environment(around: Surroundings) -> Mapping[str, str]:
    return {
        "DATABASE_HOST": around.database.cluster.endpoint,
        "DATABASE_NAME": database.NAME,
        "DATABASE_PORT": str(database.PORT),
        "DATABASE_READER_HOST": around.database.cluster.reader_endpoint,
        # To read the credentials again after a rotation: what is injected is of when the task started.
        "DATABASE_SECRET_ARN": around.credentials.secret.arn,
        "PORT": str(around.place.port),
        "SESSION_TABLE": around.sessions.table.name,
        **_ledger(around),
    }


def _ledger(around: Surroundings) -> Mapping[str, str]:
    """Both databases: a refused write names the colour of the one that takes payments."""
    return {
        name: value
        for colour, (own, credentials) in around.of_ledger.items()
        for name, value in (
            (f"{colour.upper()}_DATABASE_HOST", own.cluster.endpoint),
            (f"{colour.upper()}_DATABASE_SECRET_ARN", credentials.secret.arn),
        )
    }


def _secrets(around: Surroundings) -> Mapping[str, str]:
    arn = around.credentials.secret.arn
    return {f"DATABASE_{key.upper()}": f"{arn}:{key}::" for key in ("username", "password")}
