"""Customers who pay: each keeps one session, sends one payment after the other, and repeats some of them."""

import asyncio
import itertools
import json
import random
import secrets
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bluegreen.operate.load.tally import NO_ANSWER, OK, Tally

# Of a customer's payments: sent again with its key, as by a client that saw no answer, and one that was
# answered earlier, as by a client that restores its queue.
REPEAT_EVERY = 20
TIMEOUT_SECONDS = 30.0
CENTS = 1999
BODY = json.dumps({"amount": CENTS, "currency": "EUR"}).encode()


@dataclass(frozen=True)
class Plan:
    """What to send. Whichever bound comes first ends it; `rate`: requests a second at most.

    `url`, `certificates`: where the load balancer is, and the file with what to trust.
    """

    url: str
    certificates: Path
    rate: float
    customers: int
    requests: int
    duration: float


class Load:
    """One run. Its keys begin with `prefix`. `answered`: key → id of the payment, None without one."""

    def __init__(self, plan: Plan, tally: Tally) -> None:
        self.plan, self.tally = plan, tally
        self.prefix = f"load-{secrets.token_hex(6)}-"
        self.answered: dict[str, str | None] = {}
        self.contradicted: set[str] = set()  # keys whose repetition was answered with another payment
        self._numbers = itertools.count()
        self._left = plan.requests
        self._due = 0.0
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Send nothing more; what is in flight is waited for."""
        self._stopped.set()

    async def run(self) -> None:
        """Send until a bound is reached or `stop` is called."""
        self._due = asyncio.get_running_loop().time()
        self.tally.started = time.time()
        async with connect(self.plan) as session, asyncio.TaskGroup() as customers:
            for _ in range(self.plan.customers):
                customers.create_task(self._customer(session))

    async def _customer(self, session: aiohttp.ClientSession) -> None:
        cookie: str | None = None
        earlier: list[str] = []
        for number in itertools.count(1):
            key = f"{self.prefix}{next(self._numbers)}"
            earlier.append(key)
            again = [key, random.choice(earlier)] if number % REPEAT_EVERY == 0 else []  # noqa: S311
            for sent in (key, *again):
                if not await self._may_send():
                    return
                cookie = await self._pay(session, sent, cookie)

    async def _may_send(self) -> bool:
        """Wait for this request's turn. Turns that were missed are not made up for in a burst."""
        loop = asyncio.get_running_loop()
        if self._left <= 0:
            return False
        self._left -= 1
        self._due = turn = max(self._due + 1 / self.plan.rate, loop.time() - 1)
        if turn > loop.time():
            await asyncio.sleep(turn - loop.time())
        over = time.time() - self.tally.started >= self.plan.duration
        return not (over or self._stopped.is_set())

    async def _pay(self, session: aiohttp.ClientSession, key: str, cookie: str | None) -> str | None:
        headers = {"Idempotency-Key": key} | ({"Cookie": f"session={cookie}"} if cookie else {})
        sent, started = time.time(), time.perf_counter()
        outcome, colour, told = NO_ANSWER, None, None
        try:
            async with session.post("/payments", data=BODY, headers=headers) as answer:
                outcome, colour = str(answer.status), answer.headers.get("X-Colour")
                told = json.loads(await answer.read()) if outcome == OK else None
                if "session" in answer.cookies:
                    cookie = answer.cookies["session"].value
        except (aiohttp.ClientError, TimeoutError, ValueError):
            outcome, told = NO_ANSWER, None
        self.tally.add(sent, time.perf_counter() - started, outcome, colour)
        self._note(key, told, colour)
        return cookie

    def _note(self, key: str, told: dict[str, Any] | None, colour: str | None) -> None:
        before = self.answered.get(key)
        if told is None:
            self.answered.setdefault(key, None)
            return
        self.answered[key] = told["payment_id"]
        self.tally.crossed += told["session_begun_by"] != colour
        if before is not None:
            self.tally.replayed += 1
            if before != told["payment_id"]:
                self.contradicted.add(key)


def connect(plan: Plan) -> aiohttp.ClientSession:
    """A client that trusts the listeners' certificates, with a connection for each customer.

    Those very certificates, of whatever issuer and name: here it is always localhost.
    """
    trust = ssl.create_default_context(cafile=str(plan.certificates))
    trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    trust.check_hostname = False
    connector = aiohttp.TCPConnector(
        ssl=trust, limit=plan.customers, resolver=aiohttp.ThreadedResolver(), use_dns_cache=True
    )
    return aiohttp.ClientSession(
        plan.url,
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        headers={"Content-Type": "application/json"},
    )
