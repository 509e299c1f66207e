"""Steps 1 and 2 of a change (logic.py): what shall be done, and whether it may be done. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import ActiveUnknownError, RollbackTargetUnknownError, UnhealthyTargetError
from .gateway import Gateway, Listeners
from .models import Action, Colour, MigrationStatus, Request, Weights
from .outcome import Gate
from .records import Records


@dataclass(frozen=True)
class Plan:
    """`before` and `after` are production's weights; `health` holds the gates that passed."""

    listeners: Listeners
    records: Records
    before: Weights
    after: Weights
    active: Colour  # once the weights are `after`
    health: Mapping[Colour, Gate]


def make_plan(request: Request, gateway: Gateway, listeners: Listeners) -> Plan:
    """Raises ListenerStateError, RollbackTargetUnknownError, ActiveUnknownError, UnhealthyTargetError."""
    before = listeners.production.usable_weights()
    if request.action is not Action.ROLLBACK:  # the emergency exit doesn't wait for the test listener
        listeners.test.usable_weights()
    records = gateway.records()
    target = request.target or _rollback_target(before, records)
    after = Weights.giving(target, request.percent)
    active = after.holder or before.holder or records.last_active
    if active is None:
        raise ActiveUnknownError(
            what=f"production has {before}, and no parameter tells which side was active before",
            where="; ".join(records.problems),
            why="the record and the test listener of a shared listener depend on it",
            mend="`switch` all traffic to one side, or write the active one into its parameter",
        )
    return Plan(listeners, records, before, after, active, _gates(before, after, gateway))


def _rollback_target(before: Weights, records: Records) -> Colour:
    side, migration = before.holder, records.migration
    if side is None:
        target = records.last_active
    elif migration and migration.status is MigrationStatus.NOT_STARTED:
        target = records.active or side
    else:
        target = migration.source if migration else None
    if target is None:
        raise RollbackTargetUnknownError(
            what=f"production has {before}, and no record tells where the traffic came from",
            where="; ".join(records.problems),
            why="guessing could send payments to the side that is to be left",
            mend='name the side that shall have the traffic, e.g. {"action": "rollback", "target": "blue"}',
        )
    return target


def _gates(before: Weights, after: Weights, gateway: Gateway) -> dict[Colour, Gate]:
    gaining = [colour for colour in Colour if after.of(colour) > before.of(colour)]
    return {colour: _require_healthy(colour, gateway) for colour in gaining}


def _require_healthy(colour: Colour, gateway: Gateway) -> Gate:
    health, required = gateway.health(colour), gateway.min_healthy_targets
    if health.healthy < required:
        raise UnhealthyTargetError(
            what=f"{colour} has {health.healthy} healthy targets of {health.total}, {required} required",
            where=f"target group {health.target_group_arn}",
            why=f"{colour} would gain traffic that it can't serve",
            mend=f"bring the targets of {colour} into service; `status` shows the state and reason of each",
        )
    return Gate(health, required)
