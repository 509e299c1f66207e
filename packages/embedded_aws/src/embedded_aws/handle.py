"""What a client holds of a running embedded AWS: where it is, and an environment that leads only there."""

import http.client
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from embedded_aws.clients import REGION, Credentials, boto_client, client_variables

ACCOUNT_ID = "123456789012"  # moto's own default
CONTROL_PATH = "/_bluegreen/"  # no S3 bucket can have this name: underscores are not allowed there
CONTROL_TIMEOUT_SECONDS = 10
TOKEN_HEADER = "X-Bluegreen-Token"  # noqa: S105 - its name


class LocalAwsError(Exception):
    """The embedded AWS could not do what was asked. The message says what, where and how to fix it."""


class WrongTokenError(LocalAwsError):
    """A server does not take the token of this run: it is another one."""


def led_to_loopback(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without the user's AWS settings, and with no proxy on the way to loopback."""
    kept = {name: value for name, value in environment.items() if not name.startswith(("AWS_", "MOTO_"))}
    direct = ",".join(filter(None, (kept.get("NO_PROXY") or kept.get("no_proxy"), "127.0.0.1,localhost")))
    return kept | {"NO_PROXY": direct, "no_proxy": direct}


# To make one takes longer than several requests; they may be used by many threads.
_client = lru_cache(maxsize=64)(boto_client)


@dataclass(frozen=True)
class LocalAws:
    """A running embedded AWS.

    `endpoint`: `http://127.0.0.1:PORT`, where every service answers; `pid`: its process; `token`: what
    control requests have to show; `credentials`: what requests to its services are signed with. Both are new
    in each run. `region`: the one that its clients ask; it serves them all.
    """

    state_dir: Path
    endpoint: str
    pid: int
    token: str = field(repr=False)
    credentials: Credentials
    region: str = REGION

    def variables(self) -> dict[str, str]:
        """The environment variables that point AWS clients at this AWS."""
        return client_variables(self.endpoint, self.credentials, self.region)

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """The whole environment of a child process (Terraform, say) that is to use this AWS and no other.

        `base` None: made from this process's own.
        """
        return led_to_loopback(os.environ if base is None else base) | self.variables()

    def client(self, service: str) -> Any:
        """The boto3 client of this AWS, whatever the process's own environment says."""
        return _client(service, self.endpoint, self.credentials, self.region)

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
            headers = {TOKEN_HEADER: self.token, "Content-Type": "application/json"}
            connection.request(method, CONTROL_PATH + action, json.dumps(body or {}), headers)
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise LocalAwsError(
                f"the embedded AWS at {self.endpoint} gave no usable answer to {action!r}: {error}. "
                f"See {self.state_dir / 'aws.log'}, end process {self.pid} if it hangs, and start it again."
            ) from error
        finally:
            connection.close()
        if response.status == http.HTTPStatus.FORBIDDEN:
            raise WrongTokenError(answer["message"])
        if response.status != http.HTTPStatus.OK:
            raise LocalAwsError(answer["message"])
        return answer
