"""What the start of a Fargate task needs: its roles, image, log, secrets, file systems, its storage's key.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-create-storage-key.html
"""

from collections.abc import Iterator
from typing import Any

from moto.ecs.models import EC2ContainerServiceBackend, Service

from embedded_aws.authorisation import held
from embedded_aws.authorisation.authority import Authority
from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.context import ENCRYPTION_CONTEXT
from embedded_aws.authorisation.encryption import Use, checks
from embedded_aws.extensions.file_systems import mount_checks, why_not_mounted
from embedded_aws.images import IMAGE
from iam_evaluation import Caller

PRINCIPAL = Caller.service("ecs-tasks.amazonaws.com")
FARGATE = Caller.service("fargate.amazonaws.com")
EXECUTION = "execution_role_arn"
PULLS = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")


def why_not(
    authority: Authority, backend: EC2ContainerServiceBackend, service: Service, definition_arn: str
) -> str | None:
    """The reason with which ECS stops the task. None: it starts."""
    definition: Any = backend.describe_task_definition(definition_arn)
    where = (backend.region_name, backend.account_id)
    operation = f"start of a task of {service.name}"
    found = [
        *_roles(definition, where),
        *_of_execution_role(definition, where),
        *_storage(backend.clusters.get(service.cluster_name), where),
        *mount_checks(definition, where),
    ]
    denied = [check for check in found if not authority.allows(check, operation)]
    if denied:
        return f"ResourceInitializationError: {denied[0].caller.arn}: {denied[0].action} was denied"
    return why_not_mounted(backend, service, definition)


def _roles(definition: Any, where: tuple[str, str]) -> Iterator[Check]:
    region, account = where
    context = {"aws:SourceArn": f"arn:aws:ecs:{region}:{account}:*", "aws:SourceAccount": account}
    for name in ("task_role_arn", EXECUTION):
        if role := vars(definition).get(name):
            yield Check(PRINCIPAL, "sts:AssumeRole", role, context)


def _of_execution_role(definition: Any, where: tuple[str, str]) -> Iterator[Check]:
    region, account = where
    if not (role := vars(definition).get(EXECUTION)):
        return
    caller, context = Caller.role(role, "ecs"), {"aws:RequestedRegion": region}
    for container in definition.container_definitions:
        image = IMAGE.fullmatch(container["image"])
        if image:
            yield Check(caller, "ecr:GetAuthorizationToken", "*", context)
            for action in PULLS:
                repository = f"arn:aws:ecr:{region}:{account}:repository/{image['repository']}"
                yield Check(caller, f"ecr:{action}", repository, context)
        log = (container.get("logConfiguration") or {}).get("options", {})
        if group := log.get("awslogs-group"):
            stream = f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{container['name']}/x"
            for action in ("CreateLogStream", "PutLogEvents"):
                yield Check(caller, f"logs:{action}", stream, context)
        for one in container.get("secrets") or ():
            yield from _secret(caller, one["valueFrom"], region)


def _secret(caller: Caller, value_from: str, region: str) -> Iterator[Check]:
    """`value_from`: the secret's ARN, after which key, stage and version may follow."""
    secret = held.secret(":".join(value_from.split(":")[:7]), region)
    if secret is not None:
        yield Check(caller, "secretsmanager:GetSecretValue", secret.arn)
        use = Use(secret.kms_key_id or "", ("Decrypt",), "secretsmanager", (("SecretARN", secret.arn),))
        yield from checks(use, caller, region)


def _storage(cluster: Any, where: tuple[str, str]) -> Iterator[Check]:
    region, account = where
    storage = (getattr(cluster, "configuration", None) or {}).get("managedStorageConfiguration", {})
    key = held.key(storage.get("fargateEphemeralStorageKmsKeyId", ""), region)
    if key is None:
        return
    context = {
        f"{ENCRYPTION_CONTEXT}aws:ecs:clusterAccount": account,
        f"{ENCRYPTION_CONTEXT}aws:ecs:clusterName": cluster.name,
    }
    yield Check(FARGATE, "kms:GenerateDataKeyWithoutPlaintext", key.arn, context)
    yield Check(FARGATE, "kms:CreateGrant", key.arn, {**context, "kms:GrantOperations": ("Decrypt",)})
