"""After a load: is every payment that was answered written, and exactly once?"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from bluegreen.operate.load.customers import Load, connect

ATTEMPTS = 5
PAUSE_SECONDS = 1.0


class AuditError(Exception):
    """What was written can't be read: whether payments are missing is unknown."""


@dataclass(frozen=True)
class Audit:
    """Counts of payments.

    `written`: with this load's keys; `lost`: answered, and not written as answered; `duplicated`: written, or
    answered, more than once; `unanswered`: written, while the customer saw a failure and may try again.
    """

    written: int
    lost: int
    duplicated: int
    unanswered: int

    @property
    def passed(self) -> bool:
        """Whether no payment was lost or duplicated."""
        return not (self.lost or self.duplicated)


async def audit(load: Load) -> Audit:
    """Compare what was answered with what is written. Raises AuditError."""
    async with connect(load.plan) as session:
        written = await _written(session, load.prefix)
    return judge(load.answered, load.contradicted, written)


def judge(answered: dict[str, str | None], contradicted: set[str], written: list[tuple[str, str]]) -> Audit:
    """`answered`: key → payment; `contradicted`: keys with two answers; `written`: (key, payment) rows."""
    rows = Counter(key for key, _ in written)
    pairs = set(written)
    return Audit(
        written=len(written),
        lost=sum(payment is not None and (key, payment) not in pairs for key, payment in answered.items()),
        duplicated=len({key for key, count in rows.items() if count > 1} | contradicted),
        unanswered=sum(payment is None and key in rows for key, payment in answered.items()),
    )


async def _written(session: aiohttp.ClientSession, prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    after, more = 0, True
    while more:
        page = await _page(session, prefix, after)
        found += [(key, payment) for _, key, payment, _ in page["payments"]]
        after = page["payments"][-1][0] if page["payments"] else after
        more = page["more"]
    return found


async def _page(session: aiohttp.ClientSession, prefix: str, after: int) -> dict:  # type: ignore[type-arg]
    problem = ""
    for _ in range(ATTEMPTS):
        try:
            async with session.get("/payments", params={"prefix": prefix, "after": after}) as answer:
                if answer.status == HTTPStatus.OK:
                    page: dict = await answer.json()  # type: ignore[type-arg]
                    return page
                problem = f"status {answer.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            problem = str(error)
        await asyncio.sleep(PAUSE_SECONDS)
    raise AuditError(f"the service does not say what it has written: {problem}")
