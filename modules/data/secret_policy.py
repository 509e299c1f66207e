"""Who reads a secret, who writes it, who changes what protects it: a policy that denies the rest."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_policy import SecretsmanagerSecretPolicy
from constructs import Construct

from modules.config import Deployment
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement, policy

# What the four steps of a rotation call (Secrets Manager user guide, "Permissions for rotation").
ROTATING = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)


def restrict(
    scope: Construct,
    id_: str,
    *,
    secret: SecretsmanagerSecret,
    readers: Sequence[IamRole],
    rotation: IamRole,
    deploying_roles: Sequence[str],
) -> SecretsmanagerSecretPolicy:
    """Only `readers` and `rotation` read the secret, only `rotation` writes it."""
    arns = [role.arn for role in (*readers, rotation)]
    return SecretsmanagerSecretPolicy(
        scope,
        id_,
        secret_arn=secret.arn,
        block_public_policy=True,
        policy=policy(
            _except(
                "NobodyElseReads",
                arns,
                ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"],
            ),
            _except("OnlyTheRotationWrites", [rotation.arn], ["secretsmanager:PutSecretValue"]),
            *_administration(deploying_roles, rotation),
            Statement(
                sid="ApplicationAndRotationRead",
                principals={"AWS": arns},
                actions=["secretsmanager:GetSecretValue"],
                resources=["*"],
            ),
        ),
    )


def secrets_key(deployment: Deployment, encryption: Encryption, *actions: str) -> Statement:
    """Secrets Manager decrypts and encrypts with the permissions of who reads and writes."""
    return Statement(
        sid="SecretsKey",
        actions=actions or ["kms:Decrypt", "kms:GenerateDataKey"],
        resources=[encryption.key_arn],
        conditions={"StringEquals": {"kms:ViaService": f"secretsmanager.{deployment.region}.amazonaws.com"}},
    )


def _administration(deploying_roles: Sequence[str], rotation: IamRole) -> list[Statement]:
    """Only the deploying roles, where they are known, change what protects the secret. The rotation moves
    the stages of its versions.
    """
    if not deploying_roles:
        return []
    own = ["DeleteResourcePolicy", "DeleteSecret", "PutResourcePolicy", "UpdateSecret"]
    stages = ["CancelRotateSecret", "RotateSecret", "UpdateSecretVersionStage"]
    return [
        _except("OnlyDeployersAdminister", deploying_roles, [f"secretsmanager:{name}" for name in own]),
        _except(
            "OnlyDeployersRotate",
            [*deploying_roles, rotation.arn],
            [f"secretsmanager:{name}" for name in stages],
        ),
    ]


def _except(sid: str, arns: Sequence[str], actions: Sequence[str]) -> Statement:
    """Denies the actions to all but these roles."""
    return Statement(
        sid=sid,
        effect="Deny",
        principals={"AWS": "*"},
        actions=actions,
        resources=["*"],
        conditions={"ArnNotEquals": {"aws:PrincipalArn": list(arns)}},
    )
