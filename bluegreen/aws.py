"""How the operator's tool reaches AWS: one region of one AWS, and clients that never lead anywhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CONNECT_TIMEOUT_SECONDS = 5
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Access:
    """One region of one AWS. `endpoint_url` None: AWS itself; `environment` None: boto3's own credentials."""

    region: str
    endpoint_url: str | None = None
    environment: Mapping[str, str] | None = field(default=None, repr=False)

    def client(self, service: str, *, read_timeout: float, attempts: int) -> Any:
        """A boto3 client; `attempts` counts the first one, too. Raises botocore's errors and ValueError."""
        # Imported here: boto3 takes longer to load than most verbs of the command line take to run.
        import boto3  # noqa: PLC0415
        import botocore.session  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        loopback = urlsplit(self.endpoint_url or "").hostname in LOOPBACK
        config = Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=read_timeout,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            tcp_keepalive=True,
            proxies={} if loopback else None,  # botocore would send loopback traffic through HTTP_PROXY, too
        )
        given = self.environment or {}
        session = botocore.session.get_session()
        session.set_config_variable("sts_regional_endpoints", "regional")  # as the function's is
        return boto3.session.Session(botocore_session=session).client(  # type: ignore[call-overload]  # its stubs know literals only
            service,
            region_name=self.region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=given.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=given.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=given.get("AWS_SESSION_TOKEN"),
            config=config,
        )

    def signing(self, service: str) -> tuple[str, Any]:
        """The service's endpoint, and the credentials to sign with. Raises as `client` does."""
        import botocore.session  # noqa: PLC0415 - as above
        from botocore.credentials import Credentials  # noqa: PLC0415 - as above
        from botocore.exceptions import NoCredentialsError  # noqa: PLC0415 - as above

        given = self.environment or {}
        credentials: Credentials | None
        if key := given.get("AWS_ACCESS_KEY_ID"):
            credentials = Credentials(key, given["AWS_SECRET_ACCESS_KEY"], given.get("AWS_SESSION_TOKEN"))
        else:
            credentials = botocore.session.get_session().get_credentials()
        if credentials is None:
            raise NoCredentialsError
        endpoint: str = self.client(service, read_timeout=1, attempts=1).meta.endpoint_url
        return endpoint, credentials.get_frozen_credentials()

    def __str__(self) -> str:
        return f"{self.region} ({self.endpoint_url or 'AWS'})"
