"""The SSM parameters: what they say, and what they ought to say about given production weights.

`SSM_PARAM_NAME` holds the active environment, `blue` or `green`: the colour that last had all the traffic.
`STATUS_PARAM_NAME` holds the migration: `{"status", "source", "target", "weights", "reason",
"updated_at"}`, `source` being the colour that the traffic leaves. Terraform creates them as `blue` and
`{"status": "not_started"}`.

The record follows the listener, so it can lag behind: the request that wrote the weights may have died before
recording them. `implied_by` is a pure function of weights and records, which makes the end of a request the
same whether its first attempt ran through or was cut off anywhere. logic.py explains how it is used.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from ..contract.values import Colour, Weights
from .models import MigrationStatus


@dataclass(frozen=True)
class Migration:
    """`updated_at`: ISO 8601, UTC. Source, target and weights are None only when nothing was started yet."""

    status: MigrationStatus
    source: Colour | None = None
    target: Colour | None = None
    weights: Weights | None = None
    reason: str = ""
    updated_at: str = ""

    @property
    def facts(self) -> tuple[object, ...]:
        """What makes two records say the same, at whatever time they were written."""
        return self.status, self.source, self.target, self.weights

    @property
    def holder(self) -> Colour | None:
        """The colour that has all the traffic according to this record, where it tells."""
        if self.status is MigrationStatus.COMPLETED:
            return self.target
        return self.source if self.status is MigrationStatus.ROLLED_BACK else None

    def to_json(self) -> dict[str, object]:
        # SSM refuses "}}" and "{{": weights, the only nested object, must not come last.
        return {
            "status": self.status.value,
            "source": self.source,
            "target": self.target,
            "weights": self.weights.to_json() if self.weights else None,
            "reason": self.reason,
            "updated_at": self.updated_at,
        }


@dataclass(frozen=True)
class LedgerRecord:
    """Where the ledger is, as the workflow that moved it last has written it. `writer` None: a move is in
    progress or unfinished, or none has been recorded. The row in the databases is the truth.
    """

    writer: Colour | None = None
    epoch: int | None = None
    workflow: str = ""
    updated_at: str = ""

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Records:
    """All parameters as read; `ledger` is None without a ledger, and where nothing usable is recorded. Of
    both others: None what is missing or unusable, and then `problems` tells why."""

    active: Colour | None
    migration: Migration | None
    problems: tuple[str, ...] = ()
    ledger: LedgerRecord | None = None

    @property
    def last_active(self) -> Colour | None:
        """The colour that last had all the traffic. Its own parameter outranks a migration's source."""
        if self.active or not self.migration:
            return self.active
        return self.migration.source if self.migration.status is MigrationStatus.IN_PROGRESS else None


def parse_active(text: str | None) -> Colour | None:
    return next((colour for colour in Colour if colour == text), None)


def parse_ledger(text: str | None) -> LedgerRecord | None:
    """None for whatever this function, or Terraform, can't have written."""
    try:
        document = json.loads(text or "")
        writer, epoch = document["writer"], document.get("epoch")
        record = LedgerRecord(
            Colour(writer) if writer is not None else None,
            epoch,
            str(document.get("workflow", "")),
            str(document.get("updated_at", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return record if epoch is None or type(epoch) is int else None


def parse_migration(text: str | None) -> Migration | None:
    """None for whatever this function can't have written: a record that is half right is not evidence."""
    try:
        document = json.loads(text or "")
        status = MigrationStatus(document["status"])
        if status is MigrationStatus.NOT_STARTED:
            return Migration(status)
        weights = Weights(document["weights"]["blue"], document["weights"]["green"])
        migration = Migration(
            status=status,
            source=Colour(document["source"]),
            target=Colour(document["target"]),
            weights=weights,
            reason=str(document.get("reason", "")),
            updated_at=str(document.get("updated_at", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    whole = type(weights.blue) is int and type(weights.green) is int
    return migration if whole and weights.valid and migration.source is not migration.target else None


def implied_by(weights: Weights, records: Records, *, rolling_back: bool) -> Records:
    """What the records must say when production has these weights, given what they say so far.

    `rolling_back` tells which of two stories ended with all traffic on `weights.holder`. Where weights are
    shared and no record says which colour had all the traffic before, nothing is implied: the records are
    left as they are.
    """
    holder = weights.holder
    active = holder or records.last_active
    if active is None:
        return records
    if holder:
        migration = _settled(holder, weights, records, rolling_back=rolling_back)
    else:
        migration = _between(MigrationStatus.IN_PROGRESS, active, weights)
    recorded = records.migration
    # The reason and time in a record belong to the request that made it true.
    return Records(active, recorded if recorded and recorded.facts == migration.facts else migration)


def _settled(holder: Colour, weights: Weights, records: Records, *, rolling_back: bool) -> Migration:
    """All the traffic is on `holder`: which migration ended there, and how."""
    recorded = records.migration
    unmoved = records.active in (holder, None)
    if unmoved and recorded and recorded.status is MigrationStatus.NOT_STARTED:
        return recorded
    if unmoved and recorded and recorded.holder is holder:
        return replace(recorded, weights=weights)
    if rolling_back:
        return _between(MigrationStatus.ROLLED_BACK, holder, weights)
    if records.active is holder.other or (recorded and recorded.target is holder):
        return _between(MigrationStatus.COMPLETED, holder.other, weights)
    if recorded:
        return _between(MigrationStatus.ROLLED_BACK, holder, weights)
    return Migration(MigrationStatus.NOT_STARTED)


def _between(status: MigrationStatus, source: Colour, weights: Weights) -> Migration:
    return Migration(status, source, source.other, weights)
