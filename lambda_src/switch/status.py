"""The action `status`: reads everything, changes nothing, and says whether listeners and records agree."""

from __future__ import annotations

from .gateway import Gateway, Listeners
from .models import FULL, Colour, SideState, Weights
from .outcome import Report
from .records import Records, implied_by


def report(gateway: Gateway) -> Report:
    """Four reads. A listener that the switch would refuse to change is a difference here, not an error."""
    listeners, records = gateway.listeners(), gateway.records()
    weights, test_weights = listeners.production.weights, listeners.test.weights
    sides = {
        colour: SideState(
            weight=weights.of(colour) if weights else None,
            test_weight=test_weights.of(colour) if test_weights else None,
            health=gateway.health(colour),
        )
        for colour in Colour
    }
    active = (weights.holder if weights else None) or records.last_active
    return Report(active, weights, test_weights, sides, records, differences(listeners, records, active))


def differences(listeners: Listeners, records: Records, active: Colour | None) -> tuple[str, ...]:
    pair = (listeners.production, listeners.test)
    found = [f"the {listener.role} {listener.problem}" for listener in pair if listener.problem]
    found += records.problems
    if listeners.production.weights and not listeners.production.problem:
        found += _record_differences(listeners.production.weights, records)
    test_weights = listeners.test.weights
    if active and test_weights and test_weights != Weights.giving(active.other, FULL):
        found.append(
            f"the test listener has {test_weights}, but {active} is active: only {active.other} belongs there"
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
