"""What a client holds of a running embedded AWS: where it is, and an environment that leads only there."""

import http.client
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ACCOUNT_ID = "123456789012"  # moto's own default
REGION = "us-east-1"
CONTROL_PATH = "/_bluegreen/"  # no S3 bucket can have this name: underscores are not allowed there
CONTROL_TIMEOUT_SECONDS = 10
LONGEST_SECONDS = 960  # more than a function may take


class LocalAwsError(Exception):
    """The embedded AWS could not do what was asked. The message says what, where and how to mend it."""


def led_to_loopback(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without the user's AWS settings, and with no proxy on the way to loopback."""
    kept = {name: value for name, value in environment.items() if not name.startswith(("AWS_", "MOTO_"))}
    direct = ",".join(filter(None, (kept.get("NO_PROXY") or kept.get("no_proxy"), "127.0.0.1,localhost")))
    return kept | {"NO_PROXY": direct, "no_proxy": direct}


def client_variables(endpoint: str, region: str = REGION) -> dict[str, str]:
    """Point an AWS client at `endpoint`, and keep it from the user's profiles and from instance metadata."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_MAX_ATTEMPTS": "2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def boto_client(service: str, endpoint: str, region: str = REGION, *, patient: bool = False) -> Any:
    """A boto3 client of the AWS at `endpoint`, whatever the process's own environment says.

    `patient`: for one request that may take as long as a function may, and is never repeated by itself.
    """
    # Imported here: boto3 takes longer to load than everything else in this package.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client(  # type: ignore[call-overload]  # its stubs know service names as literals only
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - a dummy: the embedded AWS takes any
        config=Config(
            proxies={},
            retries={"total_max_attempts": 1 if patient else 2},
            read_timeout=LONGEST_SECONDS if patient else 60,
        ),
    )


@dataclass(frozen=True)
class LocalAws:
    """A running embedded AWS.

    `endpoint`: `http://127.0.0.1:PORT`, where every service answers; `pid`: its process; `token`: what it
    proves its identity with.
    """

    state_dir: Path
    endpoint: str
    pid: int
    token: str

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """The whole environment of a child process (Terraform, say) that is to use this AWS and no other.

        `base` None: made from this process's own.
        """
        return led_to_loopback(os.environ if base is None else base) | client_variables(self.endpoint)

    def client(self, service: str) -> Any:
        """A boto3 client of this AWS, whatever the process's own environment says."""
        return boto_client(service, self.endpoint)

    def control(
        self,
        method: str,
        action: str,
        body: Mapping[str, Any] | None = None,
        timeout: float = CONTROL_TIMEOUT_SECONDS,
    ) -> dict[str, Any]:
        """Ask the server for something that AWS has no API for (`control.py`). Raises LocalAwsError."""
        connection = http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=timeout)
        try:
            connection.request(method, CONTROL_PATH + action, json.dumps(body or {}))
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise LocalAwsError(
                f"the embedded AWS at {self.endpoint} gave no usable answer to {action!r}: {error}. "
                f"See {self.state_dir / 'aws.log'}, end process {self.pid} if it hangs, and start it again."
            ) from error
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise LocalAwsError(answer["message"])
        return answer
