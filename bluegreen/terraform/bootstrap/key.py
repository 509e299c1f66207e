"""The key that encrypts the state."""

import json
from typing import Any

from bluegreen.terraform.bootstrap.backend import StateBackend
from bluegreen.terraform.bootstrap.documents import key_policy
from bluegreen.terraform.bootstrap.errors import BackendRefusedError
from bluegreen.terraform.bootstrap.setting import Setting, code_of

ALIAS = "alias/"


class Key:
    """The key that the backend names by alias or ARN. `arn`: None while there is none."""

    def __init__(self, client: Any, backend: StateBackend) -> None:
        self._client, self._backend = client, backend
        self.arn: str | None = None
        self._find()

    def settings(self) -> list[Setting]:
        name = self._backend.kms_key_id
        return [
            Setting("key", f"{name} is a customer-managed key", lambda: self.arn is not None, self._create),
            Setting("key rotation", "every year", self._rotates, self._rotate),
        ]

    @property
    def names(self) -> set[str]:
        """All by which a bucket may name it."""
        if self.arn is None:
            return set()
        own = self._backend.kms_key_id
        return {self.arn, self.arn.rpartition("/")[2], own, f"{self.arn.partition(':key/')[0]}:{own}"}

    def _find(self) -> None:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - loading it takes long

        name = self._backend.kms_key_id
        try:
            found = self._client.describe_key(KeyId=name)["KeyMetadata"]
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise
            if not name.startswith(ALIAS):
                raise BackendRefusedError(
                    f"the key {name} does not exist, and an ARN can't be chosen",
                    "name an alias in [backend] kms_key_id: the key is then made",
                ) from error
            return
        if found["KeyManager"] != "CUSTOMER" or found["KeyState"] != "Enabled":
            raise BackendRefusedError(
                f"{name} can't encrypt the state: it is of {found['KeyManager']}, and {found['KeyState']}",
                "enable it, or name a customer-managed key in [backend] kms_key_id",
            )
        self.arn = found["Arn"]

    def _create(self) -> None:
        backend = self._backend
        self.arn = self._client.create_key(
            Description=f"Encrypts the Terraform state in {backend.bucket}",
            Policy=json.dumps(key_policy(backend)),
            Tags=[{"TagKey": key, "TagValue": value} for key, value in backend.tags.items()],
        )["KeyMetadata"]["Arn"]
        self._client.create_alias(AliasName=backend.kms_key_id, TargetKeyId=self.arn)

    def _rotates(self) -> bool:
        return bool(self.arn and self._client.get_key_rotation_status(KeyId=self.arn)["KeyRotationEnabled"])

    def _rotate(self) -> None:
        self._client.enable_key_rotation(KeyId=self.arn)
