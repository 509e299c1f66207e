"""Clients of an embedded AWS: the credentials they sign with, the environment of one, and boto3's."""

import os
import secrets
import string
from dataclasses import dataclass, field
from typing import Any

REGION = "us-east-1"
LONGEST_SECONDS = 960  # more than a function may take
KEY_CHARACTERS = string.ascii_uppercase + "234567"  # base 32, as in AWS's own identifiers
KEY_LENGTH = 16  # without its prefix
SECRET_BYTES = 30  # 40 characters, as AWS's own


@dataclass(frozen=True)
class Credentials:
    """What a client signs its requests with. `session_token`: only of temporary ones."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)

    @classmethod
    def random(cls, prefix: str = "AKIA") -> "Credentials":
        """New ones. `prefix`: what AWS begins the id of such a key with.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
        """
        name = "".join(secrets.choice(KEY_CHARACTERS) for _ in range(KEY_LENGTH))
        return cls(prefix + name, secrets.token_urlsafe(SECRET_BYTES))

    def variables(self) -> dict[str, str]:
        """As environment variables of AWS's SDKs."""
        session = {"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {}
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            **session,
        }


def client_variables(endpoint: str, credentials: Credentials, region: str = REGION) -> dict[str, str]:
    """Point an AWS client at `endpoint`, and keep it from the user's profiles and from instance metadata."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        **credentials.variables(),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_MAX_ATTEMPTS": "2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def boto_client(
    service: str, endpoint: str, credentials: Credentials, region: str = REGION, *, patient: bool = False
) -> Any:
    """A boto3 client of the AWS at `endpoint`, whatever the process's own environment says.

    `patient`: for a task of a state machine, which may take as long as a function may, is never repeated by
    itself, and leaves it to the service to judge its parameters.
    """
    # Imported here: boto3 takes longer to load than everything else in this package.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client(  # type: ignore[call-overload]  # its stubs know service names as literals only
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token,
        config=Config(
            proxies={},
            retries={"total_max_attempts": 1 if patient else 2},
            read_timeout=LONGEST_SECONDS if patient else 60,
            parameter_validation=not patient,
        ),
    )
