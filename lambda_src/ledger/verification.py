"""Compares the two databases, chunk by chunk of the primary key, while payments go on.

Every call takes some seconds and leaves a cursor; the next one continues there. The record is on the writer's
own database, in `ledger_local`, where it does not replicate: after a move the newer of both holds.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field, replace
from time import monotonic
from typing import Any

from ..contract.values import Colour
from . import chunks, rows, schema
from . import dialect as dialects
from .chunks import Key, Sum, Table
from .database import Session, session
from .dialect import Dialect
from .errors import LedgerError, NotReadyError
from .models import Account, Endpoints, State

BUDGET_SECONDS = 20.0  # of a call
RECENT_SECONDS = 24 * 3600
AGAIN_SECONDS = 12 * 3600  # the schedule begins anew when the last one is older
CHUNK_ROWS = 1000
SMALLER = 10  # a chunk that is written too often is read in that many parts
DIFFERENT = 3  # so often, with nothing written meanwhile: a finding
ATTEMPTS = 10
APPLY_SECONDS = 5.0
KEPT_FINDINGS = 20
_RUNNING, _ENDED = 1, 2
Opened = Mapping[Colour, tuple[Session, Dialect]]


@dataclass(frozen=True)
class Verification:
    """One, in progress or ended. `age`: seconds since it last changed; `table`, `after`: where it continues.

    `differing`: chunks that differ; `findings`: the first of them, as sentences.
    """

    chunks: int = 0
    rows: int = 0
    differing: int = 0
    findings: tuple[str, ...] = ()
    table: str | None = None
    after: list[dict[str, Any]] | None = None
    ended: bool = False
    age: float = field(default=0, compare=False)
    token: str = field(default="", compare=False)

    @property
    def clean(self) -> bool:
        """Whether it has ended and the databases are the same."""
        return self.ended and not self.differing

    def to_json(self) -> dict[str, Any]:
        """`ended`, `chunks`, `rows`, `differing`, `findings`, `age_seconds`."""
        return {
            "ended": self.ended,
            "chunks": self.chunks,
            "rows": self.rows,
            "differing": self.differing,
            "findings": list(self.findings),
            "age_seconds": round(self.age, 1),
        }


def records(session: Session) -> list[Verification]:
    """What a database has of it; nothing before `ledger setup`."""
    found = rows.optional(
        session,
        "SELECT id, token, document, TIMESTAMPDIFF(MICROSECOND, changed_at, NOW(6)) AS age "
        f"FROM {schema.VERIFICATION}",
    )
    return [_decoded(row) for row in found]


def newest(found: list[Verification], *, ended: bool) -> Verification | None:
    """The last one that ended; or the one in progress, which is newer than that."""
    last = min((one for one in found if one.ended), key=lambda one: one.age, default=None)
    if ended:
        return last
    running = min((one for one in found if not one.ended), key=lambda one: one.age, default=None)
    return running if running and (last is None or running.age < last.age) else None


def run(places: Endpoints, accounts: Mapping[Colour, Account], *, fresh: bool) -> Verification:
    """`advance`, with connections of its own."""
    with ExitStack() as stack:
        opened = {}
        for colour, place in places.items():
            connected = stack.enter_context(session(place, accounts[colour]))
            opened[colour] = connected, dialects.of(connected)
        return advance(opened, fresh=fresh)


def advance(opened: Opened, *, fresh: bool) -> Verification:
    """Continue the verification in progress, for BUDGET_SECONDS; `fresh`: begin anew.

    Without one in progress a new one begins, unless the last one is recent. Raises LedgerError.
    """
    by_colour = {colour: records(connected) for colour, (connected, _) in opened.items()}
    found = [one for own in by_colour.values() for one in own]
    running, last = newest(found, ended=False), newest(found, ended=True)
    if not fresh and running is None and last and last.age < AGAIN_SECONDS:
        return last
    begun = running if running and not fresh else None
    kept_by = next((colour for colour, own in by_colour.items() if begun in own), None)
    try:
        return _Run(opened, begun, kept_by).run()
    except NotReadyError:
        if fresh:
            raise
        # A move in progress, or a target that lags, is no failure of the schedule: other alarms name it.
        kept = [one for connected, _ in opened.values() for one in records(connected)]
        return newest(kept, ended=False) or last or Verification()


class _Run:
    def __init__(self, opened: Opened, begun: Verification | None, kept_by: Colour | None) -> None:
        self._until = monotonic() + BUDGET_SECONDS
        row = max(
            (found for connected, _ in opened.values() if (found := rows.epoch(connected))),
            key=lambda one: one.epoch,
            default=None,
        )
        if row is None or row.state is not State.OPEN:
            raise NotReadyError(
                "can't verify the ledger now",
                cause=f"the row is {row}" if row else "there is no ledger yet",
                state="nothing was changed",
                fix="verify again when `bluegreen ledger status` shows that it is open",
            )
        self._epoch, self._writer = row.epoch, row.writer
        self._source, self._source_dialect = opened[row.writer]
        self._target, self._target_dialect = opened[row.writer.other]
        self._token = begun.token if begun and kept_by is row.writer else None
        self._now = begun or Verification()
        for connected in (self._source, self._target):  # times become the same text on both
            connected.change("read times in UTC", "SET SESSION time_zone = '+00:00'")

    def run(self) -> Verification:
        """Compare until all is compared, or the time is over, or the writer is another."""
        tables = sorted({*rows.ledger_tables(self._source), *rows.ledger_tables(self._target)})
        left = [name for name in tables if self._now.table is None or name >= self._now.table]
        for name in left:
            if name != self._now.table:
                self._now = replace(self._now, table=name, after=None)
            try:
                ended = self._table(name)
            except LedgerError:
                with suppress(LedgerError):
                    self._record()
                raise
            if not ended:
                return self._record()
        self._now = replace(self._now, ended=True, table=None, after=None)
        return self._record()

    def _table(self, name: str) -> bool:
        """Whether all of it is compared."""
        here, there = (chunks.table(connected, name) for connected in (self._source, self._target))
        if here is None or there is None or here.key != there.key or not here.key:
            self._find(f"{name}: not the same table with the same primary key on both databases")
            return True
        of = here.common(there)
        after, size, more = chunks.decode(self._now.after), CHUNK_ROWS, True
        while more:
            until = chunks.end(self._source, of, after, size)
            more = until is not None
            until = until or chunks.last(self._source, of)
            if until is None:
                break
            if monotonic() > self._until:
                return False
            if self._compare(of, after, until, final=size == 1) is None:
                if self._moved():
                    return False
                size, more = max(1, size // SMALLER), True
                continue
            after, size = until, CHUNK_ROWS
            self._now = replace(self._now, after=chunks.encode(after))
        beyond = chunks.last(self._target, of)  # rows that the source does not have at all
        return beyond is None or self._compare(of, after, beyond, final=True) is not None

    def _compare(self, of: Table, after: Key | None, until: Key, *, final: bool) -> Sum | None:
        """The chunk's sum, or that of a chunk that differs; None: it is written too often to be compared.

        Rows that were written between two looks at the source are no difference.
        """
        different = 0
        for _ in range(ATTEMPTS):
            before = chunks.checksum(self._source, of, after, until)
            self._await_applied(self._target, self._target_dialect, self._source, self._source_dialect)
            there = chunks.checksum(self._target, of, after, until)
            if there == before:
                return self._count(before)
            if chunks.checksum(self._source, of, after, until) != before:
                continue
            self._await_applied(self._source, self._source_dialect, self._target, self._target_dialect)
            different += 1
            if different == DIFFERENT and not self._moved():
                where = f"rows past {_shown(after)} up to {_shown(until)}"
                counts = f"{before.rows} on {self._writer}, {there.rows} on {self._writer.other}"
                self._find(f"{of.name}: {where} differ ({counts})")
                return self._count(before)
        if final and not self._moved():
            self._find(f"{of.name}: rows up to {_shown(until)} are written too often to be compared")
            return self._count(before)
        return None

    def _await_applied(self, waits: Session, dialect: Dialect, source: Session, of: Dialect) -> None:
        position = of.position(source)
        if position and not dialect.applied(waits, position, APPLY_SECONDS):
            raise NotReadyError(
                f"can't verify the ledger: {waits.where} does not follow",
                cause=f"it has not applied within {APPLY_SECONDS:.0f} s what {source.where} has",
                state="the verification continues here when it is run again",
                fix="run `bluegreen ledger status`, correct replication, then verify again",
            )

    def _moved(self) -> bool:
        """Whether the writer is another meanwhile: the next call goes on with that one."""
        row = rows.epoch(self._source)
        return row is None or row.epoch != self._epoch

    def _count(self, chunk: Sum) -> Sum:
        self._now = replace(self._now, chunks=self._now.chunks + 1, rows=self._now.rows + chunk.rows)
        return chunk

    def _find(self, what: str) -> None:
        findings = (*self._now.findings, what)[:KEPT_FINDINGS]
        self._now = replace(self._now, differing=self._now.differing + 1, findings=findings)

    def _record(self) -> Verification:
        """Unless another call has begun anew meanwhile, or the writer is another, which refuses it."""
        document = {key: value for key, value in asdict(self._now).items() if key not in {"age", "token"}}
        text, token, connected = json.dumps(document), secrets.token_hex(16), self._source
        if self._moved():
            return self._now
        if self._token:
            statement = f"UPDATE {schema.VERIFICATION} SET token = %s WHERE id = 1 AND token = %s"
            if not connected.change("continue the verification", statement, token, self._token):
                return self._now
        connected.change(
            "record the verification",
            f"INSERT INTO {schema.VERIFICATION} VALUES (%s, %s, %s, NOW(6)) ON DUPLICATE KEY UPDATE "
            "token = VALUES(token), document = VALUES(document), changed_at = VALUES(changed_at)",
            *(_ENDED if self._now.ended else _RUNNING, token, text),
        )
        return self._now


def _decoded(row: dict[str, Any]) -> Verification:
    document = json.loads(row["document"])
    findings = tuple(document.pop("findings"))
    return Verification(**document, findings=findings, age=int(row["age"]) / 1e6, token=row["token"])


def _shown(key: Key | None) -> str:
    return "the first" if key is None else ", ".join(str(value) for value in key)
