"""The bucket of the state, and everything that it is set to."""

import json
from collections.abc import Mapping
from typing import Any

from bluegreen.terraform.bootstrap.backend import StateBackend
from bluegreen.terraform.bootstrap.documents import bucket_statements, statements_of, with_statements
from bluegreen.terraform.bootstrap.errors import BackendRefusedError
from bluegreen.terraform.bootstrap.key import Key
from bluegreen.terraform.bootstrap.lifecycle import missing_rules, with_rules
from bluegreen.terraform.bootstrap.setting import Setting, code_of

ABSENT = (
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
)
CLOSED = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)


class Bucket:
    """Every call names the account that has to own the bucket, so none can reach another's."""

    def __init__(self, client: Any, backend: StateBackend, key: Key) -> None:
        self._client, self._backend, self._key = client, backend, key
        self._own = {"Bucket": backend.bucket, "ExpectedBucketOwner": backend.account_id}
        self.exists = self._find()

    def settings(self) -> list[Setting]:
        """In the order in which they are made: closed before anything is put into it."""
        name = self._backend.kms_key_id
        return [
            Setting("bucket", f"in {self._backend.region}", lambda: self.exists, self._create),
            self._setting("public access", "all of it is blocked", self._is_closed, self._close),
            self._setting("ownership", "no access control lists", self._is_owned, self._own_objects),
            self._setting("encryption", f"SSE-KMS with {name}, bucket key", self._encrypts, self._encrypt),
            self._setting("versioning", "every version is kept", self._versions, self._version),
            self._setting(
                "bucket policy", "TLS 1.2, this account, SSE-KMS only", self._refuses, self._put_policy
            ),
            self._setting(
                "lifecycle", "old versions go after a year, plans after 14 days", self._forgets, self._forget
            ),
        ]

    def _setting(self, name: str, wanted: str, is_so: Any, make_so: Any) -> Setting:
        return Setting(name, wanted, lambda: self.exists and is_so(), make_so)

    def _find(self) -> bool:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - loading it takes long

        backend = self._backend
        try:
            region = self._client.head_bucket(**self._own).get("BucketRegion", backend.region)
        except ClientError as error:
            if code_of(error) == "404":
                return False
            if code_of(error) == "403":
                raise BackendRefusedError(
                    f"the bucket {backend.bucket} is not of account {backend.account_id}, or this identity "
                    "may not see it; nothing of it was touched",
                    "give [backend] bucket a name of your own: names are taken over all accounts",
                ) from error
            raise
        if region != backend.region:
            raise BackendRefusedError(
                f"the bucket {backend.bucket} is in {region}, the backend says {backend.region}",
                f'set [backend] region = "{region}", or name another bucket',
            )
        return True

    def _create(self) -> None:
        region = self._backend.region
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}} if region != "us-east-1" else {}
        self._client.create_bucket(Bucket=self._backend.bucket, **place)
        self.exists = True
        if tags := [{"Key": key, "Value": value} for key, value in self._backend.tags.items()]:
            self._client.put_bucket_tagging(Tagging={"TagSet": tags}, **self._own)

    def _read(self, what: str) -> Mapping[str, Any]:
        """What `get_<what>` answers; nothing where nothing is set."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

        try:
            found: Mapping[str, Any] = getattr(self._client, f"get_{what}")(**self._own)
        except ClientError as error:
            if code_of(error) not in ABSENT:
                raise
            return {}
        return found

    def _is_closed(self) -> bool:
        return self._read("public_access_block").get("PublicAccessBlockConfiguration") == CLOSED

    def _close(self) -> None:
        self._client.put_public_access_block(PublicAccessBlockConfiguration=CLOSED, **self._own)

    def _is_owned(self) -> bool:
        rules = self._read("bucket_ownership_controls").get("OwnershipControls", {}).get("Rules", [])
        return [rule["ObjectOwnership"] for rule in rules] == ["BucketOwnerEnforced"]

    def _own_objects(self) -> None:
        rules = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        self._client.put_bucket_ownership_controls(OwnershipControls=rules, **self._own)

    def _encrypts(self) -> bool:
        found = self._read("bucket_encryption").get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
        if len(found) != 1 or not found[0].get("BucketKeyEnabled"):
            return False
        default = found[0].get("ApplyServerSideEncryptionByDefault", {})
        return default.get("SSEAlgorithm") == "aws:kms" and default.get("KMSMasterKeyID") in self._key.names

    def _encrypt(self) -> None:
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self._key.arn}
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
        self._client.put_bucket_encryption(ServerSideEncryptionConfiguration={"Rules": [rule]}, **self._own)

    def _versions(self) -> bool:
        return self._read("bucket_versioning").get("Status") == "Enabled"

    def _version(self) -> None:
        self._client.put_bucket_versioning(VersioningConfiguration={"Status": "Enabled"}, **self._own)

    def _policy(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._read("bucket_policy").get("Policy", "{}"))
        return document

    def _refuses(self) -> bool:
        found = statements_of(self._policy())
        return all(statement in found for statement in bucket_statements(self._backend))

    def _put_policy(self) -> None:
        policy = with_statements(self._policy(), bucket_statements(self._backend))
        self._client.put_bucket_policy(Policy=json.dumps(policy), **self._own)

    def _forgets(self) -> bool:
        return not missing_rules(self._read("bucket_lifecycle_configuration").get("Rules", []))

    def _forget(self) -> None:
        rules = with_rules(self._read("bucket_lifecycle_configuration").get("Rules", []))
        self._client.put_bucket_lifecycle_configuration(LifecycleConfiguration={"Rules": rules}, **self._own)
