"""Has a function rotate a secret: who reads it, who may call the function, and when."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_rotation import (
    SecretsmanagerSecretRotation,
    SecretsmanagerSecretRotationRotationRules,
)
from constructs import Construct

from modules.config import Deployment
from modules.data.secret_policy import restrict
from modules.functions.function import Function


def rotate(
    scope: Construct,
    secret: SecretsmanagerSecret,
    rotation: Function,
    *,
    deployment: Deployment,
    days: int,
    readers: Sequence[IamRole],
    after: Sequence[ITerraformDependable],
) -> SecretsmanagerSecretRotation:
    """At once, and then every so many days; only `readers` and `rotation` read it.

    `after`: what the function needs for its first rotation, which creates the secret's value.
    """
    readable = restrict(
        scope,
        "policy",
        secret=secret,
        readers=readers,
        rotation=rotation.role,
        deploying_roles=deployment.iam.deploying_roles,
    )
    permission = LambdaPermission(
        scope,
        "permission",
        function_name=rotation.function.function_name,
        action="lambda:InvokeFunction",
        principal="secretsmanager.amazonaws.com",
        source_account=deployment.account_id,
        source_arn=secret.arn,
    )
    return SecretsmanagerSecretRotation(
        scope,
        "schedule",
        secret_id=secret.id,
        rotation_lambda_arn=rotation.function.arn,
        rotate_immediately=True,
        rotation_rules=SecretsmanagerSecretRotationRotationRules(automatically_after_days=days),
        # It rotates at once: before there is a database to connect to, it would fail.
        depends_on=[permission, readable, *after],
    )
