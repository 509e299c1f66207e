"""The only module that talks to AWS. Every failure leaves it as a RotationError.

Two attempts of at most 4 s: the up to four calls of a step leave most of the function's 60 s or more to the
database. A step that Lambda cuts off all the same is run again, and continues where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .errors import AdministratorNotReadyError, AwsCallError, RotationStateError
from .models import CURRENT, PENDING, Credentials, Versions
from .settings import Settings
from .values import compose, parse_credentials, parse_own

if TYPE_CHECKING:
    from mypy_boto3_rds.client import RDSClient
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import DescribeSecretResponseTypeDef

_CONNECT_SECONDS = 1
_READ_SECONDS = 3
_ATTEMPTS = 2
_READ_SECONDS_OF_RDS = 15  # it takes longer over a change


def connect() -> SecretsManagerClient:
    """A client for the region, credentials and endpoint of the environment. Slow to make: keep it."""
    return boto3.client("secretsmanager", config=_configuration(_READ_SECONDS))


def connect_to_rds() -> RDSClient:
    """As `connect`."""
    return boto3.client("rds", config=_configuration(_READ_SECONDS_OF_RDS))


def _configuration(read_seconds: int) -> Config:
    return Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )


class Gateway:
    """The application's secret and the administrator's."""

    def __init__(self, settings: Settings, client: SecretsManagerClient) -> None:
        self._settings = settings
        self._client = client
        self._arn = settings.secret_arn

    def described(self) -> DescribeSecretResponseTypeDef:
        with _calling("DescribeSecret", self._arn):
            return self._client.describe_secret(SecretId=self._arn)

    def versions(self) -> Versions:
        labels = self.described().get("VersionIdsToStages", {})
        return Versions({version: frozenset(stages) for version, stages in labels.items()})

    def stored(self, token: str) -> Credentials | None:
        """What this function wrote as that version; None while the version has no value."""
        with _calling("GetSecretValue", self._arn):
            try:
                text = self._client.get_secret_value(SecretId=self._arn, VersionId=token)["SecretString"]
            except self._client.exceptions.ResourceNotFoundException:
                return None
        return parse_own(text, self._settings, f"version {token} of {self._arn}")

    def required(self, token: str) -> Credentials:
        """As `stored`; raises RotationStateError where the version has no value."""
        if found := self.stored(token):
            return found
        raise RotationStateError(
            what="the version has no value yet",
            where=f"version {token} of {self._arn}",
            cause="createSecret has to store one before any other step",
            fix="rotate again: Secrets Manager runs the steps in their order",
        )

    def username(self, version: str) -> str:
        """The user of a version that another client may have written."""
        return self._credentials(self._arn, version).username

    def administrator(self) -> Credentials:
        """Raises AdministratorNotReadyError where its secret has no value yet."""
        arn = self._settings.admin_secret_arn
        try:
            return self._credentials(arn, None)
        except AwsCallError as error:
            if isinstance(error.__cause__, self._client.exceptions.ResourceNotFoundException):
                raise AdministratorNotReadyError(
                    what="the administrator's secret has no value",
                    where=arn,
                    cause="its first rotation has not ended",
                    fix="rotate it (`aws secretsmanager rotate-secret`), then this one again",
                ) from error
            raise

    def store(self, token: str, credentials: Credentials) -> bool:
        """Whether the version got this value; False if it already had one, which stays."""
        with _calling("PutSecretValue", self._arn):
            try:
                self._client.put_secret_value(
                    SecretId=self._arn,
                    ClientRequestToken=token,
                    SecretString=compose(self._settings, credentials),
                    VersionStages=[PENDING],
                )
            except self._client.exceptions.ResourceExistsException:
                return False
        return True

    def make_current(self, token: str, instead_of: str | None) -> None:
        """Move AWSCURRENT. Secrets Manager refuses if it isn't on `instead_of` any more."""
        leaving = {"RemoveFromVersionId": instead_of} if instead_of else {}
        with _calling("UpdateSecretVersionStage", self._arn):
            self._client.update_secret_version_stage(
                SecretId=self._arn, VersionStage=CURRENT, MoveToVersionId=token, **leaving
            )

    def _credentials(self, arn: str, version: str | None) -> Credentials:
        chosen = {"VersionId": version} if version else {}
        with _calling("GetSecretValue", arn):
            text = self._client.get_secret_value(SecretId=arn, **chosen)["SecretString"]
        return parse_credentials(text, f"version {version or CURRENT} of {arn}")


class Cluster:
    """A cluster, and its administrator's name."""

    def __init__(self, settings: Settings, client: RDSClient) -> None:
        self.identifier, self.administrator = settings.db_cluster, settings.admin_user
        self._client = client

    def set_password(self, password: str) -> bool:
        """Whether RDS accepted it, and will set it within seconds; False while it changes the cluster."""
        with _calling("ModifyDBCluster", self.identifier):
            try:
                self._client.modify_db_cluster(
                    DBClusterIdentifier=self.identifier, MasterUserPassword=password, ApplyImmediately=True
                )
            except self._client.exceptions.InvalidDBClusterStateFault:
                return False
        return True


@contextmanager
def _calling(operation: str, where: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise AwsCallError(
            what=f"{operation} failed: {error}",
            where=where,
            cause="without this call the rotation can't be carried to its end; AWSCURRENT is valid as before",
            fix="if denied, fix the function's role or the secret's policy; to rotate again is safe",
        ) from error
