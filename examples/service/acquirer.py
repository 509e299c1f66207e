"""The acquirer that authorises each payment, where ACQUIRER_URL names one.

    POST <ACQUIRER_URL>/authorisations   Idempotency-Key: <the payment's key>
    {"amount": 1250, "currency": "EUR"}  → 201 with the same amount and currency, and `authorisation`

Before the payment's transaction, never within: the fence's lock must not wait for another company's network.
An answer that is lost leaves an unknown outcome, as a lost commit does: the same key again, for which the
acquirer authorises once. The client honours HTTPS_PROXY and NO_PROXY.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import aiohttp

from examples.service.metrics import Metrics

DECLINED, REUSED, UNANSWERED = "declined", "reused", "unanswered"
# Class → statuses of the acquirer. UNANSWERED is also what broke, or took too long, before an answer came.
CLASSES = {
    DECLINED: {402},
    REUSED: {422},  # the key was used for another payment
    UNANSWERED: {408, 409, 425, 429, 500, 502, 503, 504},  # 409: the same key is being authorised
}
OF_STATUS = {status: name for name, statuses in CLASSES.items() for status in statuses}
MISUNDERSTOOD = "misunderstood"  # any other answer: trying again can't help
AUTHORISED = (HTTPStatus.OK, HTTPStatus.CREATED)
CONNECT_SECONDS, ANSWER_SECONDS = 2.0, 3.0  # of one attempt
PATIENCE_SECONDS = 8.0  # of all: with the ledger's, less than a task has to stop
PAUSE_SECONDS = (0.1, 0.4)
LARGEST_ANSWER = 16 * 1024

log = logging.getLogger(__name__)


class NotAuthorisedError(Exception):
    """The payment is not authorised, or its outcome is unknown. `kind`: one of CLASSES, or MISUNDERSTOOD."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Acquirer:
    """Speaks to one acquirer, while `running`. `ca`: file of the authorities to trust, None: the system's."""

    def __init__(self, url: str, ca: str | None, metrics: Metrics) -> None:
        self._url, self._metrics = f"{url.rstrip('/')}/authorisations", metrics
        self._tls = ssl.create_default_context(cafile=ca)
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connections are kept for the time of the block."""
        limits = aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=CONNECT_SECONDS)
        async with aiohttp.ClientSession(timeout=limits, trust_env=True) as self._session:
            yield

    async def authorise(self, key: str, amount: int, currency: str) -> None:
        """Have the payment of that key authorised. Raises NotAuthorisedError."""
        last = NotAuthorisedError(UNANSWERED, f"no answer for {PATIENCE_SECONDS:.0f} s")
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    try:
                        return await self._ask(key, amount, currency)
                    except NotAuthorisedError as error:
                        last = error
                        self._metrics.acquirer_error(error.kind)
                        if error.kind != UNANSWERED:
                            raise
                    await asyncio.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 - not a secret
        except TimeoutError:
            raise last from None

    async def _ask(self, key: str, amount: int, currency: str) -> None:
        if self._session is None:
            raise RuntimeError("the acquirer's client does not run")
        order = {"amount": amount, "currency": currency}
        try:
            async with self._session.post(
                self._url,
                json=order,
                headers={"Idempotency-Key": key},
                ssl=self._tls,
                allow_redirects=False,
            ) as answer:
                status, body = answer.status, await answer.content.read(LARGEST_ANSWER)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotAuthorisedError(UNANSWERED, type(error).__name__) from error
        if status not in AUTHORISED:
            raise NotAuthorisedError(OF_STATUS.get(status, MISUNDERSTOOD), f"status {status}")
        if not _confirms(body, order):
            raise NotAuthorisedError(MISUNDERSTOOD, f"status {status} without what was asked for")


def _confirms(body: bytes, order: dict[str, Any]) -> bool:
    """Whether all of it is authorised: an acquirer may authorise a part, which is no payment here."""
    try:
        told = json.loads(body)
        return bool(told["authorisation"]) and {name: told[name] for name in order} == order
    except (ValueError, KeyError, TypeError):
        return False
