"""The only module that imports botocore. Every failure of a call leaves it as a SwitchError.

A call may take `LONGEST_CALL_SECONDS` with all its retries. None begins unless there is time for it and,
after it, for the one read that an error report needs: the caller gets a typed error, never a function that
Lambda cut off in the middle. The lock (control.py) lasts longer than the function may run, so a call that is
begun in time is over before anybody else can hold the lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004
from botocore.httpsession import URLLib3Session

from ..contract.errors import AwsCallError, OutOfTimeError

_CONNECT_SECONDS = 1
_READ_SECONDS = 4
_ATTEMPTS = 3
_BACKOFF_SECONDS = 1 + 2  # standard mode waits at most 2**n seconds before retry n
LONGEST_CALL_SECONDS = _ATTEMPTS * (_CONNECT_SECONDS + _READ_SECONDS) + _BACKOFF_SECONDS
# More reads than that are never wanted at once by a usual deployment.
_THREADS = 12
# Calls that are made together may make calls together themselves, no deeper.
_DEPTH = 2
# Parts of the codes by which services refuse a call that came too fast (botocore, retries/standard.py).
_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown")


class Clients:
    """Clients for the region, credentials and endpoint of the environment, each made when first asked for.

    Thread-safe, as the clients themselves are. Slow to make: kept from one invocation to the next.
    """

    def __init__(self) -> None:
        self._session = botocore.session.get_session()
        # The endpoint inside the VPC is the region's.
        self._session.set_config_variable("sts_regional_endpoints", "regional")
        self._config = Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            max_pool_connections=_THREADS,
        )
        self._made: dict[str, Any] = {}
        self._making = threading.Lock()
        # One pool a depth: a thread never waits for another one of its own pool.
        self._own = threading.local()
        self._pools = [
            ThreadPoolExecutor(_THREADS, f"aws-{depth}", initializer=self._work_at, initargs=(depth,))
            for depth in range(1, _DEPTH + 1)
        ]

    def __call__(self, service: str) -> Any:
        """The client of `service`, by botocore's name."""
        with self._making:
            if service not in self._made:
                self._made[service] = self.create(service)
            return self._made[service]

    def create(self, service: str) -> Any:
        """A new client."""
        return self._session.create_client(service, config=self._config)

    def answered_by_sts(self, query: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """Status and body of what STS answers to a signed query. No redirect is followed."""
        url = f"{self('sts').meta.endpoint_url}/?{query}"
        timeout: Any = (_CONNECT_SECONDS, _READ_SECONDS)  # botocore's stubs know one number only
        session = URLLib3Session(timeout=timeout, proxies={})
        answer = session.send(AWSRequest("GET", url, dict(headers)).prepare())
        return answer.status_code, answer.text

    def together(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """The results of all calls, made at the same time, in order. Raises what the first of them raised,
        after all have ended.
        """
        pool = self._pools[getattr(self._own, "depth", 0)]
        futures = [pool.submit(call) for call in calls]
        errors = [future.exception() for future in futures]
        for error in errors:
            if error is not None:
                raise error
        return [future.result() for future in futures]

    def _work_at(self, depth: int) -> None:
        self._own.depth = depth


class Caller:
    """Makes one invocation's calls. `seconds_left` tells how long the function may still run."""

    def __init__(self, clients: Clients, seconds_left: Callable[[], float]) -> None:
        self.client = clients
        self.together = clients.together
        self.seconds_left = seconds_left

    @contextmanager
    def calling(
        self, operation: str, where: str, *, calls: int = 2, codes: Sequence[str] = ()
    ) -> Iterator[None]:
        """Around each AWS call; `calls` is how many there must be time for.

        Failures become SwitchErrors, but for ClientErrors with one of `codes`: these become Refused.
        """
        left, needed = self.seconds_left(), calls * LONGEST_CALL_SECONDS
        if left < needed:
            raise OutOfTimeError(
                what=f"{left:.0f} s are left, {needed} needed to begin {operation}",
                where=where,
                cause="a call that Lambda cuts off reports nothing of where the traffic stands",
                fix="send the same request again, which continues; give the function 60 s or more",
            )
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            # Not by getattr: a read that timed out has a `response`, too, which is None.
            if isinstance(error, ClientError) and error.response["Error"].get("Code") in codes:
                raise Refused(dict(error.response)) from error
            failure = AwsCallError(
                what=f"{operation} failed: {error}",
                where=where,
                cause="without this call the request can't be carried to its end",
                fix="if denied, fix the function's role; then send the same request again, which is safe",
            )
            failure.momentary = _momentary(error)
            raise failure from error


def _momentary(error: ClientError | BotoCoreError) -> bool:
    """No answer, an answer that the service failed (5xx), or throttling, whatever the service calls it."""
    if not isinstance(error, ClientError):
        return isinstance(error, ConnectionError | HTTPClientError)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response["Error"].get("Code", "")
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or any(word in code for word in _THROTTLED)


class Refused(Exception):  # noqa: N818 - an answer that the caller asked for, no error of its own
    """AWS refused a call for a reason that its caller is prepared for. `response`: the answer as parsed."""

    def __init__(self, response: dict[str, Any]) -> None:
        super().__init__(response["Error"]["Code"])
        self.response = response

    @property
    def repeated(self) -> bool:
        """An attempt before this one may have had its effect, and its answer got lost."""
        return bool(self.response.get("ResponseMetadata", {}).get("RetryAttempts"))
