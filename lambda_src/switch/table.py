"""Reads and writes of the control table. Every write of the control item is conditional (control.py)."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from .aws import Caller, Refused
from .control import KEY, Control, attribute, read_control
from .errors import AwsCallError, LockedError, LockLostError, NoWorkflowError
from .history import Entry, read_entry

Answer = TypeVar("Answer")

BY_TIME = "by-time"  # local secondary index: kind, started_at
_CONDITION = "ConditionalCheckFailedException"
_CANCELED = "TransactionCanceledException"
# Two writes that met: AWS made neither wait, and botocore doesn't repeat them.
_MET = "TransactionConflictException"
# Why a transaction was cancelled. Any other reason (a conflict, a throttled item) may be gone the next time.
_REASON_CONDITION = "ConditionalCheckFailed"
_TRIES = 6
_FIRST_PAUSE_SECONDS = 0.02
_FREE = "(attribute_not_exists(busy_until) OR busy_until < :now)"
_NO_WORKFLOW = "(attribute_not_exists(holder) OR lease_until < :now)"
# Nobody has taken the lock since, nor was it let go.
_OURS = "#token = :token AND attribute_exists(attempt)"


class Claim(Enum):
    """On what condition a request gets the lock, beyond that nobody is just moving traffic."""

    ORDINARY = f"{_FREE} AND {_NO_WORKFLOW}"
    BEGIN = f"{_FREE} AND ({_NO_WORKFLOW} OR holder = :workflow)"
    STEP = f"{_FREE} AND holder = :workflow"
    TAKEOVER = _FREE


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

    def read(self) -> Control:
        with self._calling("GetItem", self._name):
            answer = self._client("dynamodb").get_item(TableName=self._name, Key=KEY, ConsistentRead=True)
        return read_control(answer.get("Item"))

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
            return self._update(update, taking.claim.value, values)
        except Refused as refused:
            found = read_control(refused.response.get("Item"))
            if found.attempt == taking.attempt:  # our own call had its effect, only its answer got lost
                return found
            raise _not_free(found, taking) from refused

    def fence(self, token: int, current: Entry) -> Control:
        """Write down what is about to be done; the item afterwards. Raises LockLostError unless the lock is
        still that of `token`.
        """
        values = {"current": (current.to_json(),), "token": token}
        try:
            return self._update("SET #current = :current", _OURS, values)
        except Refused as refused:
            raise _lost(read_control(refused.response.get("Item"))) from refused

    def let_go(
        self,
        token: int,
        entries: Iterable[tuple[Entry, Mapping[str, object]]],
        changes: Mapping[str, object],
    ) -> None:
        """Free the lock, and in the same transaction put history entries, each with further attributes, and
        change attributes of the control item, None removing them. Raises LockLostError.
        """
        gone = ["busy_until", "attempt", "current", "died"]
        update = {"Update": self._change({**changes, **dict.fromkeys(gone)}, _OURS, {"token": token})}
        puts = [self._entry(entry, {"token": token, **extra}) for entry, extra in entries]
        try:
            self._transact([update, *puts], calls=1)  # the last one, also of a failure
        except Refused as refused:
            # Also when it was made, but its answer got lost: then the request is found finished (logic.py).
            raise _lost(self.read()) from refused

    def change(self, changes: Mapping[str, object], *, workflow: str) -> Control:
        """Change attributes while `workflow` is in progress; the item afterwards. Raises NoWorkflowError."""
        change = self._change(changes, "holder = :held_by", {"held_by": workflow})
        try:
            answer = self._update_item(change | {"ReturnValues": "ALL_NEW"})
        except Refused as refused:
            raise no_workflow(workflow) from refused
        return read_control(answer["Attributes"])

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
        values: dict[str, object] = {"held_by": workflow, "asked": approval}
        values = {name: value for name, value in values.items() if value is not None}
        conditions = {"held_by": "holder = :held_by", "asked": "approval = :asked"}
        condition = " AND ".join(conditions[name] for name in values)
        try:
            change = self._change(changes, condition or None, values)
            self._transact([{"Update": change}, self._entry(entry, extra)])
        except Refused as refused:
            if _reasons(refused.response)[1] == _REASON_CONDITION:
                return False
            raise no_workflow(workflow) from refused
        return True

    def finished(self, id_: str) -> tuple[str, dict[str, Any]] | None:
        """Fingerprint and answer of the request of that id, if it was carried to its end; the answer is empty
        where it is not known what became of it.
        """
        key = {"kind": {"S": "action"}, "id": {"S": id_}}
        with self._calling("GetItem", self._name):
            found = self._client("dynamodb").get_item(TableName=self._name, Key=key, ConsistentRead=True)
        item = found.get("Item", {})
        return (item["fingerprint"]["S"], json.loads(item["answer"]["S"])) if "answer" in item else None

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

    def _update(self, update: str, condition: str, values: Mapping[str, object]) -> Control:
        answer = self._update_item(
            {
                "TableName": self._name,
                "Key": KEY,
                "UpdateExpression": update,
                "ConditionExpression": condition,
                "ExpressionAttributeNames": {
                    f"#{name}": name for name in ("current", "token") if f"#{name}" in update + condition
                },
                "ExpressionAttributeValues": {f":{name}": attribute(value) for name, value in values.items()},
                "ReturnValues": "ALL_NEW",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        )
        return read_control(answer["Attributes"])

    def _update_item(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        def update() -> dict[str, Any]:
            with self._calling("UpdateItem", self._name, codes=[_CONDITION, _MET]):
                answer: dict[str, Any] = self._client("dynamodb").update_item(**parameters)
            return answer

        return self._however_they_meet("UpdateItem", update)

    def _transact(self, items: list[dict[str, Any]], *, calls: int = 2) -> None:
        """Raises Refused when a condition didn't hold."""

        def write() -> None:
            with self._calling("TransactWriteItems", self._name, calls=calls, codes=[_CANCELED]):
                self._client("dynamodb").transact_write_items(TransactItems=items)

        self._however_they_meet("TransactWriteItems", write)

    def _however_they_meet(self, operation: str, write: Callable[[], Answer]) -> Answer:
        """What `write` answers; raises Refused where a condition didn't hold. Repeated when AWS refuses it
        for another reason: it met another write of the same item, or too many of all items.
        """
        pause = _FIRST_PAUSE_SECONDS
        for _ in range(_TRIES):
            try:
                return write()
            except Refused as refused:
                if _decided(refused.response):
                    raise
            time.sleep(random.uniform(pause, 2 * pause))  # noqa: S311 - no secret: it keeps two apart
            pause *= 2
        raise AwsCallError(
            what=f"{operation} met other writes of the same item {_TRIES} times, or was throttled",
            where=self._name,
            why="without this call the request can't be carried to its end",
            mend="run the same request again, which is safe",
        )

    def _change(
        self, changes: Mapping[str, object], condition: str | None, values: Mapping[str, object]
    ) -> dict[str, Any]:
        """An update that sets attributes and removes those that become None."""
        kept = {name: value for name, value in changes.items() if value is not None}
        removed = [f"#{name}" for name in changes if name not in kept]
        parts = ["SET " + ", ".join(f"#{name} = :{name}" for name in kept)] if kept else []
        parts += ["REMOVE " + ", ".join(removed)] if removed else []
        given = {f":{name}": attribute(value) for name, value in [*kept.items(), *values.items()]}
        names = {f"#{name}": name for name in changes}
        if condition and "#token" in condition:
            names["#token"] = "token"
        return {
            "TableName": self._name,
            "Key": KEY,
            "UpdateExpression": " ".join(parts),
            "ExpressionAttributeNames": names,
            **({"ConditionExpression": condition} if condition else {}),
            **({"ExpressionAttributeValues": given} if given else {}),
        }

    def _entry(self, entry: Entry, extra: Mapping[str, object]) -> dict[str, Any]:
        """A put of an entry that isn't there yet."""
        item = {"kind": "action", "id": entry.id, "started_at": entry.started_at, "entry": entry.to_json()}
        put = {
            "TableName": self._name,
            "Item": {name: attribute(value) for name, value in (item | dict(extra)).items()},
        }
        return {"Put": put | {"ConditionExpression": "attribute_not_exists(id)"}}


def no_workflow(workflow: str | None) -> NoWorkflowError:
    return NoWorkflowError(
        what=f"the workflow {workflow} is not in progress" if workflow else "no workflow is in progress",
        where="control table",
        why="there is nothing that this could act on; nothing was changed",
        mend="`status` shows the workflow in progress, or the last one",
    )


def _decided(response: Mapping[str, Any]) -> bool:
    """Whether it was a condition that AWS refused a write for."""
    return response["Error"]["Code"] == _CONDITION or _REASON_CONDITION in _reasons(response)


def _reasons(response: Mapping[str, Any]) -> list[str | None]:
    """Of a cancelled transaction, one for each of its writes."""
    return [reason.get("Code") for reason in response.get("CancellationReasons", ())]


def _not_free(found: Control, taking: Taking) -> LockedError | LockLostError:
    if taking.claim is Claim.STEP and found.holder != taking.workflow:
        return _lost(found)
    who, until = _keeper(found, taking.now)
    return LockedError(
        what=f"{who} holds the lock until {until} at the latest",
        where="control table",
        why="two that move traffic at once would undo each other's work; nothing was changed",
        mend="wait for its end (`status` shows it), `abort` a workflow, or `rollback`, which goes before it",
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
        why="whoever has it may be moving traffic at this moment: this request writes nothing more",
        mend="`status` shows who it was; send the request again if it is still wanted",
    )
