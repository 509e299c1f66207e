"""After a load: is every payment that was answered written exactly once, in both databases alike?"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from bluegreen.operate.load.customers import Load, connect

ATTEMPTS = 5
PAUSE_SECONDS = 1.0
SETTLING_ATTEMPTS = 10
DATABASES = ("blue", "green")
Pair = tuple[str, str]  # key and payment


class AuditError(Exception):
    """What was written can't be read: whether payments are missing is unknown."""


@dataclass(frozen=True)
class Audit:
    """Counts of payments.

    `written`: with this load's keys; `lost`: answered, and missing, as answered, in either database;
    `duplicated`: written, or answered, more than once; `split`: keys that the two databases have differently
    once replication has settled; `unanswered`: written, while the customer saw a failure and may try again.
    """

    written: int
    lost: int
    duplicated: int
    split: int
    unanswered: int

    @property
    def passed(self) -> bool:
        """Whether no payment was lost, duplicated or split."""
        return not (self.lost or self.duplicated or self.split)


async def audit(load: Load) -> Audit:
    """Compare what was answered with what each database has. Raises AuditError."""
    async with connect(load.plan) as session:
        for _ in range(SETTLING_ATTEMPTS):
            databases = [await _written(session, load.prefix, colour) for colour in DATABASES]
            if sorted(databases[0]) == sorted(databases[1]):
                break
            await asyncio.sleep(PAUSE_SECONDS)
    return judge(load.answered, load.contradicted, databases)


def judge(answered: dict[str, str | None], contradicted: set[str], databases: Sequence[list[Pair]]) -> Audit:
    """`answered`: key → payment; `contradicted`: keys with two answers; `databases`: what each has."""
    rows = [Counter(key for key, _ in written) for written in databases]
    pairs = [set(written) for written in databases]
    everywhere, somewhere = set.intersection(*pairs), set.union(*pairs)
    payments = Counter(key for key, _ in somewhere)
    twice = {key for counts in (*rows, payments) for key, count in counts.items() if count > 1}
    return Audit(
        written=len(payments),
        lost=sum(
            payment is not None and (key, payment) not in everywhere for key, payment in answered.items()
        ),
        duplicated=len(twice | contradicted),
        split=len({key for key, _ in somewhere - everywhere}),
        unanswered=sum(payment is None and key in payments for key, payment in answered.items()),
    )


async def _written(session: aiohttp.ClientSession, prefix: str, colour: str) -> list[Pair]:
    found: list[Pair] = []
    after, more = 0, True
    while more:
        page = await _page(session, {"prefix": prefix, "after": after, "database": colour})
        found += [(key, payment) for _, key, payment, _ in page["payments"]]
        after = page["payments"][-1][0] if page["payments"] else after
        more = page["more"]
    return found


async def _page(session: aiohttp.ClientSession, params: dict[str, str | int]) -> dict:  # type: ignore[type-arg]
    problem = ""
    for _ in range(ATTEMPTS):
        try:
            async with session.get("/payments", params=params) as answer:
                if answer.status == HTTPStatus.OK:
                    page: dict = await answer.json()  # type: ignore[type-arg]
                    return page
                problem = f"status {answer.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            problem = str(error)
        await asyncio.sleep(PAUSE_SECONDS)
    raise AuditError(f"the service does not say what it has written: {problem}")
