"""Where plans wait: beside the state that they were made from."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from safe_io import private

from bluegreen.aws import Access
from bluegreen.terraform.bootstrap import StateBackend
from bluegreen.terraform.plans.bundle import checked
from bluegreen.terraform.plans.errors import PlanBundleError

READ_TIMEOUT_SECONDS = 60
ATTEMPTS = 5
AGAIN = "plan again: `bluegreen plan`"


class PlanStore(Protocol):
    """Both raise PlanBundleError. `put` answers where the bundle is."""

    def put(self, name: str, content: bytes) -> str: ...

    def get(self, name: str) -> bytes: ...


@dataclass(frozen=True)
class BesideLocalState:
    """In a directory that only its owner reads."""

    directory: Path

    def put(self, name: str, content: bytes) -> str:
        private.folder(self.directory)
        path = self._path(name)
        with os.fdopen(private.descriptor(path), "wb") as file:
            file.write(content)
        return str(path)

    def get(self, name: str) -> bytes:
        path = self._path(name)
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            raise PlanBundleError(f"there is no plan {path}", AGAIN) from error

    def _path(self, name: str) -> Path:
        return self.directory / f"{checked(name)}.tar"


@dataclass(frozen=True)
class InStateBucket:
    """In the bucket of the state, encrypted with the key of the state."""

    access: Access
    backend: StateBackend

    def put(self, name: str, content: bytes) -> str:
        encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.backend.kms_key_id}
        self._call("put_object", name, Body=content, **encrypted)
        return f"s3://{self.backend.bucket}/{self._key(name)}"

    def get(self, name: str) -> bytes:
        content: bytes = self._call("get_object", name)["Body"].read()
        return content

    def _key(self, name: str) -> str:
        return f"{self.backend.plans}{checked(name)}.tar"

    def _call(self, call: str, name: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loading it takes long

        place = {"Bucket": self.backend.bucket, "Key": self._key(name)}
        owner = {"ExpectedBucketOwner": self.backend.account_id}
        try:
            client = self.access.client("s3", read_timeout=READ_TIMEOUT_SECONDS, attempts=ATTEMPTS)
            return getattr(client, call)(**place, **owner, **arguments)
        except (BotoCoreError, ClientError, ValueError) as error:
            where = f"s3://{place['Bucket']}/{place['Key']}"
            fix = f"use credentials that may do this; a plan is kept for 14 days, then {AGAIN}"
            raise PlanBundleError(f"{call} of {where}: {error}", fix) from error
