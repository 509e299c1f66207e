"""Customers' sessions in the platform's session table (key: `session_id`, gone at `expires_at`).

What a customer holds is a token, of which the table knows the hash only. A session is written when it begins
and when half of its time is over, and read again after CACHE_SECONDS: so long may a session that somebody
deletes go on being accepted here.
"""

import asyncio
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any

import boto3

from examples.service.settings import CALLS

LIFETIME_SECONDS = 30 * 60
CACHE_SECONDS = 15.0
CACHED = 10_000


@dataclass(frozen=True)
class Session:
    """`begun_by`: the colour that the customer came to first; `expires_at` in epoch seconds."""

    session_id: str
    begun_by: str
    expires_at: int


class Sessions:
    """The table, read and written in threads: boto3 waits."""

    def __init__(self, table: str, region: str, colour: str) -> None:
        self._client = boto3.client("dynamodb", region_name=region, config=CALLS)
        self._table, self._colour = table, colour
        self._cache: dict[str, tuple[float, Session]] = {}

    async def begin(self) -> tuple[str, Session]:
        """Begin a session; returns the customer's token with it."""
        token = secrets.token_urlsafe(32)
        session = Session(_id(token), self._colour, _expiry())
        await self._put(session, "attribute_not_exists(session_id)")
        return token, session

    async def find(self, token: str) -> Session | None:
        """The session of a token; None where the table has none, or it has expired."""
        session_id = _id(token)
        read_at, session = self._cache.get(session_id, (0.0, None))
        if session is None or time.monotonic() - read_at > CACHE_SECONDS:
            session = await self._read(session_id)
        if session is None or session.expires_at <= time.time():
            return None
        if session.expires_at - time.time() < LIFETIME_SECONDS / 2:
            session = Session(session.session_id, session.begun_by, _expiry())
            await self._put(session, "attribute_exists(session_id)")
        return session

    async def _read(self, session_id: str) -> Session | None:
        found = await asyncio.to_thread(
            self._client.get_item,
            TableName=self._table,
            Key={"session_id": {"S": session_id}},
            ConsistentRead=True,  # it may have begun a moment ago, on the other colour
        )
        item = found.get("Item")
        if item is None:
            self._cache.pop(session_id, None)
            return None
        session = Session(session_id, item["begun_by"]["S"], int(item["expires_at"]["N"]))
        self._keep(session)
        return session

    async def _put(self, session: Session, condition: str) -> None:
        item: dict[str, Any] = {
            "session_id": {"S": session.session_id},
            "begun_by": {"S": session.begun_by},
            "expires_at": {"N": str(session.expires_at)},
        }
        await asyncio.to_thread(
            self._client.put_item, TableName=self._table, Item=item, ConditionExpression=condition
        )
        self._keep(session)

    def _keep(self, session: Session) -> None:
        if len(self._cache) >= CACHED:
            self._cache.clear()
        self._cache[session.session_id] = (time.monotonic(), session)


def _id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _expiry() -> int:
    return int(time.time()) + LIFETIME_SECONDS
