"""All that the function can change, as it is at one moment: to compare it, and to bring it back."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.lambda_src.live_platform import LivePlatform, State

# A held share's id has the time and the attempt in it.
_SHARE_ID = re.compile("share-[0-9]{8}T[0-9]{6}-[0-9a-f]{8}")
# What differs from run to run.
_VOLATILE = frozenset(
    {
        *("started_at", "finished_at", "deadline_at", "baking_until", "updated_at", "asked_at", "expires_at"),
        *("busy_until", "lease_until", "until", "at", "duration_ms", "wait_seconds", "held_until"),
        *("attempt", "token", "reason", "value", "what", "answer"),
    }
)


@dataclass(frozen=True)
class Snapshot:
    """All that the function can change."""

    state: State
    items: list[dict[str, Any]]

    @classmethod
    def of(cls, platform: LivePlatform) -> "Snapshot":
        table = platform.environment["CONTROL_TABLE"]
        return cls(platform.state, platform.account.dynamodb.scan(TableName=table)["Items"])

    def restore(self, platform: LivePlatform, there: "Snapshot") -> None:
        """Writes only what is different from what is `there`."""
        table = platform.environment["CONTROL_TABLE"]
        platform.put(self.state, there.state)
        old = {item["id"]["S"]: item for item in there.items}
        new = {item["id"]["S"]: item for item in self.items}
        keys = [{name: old[id_][name] for name in ("kind", "id")} for id_ in old.keys() - new.keys()]
        puts = [item for id_, item in new.items() if old.get(id_) != item]
        requests = [{"DeleteRequest": {"Key": key}} for key in keys]
        requests += [{"PutRequest": {"Item": item}} for item in puts]
        if requests:
            platform.account.dynamodb.batch_write_item(RequestItems={table: requests})

    @property
    def documents(self) -> dict[str, Any]:
        """The table's items by id, parsed."""
        return {item["id"]["S"]: {k: _value(v) for k, v in item.items()} for item in self.items}

    def seen_by(self, id_: str) -> str:
        """All that a request of that id, or one that follows the listener, goes by: the same for the same,
        whenever it was reached. Of the history that is its own entry; nobody reads the others.
        """
        read = {name: self.documents.get(name) for name in ("traffic", id_)}
        return json.dumps([str(self.state.told), without_volatile(read)], sort_keys=True)

    @property
    def control(self) -> dict[str, Any]:
        found: dict[str, Any] = self.documents.get("traffic", {})
        return found

    def end(self, id_: str) -> tuple[Any, ...]:
        """What the end of a request has to be, however it got there."""
        entry = self.documents.get(id_, {}).get("entry", {})
        kept = ("holder", "frozen", "workflow", "approval", "abort", "yields")
        control = {name: self.control.get(name) for name in kept}
        lock = "free" if "busy_until" not in self.control else "held"
        told = [entry.get(name) for name in ("action", "outcome", "target", "workflow", "to")]
        return self.state.told, without_volatile(control), lock, told


def _value(attribute: Mapping[str, Any]) -> Any:
    if "L" in attribute:
        return [_value(item) for item in attribute["L"]]
    if "N" in attribute:
        return float(attribute["N"])
    try:
        return json.loads(attribute["S"])
    except ValueError:
        return attribute["S"]


def without_volatile(document: Any) -> Any:
    """Where a value differs from run to run, only that there is one is left."""
    if isinstance(document, dict):
        return {
            key: value is not None if key in _VOLATILE else without_volatile(value)
            for key, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [without_volatile(value) for value in document]
    if isinstance(document, str):
        return _SHARE_ID.sub("share", document)
    return document
