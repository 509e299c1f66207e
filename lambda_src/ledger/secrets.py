"""The accounts that a function logs in with, from Secrets Manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ..contract.values import Colour
from ..rotation.errors import RotationError
from ..rotation.values import parse_credentials
from .errors import NotReadyError
from .models import Account
from .settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient


def accounts(client: SecretsManagerClient, settings: Settings) -> Mapping[Colour, Account]:
    """Those of a function's own duty. Raises NotReadyError."""
    return {colour: account(client, arn) for colour, arn in settings.secrets.items()}


def account(client: SecretsManagerClient, arn: str) -> Account:
    """The account that a secret holds now. Raises NotReadyError."""
    try:
        found = parse_credentials(client.get_secret_value(SecretId=arn)["SecretString"], arn)
    except (ClientError, BotoCoreError, RotationError) as error:
        raise NotReadyError(
            f"can't read the account in {arn}: {error}",
            cause="its first rotation has not succeeded yet, or the function's role lacks a permission",
            state="nothing was changed",
            fix="rotate the secret (`aws secretsmanager rotate-secret`), then run the same command again",
        ) from error
    return Account(found.username, found.password)
