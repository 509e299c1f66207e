"""What starts a task may do (the execution role), and what runs in it (the task role).

Source: Amazon ECS developer guide, "Amazon ECS task execution IAM role" and "Amazon ECS task IAM role".
"""

from collections.abc import Sequence

from modules.foundation.iam import Statement

# What a session store needs: sessions are read, written and ended by their key.
SESSION_CALLS = ("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")


def execution(
    *, region: str, repository_arns: Sequence[str], logs_arn: str, secret_arn: str, key_arn: str
) -> list[Statement]:
    """Pull the image, inject the secrets, write the log."""
    return [
        # Takes no resource (Service Authorization Reference, Elastic Container Registry).
        Statement(
            sid="LogInToTheRegistry",
            actions=["ecr:GetAuthorizationToken"],
            resources=["*"],
            conditions={"StringEquals": {"aws:RequestedRegion": region}},
        ),
        Statement(
            sid="PullTheImage",
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources=repository_arns,
        ),
        Statement(
            sid="Log",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[f"{logs_arn}:*"],
        ),
        *_secret(region, [secret_arn], key_arn, "secretsmanager"),
    ]


def application(
    *, region: str, sessions_arn: str, secret_arns: Sequence[str], key_arn: str
) -> list[Statement]:
    """Sessions, and credentials: it reads them again after a rotation. With a ledger, both colours'."""
    return [
        Statement(sid="Sessions", actions=list(SESSION_CALLS), resources=[sessions_arn]),
        *_secret(region, secret_arns, key_arn, "dynamodb", "secretsmanager"),
    ]


def _secret(region: str, secret_arns: Sequence[str], key_arn: str, *services: str) -> list[Statement]:
    """The credentials, and the key by way of the services that decrypt with it for the caller."""
    via = [f"{service}.{region}.amazonaws.com" for service in services]
    return [
        Statement(sid="Credentials", actions=["secretsmanager:GetSecretValue"], resources=secret_arns),
        Statement(
            sid="Key",
            actions=["kms:Decrypt"],
            resources=[key_arn],
            conditions={"StringEquals": {"kms:ViaService": via}},
        ),
    ]
