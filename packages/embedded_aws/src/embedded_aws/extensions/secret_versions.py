"""Versions of secrets as AWS keeps them. Stock moto lets PutSecretValue change the value of a version,
returns another version than AWSCURRENT after UpdateSecretVersionStage, can't give AWSCURRENT to a secret that
has none (500), and shows a secret in the middle of a label's move.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
"""

import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from moto.secretsmanager.exceptions import ResourceExistsException
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend, secretsmanager_backends
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.utilities.arns import parse_arn

from embedded_aws.extensions import Server, replace
from embedded_aws.handle import LocalAwsError

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
# What reads or writes versions.
ATOMIC = (
    "batch_get_secret_value",
    "describe_secret",
    "get_secret_value",
    "list_secret_version_ids",
    "put_secret_value",
    "rotate_secret",
    "update_secret_version_stage",
)

changing = threading.Condition(threading.RLock())  # hold it to read or change versions


def install(_: Server) -> None:
    """Extend moto's Secrets Manager."""
    for operation in ATOMIC:
        replace(SecretsManagerResponse, operation, _atomically)
    replace(SecretsManagerBackend, "put_secret_value", _put_secret_value)
    replace(SecretsManagerBackend, "update_secret_version_stage", _update_secret_version_stage)


def give_first_value(arn: str, value: str) -> bool:
    """The server's part of `seeding.seed_credentials`. Raises LocalAwsError for an unknown secret."""
    backend, secret = _found(arn)
    with changing:
        if holder(secret, CURRENT):
            return False
        backend.put_secret_value(
            secret_id=arn,
            secret_string=value,
            secret_binary=None,  # type: ignore[arg-type]  # as for a secret of text
            client_request_token=str(uuid.uuid4()),
            version_stages=[CURRENT],
        )
    return True


def current_value(arn: str) -> str | None:
    """The server's part of `seeding.secret_value`. Raises LocalAwsError for an unknown secret."""
    _, secret = _found(arn)
    with changing:
        version = holder(secret, CURRENT)
        return str(secret.versions[version]["secret_string"]) if version else None


def _found(arn: str) -> tuple[SecretsManagerBackend, FakeSecret]:
    where = parse_arn(arn)
    backend = secretsmanager_backends[where.account][where.region]
    secret = backend.secrets.get(arn)
    if not isinstance(secret, FakeSecret):
        raise LocalAwsError(f"the embedded AWS has no secret {arn}")
    return backend, secret


def holder(secret: FakeSecret, label: str) -> str | None:
    """The version that has a label."""
    return next(
        (name for name, version in secret.versions.items() if label in version["version_stages"]), None
    )


def _atomically(stock: Callable[[SecretsManagerResponse], str], response: SecretsManagerResponse) -> str:
    with changing:
        return stock(response)


def _put_secret_value(
    stock: Callable[..., str],
    backend: SecretsManagerBackend,
    *,
    secret_id: str,
    client_request_token: str,
    version_stages: list[str],
    **value: str | None,
) -> str:
    """A value stays what it is, and a secret's first one is AWSCURRENT, whatever the call says."""
    secret = backend.secrets.get(secret_id)
    values = {name: _value(version) for name, version in secret.versions.items()} if secret else {}
    present = values.get(client_request_token)
    if present and present != _value(value):
        raise ResourceExistsException(
            f"You can't use ClientRequestToken {client_request_token} because that value is already in use "
            f"for a version of secret {secret_id}."
        )
    first = not any(values.values()) and CURRENT not in version_stages
    return stock(
        backend,
        secret_id=secret_id,
        client_request_token=client_request_token,
        version_stages=[*version_stages, CURRENT] if first else version_stages,
        **value,
    )


def _update_secret_version_stage(
    stock: Callable[..., tuple[str, str]], backend: SecretsManagerBackend, **given: str
) -> tuple[str, str]:
    """AWSCURRENT can also be given to a version while no other has it; and what has it is the default."""
    secret, version = backend.secrets.get(given["secret_id"]), given["move_to_version_id"]
    if not isinstance(secret, FakeSecret) or given["version_stage"] != CURRENT:
        return stock(backend, **given)
    if holder(secret, CURRENT) or given["remove_from_version_id"] or version not in secret.versions:
        stock(backend, **given)
    else:
        secret.versions[version]["version_stages"].append(CURRENT)
    secret.set_default_version_id(holder(secret, CURRENT))
    return secret.arn, secret.name


def _value(version: Mapping[str, Any]) -> tuple[str | None, str | None] | None:
    """None for the version that RotateSecret announces."""
    value = version.get("secret_string"), version.get("secret_binary")
    return None if value == (None, None) else value
