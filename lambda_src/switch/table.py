"""Reads and writes of the control table, in the switch's terms. Every write is conditional (writes.py)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from ..contract.errors import LockedError, LockLostError, NoWorkflowError
from .aws import Caller, Refused
from .control import KEY, Control, read_control
from .history import Entry, read_entry, stamp
from .writes import Writes, assigned, unmet

BY_TIME = "by-time"  # local secondary index: kind, started_at
_FREE = "(attribute_not_exists(busy_until) OR busy_until < :now)"
_NO_WORKFLOW = "(attribute_not_exists(holder) OR lease_until < :now)"
_HELD_SHARE = "attribute_exists(yields)"
# No request has taken the lock since, nor was it released.
_OURS = "#token = :token AND attribute_exists(attempt)"


class Claim(Enum):
    """On what condition a request gets the lock, beyond that no other request is moving traffic."""

    ORDINARY = f"{_FREE} AND {_NO_WORKFLOW}"
    MOVE = f"{_FREE} AND ({_NO_WORKFLOW} OR {_HELD_SHARE})"
    BEGIN = f"{_FREE} AND ({_NO_WORKFLOW} OR {_HELD_SHARE} OR holder = :workflow)"
    STEP = f"{_FREE} AND holder = :workflow"
    TAKEOVER = _FREE
    LEDGER = f"{_FREE} AND ({_NO_WORKFLOW} OR holder = :workflow)"


@dataclass(frozen=True)
class Taking:
    """`now` and `until`: seconds since the epoch; `attempt` is of this invocation alone."""

    claim: Claim
    attempt: str
    now: float
    until: float
    current: Entry
    workflow: str | None = None


class ControlTable:
    """`name`: the table's; both keys are strings, `kind` and `id`."""

    def __init__(self, name: str, caller: Caller) -> None:
        self._name = name
        self._calling = caller.calling
        self._client = caller.client
        self._writes = Writes(name, caller)

    def read(self) -> Control:
        return read_control(self._item(KEY))

    def take(self, taking: Taking) -> Control:
        """Take the lock; what the item then says. Raises LockedError; of a STEP that is no longer in
        progress, LockLostError.
        """
        values = {"now": taking.now, "until": taking.until, "attempt": taking.attempt, "none": (),
                  "current": (taking.current.to_json(),), "zero": 0, "one": 1}  # fmt: skip
        if ":workflow" in taking.claim.value:
            values["workflow"] = taking.workflow or ""
        update = (
            "SET busy_until = :until, attempt = :attempt, "
            "died = list_append(if_not_exists(died, :none), if_not_exists(#current, :none)), "
            "#current = :current, #token = if_not_exists(#token, :zero) + :one"
        )
        try:
            return read_control(self._writes.update(update, taking.claim.value, values))
        except Refused as refused:
            found = read_control(refused.response.get("Item"))
            if found.attempt == taking.attempt:  # our own call had its effect, only its answer got lost
                return found
            raise _not_free(found, taking) from refused

    def fence(self, token: int, current: Entry, changes: Mapping[str, object]) -> Control:
        """Write down what is about to be done, and change attributes; the item afterwards. Raises
        LockLostError unless the lock is still that of `token`.
        """
        changes = {**changes, "current": (current.to_json(),)}
        try:
            update = assigned(changes)
            return read_control(self._writes.update(update, _OURS, {**changes, "token": token}))
        except Refused as refused:
            raise _lost(read_control(refused.response.get("Item"))) from refused

    def let_go(
        self,
        token: int,
        entries: Iterable[tuple[Entry, Mapping[str, object]]],
        changes: Mapping[str, object],
        unrecorded: Iterable[Entry] = (),
    ) -> None:
        """Free the lock, and in the same transaction put history entries, each with further attributes, and
        change attributes of the control item, None removing them. `unrecorded` stay in `died`. Raises
        LockLostError.
        """
        died = tuple(entry.to_json() for entry in unrecorded) or None
        changes = {**changes, **dict.fromkeys(("busy_until", "attempt", "current")), "died": died}
        puts = [_history_item(entry, {"token": token, **extra}) for entry, extra in entries]
        try:  # calls=1: the last one, also of a failure
            self._writes.transact(assigned(changes), _OURS, {**changes, "token": token}, puts, calls=1)
        except Refused as refused:
            # Also when it was made, but its answer got lost: then the request is found finished (logic.py).
            raise _lost(self.read()) from refused

    def change(self, changes: Mapping[str, object], *, workflow: str, unasked: bool = False) -> Control:
        """Change attributes while `workflow` is in progress, and, if `unasked`, has not asked for an
        approval; the item afterwards. Raises LockLostError: it has ended, or another has its lock.
        """
        condition = "holder = :held_by" + (" AND attribute_not_exists(approval)" if unasked else "")
        values = {**changes, "held_by": workflow}
        try:
            return read_control(self._writes.update(assigned(changes), condition, values))
        except Refused as refused:
            raise not_in_progress(workflow) from refused

    def record(
        self,
        changes: Mapping[str, object],
        entry: Entry,
        extra: Mapping[str, object],
        *,
        workflow: str | None = None,
        approval: Mapping[str, object] | None = None,
    ) -> bool:
        """Change attributes and put a history entry, with further attributes, in one transaction. False: an
        entry of this id is there already, nothing was changed. Raises NoWorkflowError unless `workflow`,
        where one is given, is in progress, and waits for `approval`, where one is given.
        """
        conditions = ["holder = :held_by"] if workflow is not None else []
        conditions += ["approval = :asked"] if approval is not None else []
        values = {**changes, "held_by": workflow, "asked": approval}
        put = _history_item(entry, extra)
        try:
            self._writes.transact(assigned(changes), " AND ".join(conditions), values, [put])
        except Refused as refused:
            _, there_already = unmet(refused)
            if there_already:
                return False
            raise no_workflow(workflow) from refused
        return True

    def note(self, entry: Entry, extra: Mapping[str, object]) -> bool:
        """Put a history entry, with further attributes, whoever holds the lock. False: an entry of this id is
        there already.
        """
        try:
            self._writes.insert(_history_item(entry, extra))
        except Refused:
            return False
        return True

    def finished(self, id_: str) -> tuple[str, dict[str, Any]] | None:
        """Fingerprint and answer of the request of that id, if it was carried to its end; the answer is empty
        where it is not known what became of it.
        """
        item = self._item({"kind": {"S": "action"}, "id": {"S": id_}}) or {}
        return (item["fingerprint"]["S"], json.loads(item["answer"]["S"])) if "answer" in item else None

    def spend(self, attestation: str, request: str, by: str, at: datetime) -> str | None:
        """Note that an attestation was used. The request that used it before; None: this is the first."""
        key = {"kind": "attestation", "id": attestation}
        try:
            self._writes.insert(key | {"request": request, "by": by, "at": stamp(at)})
        except Refused:
            item = self._item({name: {"S": value} for name, value in key.items()}) or {}
            return str(item["request"]["S"]) if "request" in item else "unknown"
        return None

    def recent(self, limit: int) -> tuple[Entry, ...]:
        """The newest entries of the history, the newest first."""
        with self._calling("Query", self._name):
            answer = self._client("dynamodb").query(
                TableName=self._name,
                IndexName=BY_TIME,
                ConsistentRead=True,
                KeyConditionExpression="kind = :kind",
                ExpressionAttributeValues={":kind": {"S": "action"}},
                ScanIndexForward=False,
                Limit=limit,
            )
        return tuple(read_entry(json.loads(item["entry"]["S"])) for item in answer["Items"])

    def _item(self, key: Mapping[str, Any]) -> dict[str, Any] | None:
        with self._calling("GetItem", self._name):
            answer = self._client("dynamodb").get_item(TableName=self._name, Key=key, ConsistentRead=True)
        item: dict[str, Any] | None = answer.get("Item")
        return item


def no_workflow(workflow: str | None) -> NoWorkflowError:
    return NoWorkflowError(
        what=f"the workflow {workflow} is not in progress" if workflow else "no workflow is in progress",
        where="control table",
        cause="there is nothing that this could act on; nothing was changed",
        fix="`status` shows the workflow in progress, or the last one",
    )


def not_in_progress(workflow: str | None) -> LockLostError:
    return LockLostError(
        what=f"the workflow {workflow} is not in progress any more",
        where="control table",
        cause="an operator's request ended it, or it has ended by itself: it moves nothing more",
        fix="`status` shows what became of it",
    )


def _history_item(entry: Entry, extra: Mapping[str, object]) -> dict[str, object]:
    return {
        "kind": "action",
        "id": entry.id,
        "started_at": entry.started_at,
        "entry": entry.to_json(),
        **extra,
    }


def _not_free(found: Control, taking: Taking) -> LockedError | LockLostError:
    if taking.claim is Claim.STEP and found.holder != taking.workflow:
        return _lost(found)
    who, until = _keeper(found, taking.now)
    return LockedError(
        what=f"{who} holds the lock until {until} at the latest",
        where="control table",
        cause="two that move traffic at once would undo each other's work; nothing was changed",
        fix="wait for its end (`status` shows it), `abort` a workflow, or `rollback`, which goes before it",
    )


def _keeper(found: Control, now: float) -> tuple[str, str]:
    """Who holds the lock, and until when, in words."""
    busy = found.busy_until > now
    at_work = f"request {found.current.id} ({found.current.action})" if found.current else "a request"
    until = found.busy_until if busy else found.lease_until
    shown = datetime.fromtimestamp(until, UTC).isoformat(timespec="seconds")
    return (at_work if busy else f"workflow {found.holder}"), shown


def _lost(found: Control) -> LockLostError:
    return LockLostError(
        what=f"the lock was taken over; its token is {found.token} now",
        where="control table",
        cause="the request that has it may be moving traffic at this moment: this one writes nothing more",
        fix="`status` shows who it was; send the request again if it is still wanted",
    )
