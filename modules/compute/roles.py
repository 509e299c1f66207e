"""What starts a task may do (the execution role), and what runs in it (the task role).

Source: Amazon ECS developer guide, "Amazon ECS task execution IAM role" and "Amazon ECS task IAM role".
"""

from collections.abc import Iterator, Sequence

from modules.config.access_rights import OF_BUCKET, Use
from modules.config.fargate import Fargate
from modules.config.statement_conditions import merged
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


def chosen_secrets(*, region: str, stored: Sequence[str], key_arns: Sequence[str]) -> list[Statement]:
    """Inject the secrets and parameters that the configuration names, decrypted with the keys it names."""
    parameters = [arn for arn in stored if arn.startswith("arn:aws:ssm:")]
    secrets = [arn for arn in stored if arn not in parameters]
    via = [f"{service}.{region}.amazonaws.com" for service in ("secretsmanager", "ssm")]
    found = [
        Statement(sid="ChosenSecrets", actions=["secretsmanager:GetSecretValue"], resources=secrets),
        Statement(sid="ChosenParameters", actions=["ssm:GetParameters"], resources=parameters),
        Statement(
            sid="ChosenKeys",
            actions=["kms:Decrypt"],
            resources=key_arns,
            conditions={"StringEquals": {"kms:ViaService": via}},
        ),
    ]
    return [statement for statement in found if statement.resources]


def chosen_rights(settings: Fargate, *, region: str, account: str, logs_arn: str) -> list[Statement]:
    """What the configuration adds to the application's role: uses, statements, EFS, a router's log."""
    own = {"aws:ResourceAccount": account}
    found = [
        Statement(
            sid=f"Use{index}{part}",
            actions=actions,
            resources=resources,
            # A bucket's ARN says no account.
            conditions={"StringEquals": own} if use.service == "s3" else {},
        )
        for index, use in enumerate(settings.uses)
        for part, actions, resources in _parts(use)
        if actions
    ]
    keys = sorted({(use.key, use.service) for use in settings.uses if use.key})
    for index, (key, service) in enumerate(keys):
        found.append(
            Statement(
                sid=f"KeyOfUse{index}",
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[key],
                conditions={"StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com"}},
            )
        )
    for index, system in enumerate(settings.file_systems):
        mount = ["ClientMount"] if system.read_only else ["ClientMount", "ClientWrite"]
        found.append(
            Statement(
                sid=f"FileSystem{index}",
                actions=[f"elasticfilesystem:{call}" for call in mount],
                resources=[system.file_system],
                conditions={"StringEquals": {"elasticfilesystem:AccessPointArn": system.access_point}},
            )
        )
    for statement in settings.statements:
        found.append(
            Statement(
                sid="Chosen" + statement.name.title().replace("-", ""),
                actions=statement.actions,
                resources=statement.resources,
                conditions=merged(statement.conditions, {} if "*" in statement.resources else own),
            )
        )
    if any(container.log_router for container in settings.containers):
        log = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        found.append(Statement(sid="RouteTheLog", actions=log, resources=[logs_arn, f"{logs_arn}:*"]))
    return found


def _parts(use: Use) -> Iterator[tuple[str, list[str], list[str]]]:
    """(end of the statement's id, actions, resources): a bucket and its objects, a table and its indexes."""
    if use.service == "s3":
        yield "Bucket", [action for action in use.actions if action in OF_BUCKET], [use.arn]
        yield "Objects", [action for action in use.actions if action not in OF_BUCKET], [f"{use.arn}/*"]
    elif use.service == "dynamodb":
        yield "", use.actions, [use.arn, f"{use.arn}/index/*"]
    else:
        yield "", use.actions, [use.arn]


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
