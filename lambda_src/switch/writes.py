"""Conditional writes of the control table, repeated when they meet others. What they mean: table.py."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ..contract.errors import AwsCallError
from .aws import Caller, Refused
from .control import KEY, attribute

Answer = TypeVar("Answer")
Values = Mapping[str, object]

_CONDITION = "ConditionalCheckFailedException"
_CANCELED = "TransactionCanceledException"
# Two writes that met: AWS made neither wait, and botocore doesn't repeat them.
_MET = "TransactionConflictException"
# Why a transaction was cancelled. Any other reason (a conflict, a throttled item) may be gone the next time.
_REASON_CONDITION = "ConditionalCheckFailed"
_TRIES = 6
_FIRST_PAUSE_SECONDS = 0.02


class Writes:
    """Writes of the table of that name. An update is one of the control item. In expressions `:name` is the
    value of that name, `#name` the attribute; values that are None are left out.
    """

    def __init__(self, table: str, caller: Caller) -> None:
        self._table = table
        self._calling = caller.calling
        self._client = caller.client

    def update(self, update: str, condition: str, values: Values) -> dict[str, Any]:
        """The item afterwards. Raises Refused, with the item as it is, if the condition doesn't hold."""
        parameters = self._update(update, condition, values)

        def write() -> dict[str, Any]:
            with self._calling("UpdateItem", self._table, codes=[_CONDITION, _MET]):
                answer = self._client("dynamodb").update_item(
                    **parameters, ReturnValues="ALL_NEW", ReturnValuesOnConditionCheckFailure="ALL_OLD"
                )
            found: dict[str, Any] = answer["Attributes"]
            return found

        return self._however_they_meet("UpdateItem", write)

    def transact(
        self, update: str, condition: str, values: Values, puts: Iterable[Values], *, calls: int = 2
    ) -> None:
        """An update (with an empty condition: in any case) and new items, all or nothing. Raises Refused if
        the condition doesn't hold or an item is there already: `unmet` tells. `calls`: as of Caller.calling.
        """
        items = [{"Update": self._update(update, condition, values)}, *map(self._put, puts)]

        def write() -> None:
            with self._calling("TransactWriteItems", self._table, calls=calls, codes=[_CANCELED]):
                self._client("dynamodb").transact_write_items(TransactItems=items)

        self._however_they_meet("TransactWriteItems", write)

    def insert(self, item: Values) -> None:
        """A new item. Raises Refused if it is there already."""

        def write() -> None:
            with self._calling("TransactWriteItems", self._table, codes=[_CANCELED]):
                self._client("dynamodb").transact_write_items(TransactItems=[self._put(item)])

        self._however_they_meet("TransactWriteItems", write)

    def _update(self, update: str, condition: str, values: Values) -> dict[str, Any]:
        given = {f":{name}": attribute(value) for name, value in values.items() if value is not None}
        names = re.findall(r"#(\w+)", f"{update} {condition}")
        parameters = {
            "TableName": self._table,
            "Key": KEY,
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {f"#{name}": name for name in names},
            "ExpressionAttributeValues": given,
        }
        return {name: value for name, value in parameters.items() if value}  # DynamoDB takes no empty ones

    def _put(self, item: Values) -> dict[str, Any]:
        put = {"TableName": self._table, "Item": {name: attribute(value) for name, value in item.items()}}
        return {"Put": put | {"ConditionExpression": "attribute_not_exists(id)"}}

    def _however_they_meet(self, operation: str, write: Callable[[], Answer]) -> Answer:
        """What `write` answers; raises Refused where a condition didn't hold. Repeated when AWS refuses it
        for another reason: it met another write of the same item, or too many of all items.
        """
        pause = _FIRST_PAUSE_SECONDS
        for _ in range(_TRIES):
            try:
                return write()
            except Refused as refused:
                if str(refused) == _CONDITION or any(unmet(refused)):
                    raise
            time.sleep(random.uniform(pause, 2 * pause))  # noqa: S311 - no secret: it keeps two apart
            pause *= 2
        raise AwsCallError(
            what=f"{operation} met other writes of the same item {_TRIES} times, or was throttled",
            where=self._table,
            cause="without this call the request can't be carried to its end",
            fix="run the same request again, which is safe",
        )


def assigned(attributes: Values) -> str:
    """The update expression that sets each attribute to the value of its name; those of None are removed."""
    kept = [f"#{name} = :{name}" for name, value in attributes.items() if value is not None]
    removed = [f"#{name}" for name, value in attributes.items() if value is None]
    parts = ["SET " + ", ".join(kept)] if kept else []
    parts += ["REMOVE " + ", ".join(removed)] if removed else []
    return " ".join(parts)


def unmet(refused: Refused) -> list[bool]:
    """Of each write of a transaction that was refused, whether its condition was the reason."""
    reasons = refused.response.get("CancellationReasons", ())
    return [reason.get("Code") == _REASON_CONDITION for reason in reasons]
