"""The actions that only read: `status`, `history` and `preflight`.

`status` reads everything and says whether listeners and records agree. A listener that the switch would
refuse to change is a difference here, not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..contract.actions import Action
from ..contract.errors import ListenerStateError, SwitchError
from ..contract.gates import Gate
from ..contract.values import FULL, Colour, Verdict, Weights
from .control import Control
from .history import Entry
from .invocation import Invocation
from .models import ColourState, TargetGroupHealth
from .move import decide
from .outcome import Report
from .records import LedgerRecord, Records, implied_by
from .routing import Routing

LAST_ACTIONS = 5


def report(invocation: Invocation) -> dict[str, object]:
    """Everything, looked up at the same time."""
    gateway, gates = invocation.gateway, invocation.gates
    looks: list[Any] = [
        gateway.listeners,
        gateway.records,
        invocation.table.read,
        lambda: invocation.table.recent(LAST_ACTIONS),
        *(lambda colour=colour: gateway.health(colour) for colour in Colour),
        *(lambda colour=colour: _image(invocation, colour) for colour in Colour),
    ]
    by_colour = [gates.of(colour)[1:] for colour in Colour]  # `targets` follows from the health
    found: list[Any] = invocation.caller.together([*looks, *by_colour[0], *by_colour[1]])
    listeners, records, control, recent, blue, green, *rest = found
    images, verdicts = dict(zip(Colour, rest[: len(Colour)], strict=True)), rest[len(Colour) :]
    health = {Colour.BLUE: blue, Colour.GREEN: green}
    half = len(by_colour[0])
    shared = gates.here(control)
    judged = {
        Colour.BLUE: [gates.judge_targets(Colour.BLUE, blue), *verdicts[:half], *shared],
        Colour.GREEN: [gates.judge_targets(Colour.GREEN, green), *verdicts[half:], *shared],
    }
    platform = _platform(listeners, records, health, _image_differences(images))
    return {
        "action": invocation.request.action.value,
        "request_id": invocation.request.id,
        **platform.to_json(),
        "ledger": _ledger(invocation, records),
        "images": images,
        "gates": {colour.value: [verdict.to_json() for verdict in judged[colour]] for colour in Colour},
        **standing_of(control, invocation.clock()),
        "history": [entry.to_json() for entry in recent],
    }


def _image(invocation: Invocation, colour: Colour) -> dict[str, object]:
    """What the colour runs, and what of it does not agree. Unreadable, it keeps nothing else from view."""
    try:
        return invocation.gateway.services.deployed(colour).to_json()
    except SwitchError as error:
        return {"problems": [f"runs what is unreadable: {error.what}"]}


def history(invocation: Invocation) -> dict[str, object]:
    """The newest entries first."""
    entries: tuple[Entry, ...] = invocation.table.recent(invocation.request.limit)
    return {
        "action": invocation.request.action.value,
        "request_id": invocation.request.id,
        "entries": [entry.to_json() for entry in entries],
    }


def preflight(invocation: Invocation) -> dict[str, object]:
    """Whether a shift to the target would be allowed now: all its gates, and the lock. Beyond that, whether
    the target has as many healthy targets as its share of the traffic takes, measured by the other colour's:
    while weights rise slowly, auto scaling can fix that, so it keeps no step from being taken.
    """
    request, gateway, gates = invocation.request, invocation.gateway, invocation.gates
    target = request.target or Colour.BLUE  # the event's table asks for it
    looks: list[Any] = [gateway.listeners, gateway.records, invocation.table.read]
    found: list[Any] = invocation.caller.together(
        [*looks, *gates.of(target), lambda: gates.capacity(target, request.percent)]
    )
    listeners, records, control, *verdicts, capacity = found
    lock = standing_of(control, invocation.clock())
    judged = [*verdicts, *gates.here(control), _lock_verdict(lock["lock"]), capacity, listeners.verdict()]
    try:
        decide(request, target, listeners, records)
    except ListenerStateError:
        pass  # the verdict of the listeners says it
    except SwitchError as error:
        judged.append(Verdict(Gate.RECORDS, False, error.what, "say which colour is active"))
    weights = listeners.production.weights
    return {
        "action": request.action.value,
        "request_id": request.id,
        "ready": all(verdict.passed for verdict in judged),
        "target": target,
        "percent": request.percent,
        "weights": weights.to_json() if weights else None,
        "gates": [verdict.to_json() for verdict in judged],
        "ledger": _ledger(invocation, records),
        **lock,
    }


def _ledger(invocation: Invocation, records: Records) -> dict[str, object] | None:
    """The record of the ledger's writer; None without a ledger."""
    if not invocation.settings.has_ledger:
        return None
    return (records.ledger or LedgerRecord()).to_json()


def standing_of(control: Control, now: datetime) -> dict[str, Any]:
    """`lock`, `frozen` and `workflow` of an answer."""
    lock = control.lock_json(now.timestamp())
    if lock:
        until = datetime.fromtimestamp(float(str(lock["until"])), UTC)
        lock = lock | {"until": until.isoformat(timespec="seconds")}
    workflow = control.workflow_json()
    if workflow and control.in_progress:  # else its execution is late by more than its retries take
        workflow["watched"] = control.lease_until > now.timestamp()
    return {"lock": lock, "frozen": control.frozen, "workflow": workflow}


def _lock_verdict(lock: Any) -> Verdict:
    held = f"held by {lock['request'] or lock['holder']} until {lock['until']}" if lock else "free"
    return Verdict(Gate.LOCK, lock is None, held, "free")


def _image_differences(images: Mapping[Colour, Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(f"{colour} {problem}" for colour, found in images.items() for problem in found["problems"])


def _platform(
    listeners: Routing,
    records: Records,
    health: dict[Colour, TargetGroupHealth],
    of_images: tuple[str, ...],
) -> Report:
    weights, test_weights = listeners.production.weights, listeners.test.weights
    colours = {
        colour: ColourState(
            weight=weights.of(colour) if weights else None,
            test_weight=test_weights.of(colour) if test_weights else None,
            health=health[colour],
        )
        for colour in Colour
    }
    share = listeners.production.share
    active = (share.holder if share else None) or records.last_active
    told = (*differences(listeners, records, active), *of_images)
    return Report(active, weights, test_weights, colours, records, told, listeners.findings)


def differences(listeners: Routing, records: Records, active: Colour | None) -> tuple[str, ...]:
    found = [finding.what for finding in listeners.findings]
    found += records.problems
    if listeners.production.weights and not listeners.production.problem:
        found += _record_differences(listeners.production.weights, records)
    test = listeners.test
    if active and test.problem is None and test.weights != Weights.giving(active.other, FULL):
        found.append(
            f"the test listener has {test.weights}, but {active} is active: only {active.other} belongs there"
        )
    return tuple(found)


def _record_differences(weights: Weights, records: Records) -> list[str]:
    implied = implied_by(weights, records, rolling_back=False)
    found: list[str] = []
    if records.active and records.active is not implied.active:
        found.append(f"{records.active} is recorded as active, but production has {weights}")
    migration = records.migration
    if migration and migration != implied.migration:
        told = f"{migration.status}, {migration.source} to {migration.target} at {migration.weights}"
        said = told if migration.weights else migration.status
        found.append(f"the migration record says {said}, but production has {weights}")
    return found


READS: Mapping[Action, Callable[[Invocation], dict[str, object]]] = {
    Action.STATUS: report,
    Action.HISTORY: history,
    Action.PREFLIGHT: preflight,
}
