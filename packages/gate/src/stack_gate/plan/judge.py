"""The rules of the plan guard: one change at a time, what is wrong with it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stack_gate.plan import traffic
from stack_gate.plan.document import Change, is_unknown, without_index
from stack_gate.plan.owners import Owners
from stack_gate.plan.protection import (
    ACTS_ON_EXISTING,
    ANY,
    AVAILABILITY,
    DATABASES,
    DESCRIPTIVE,
    GRANTS,
    STATEFUL,
)
from stack_gate.plan.traffic import Traffic
from stack_gate.report import Severity
from stack_gate.stack import ROUTING

ACTIVE_COLOUR, STATE = "BG_GUARD_ACTIVE_COLOUR", "BG_GUARD_STATEFUL"
WEIGHTS, SHARED = "BG_GUARD_WEIGHTS", "BG_GUARD_SHARED"
LEDGER = "BG_GUARD_LEDGER_WRITER"
POLICIES = (ACTIVE_COLOUR, STATE, WEIGHTS, SHARED, LEDGER)

INACTIVE_FIRST = (
    "make the change on the inactive colour, move the traffic there with the switch, then repeat it here"
)
KEEP_IT = (
    "keep it in the configuration; to retire it, move its data away first, and allow exactly this address"
)
MOVE_LEDGER = "move the ledger to the other colour with `bluegreen ledger move`, then plan again"
RECORD = (
    "see `bluegreen ledger status`: `bluegreen ledger move` to the colour that it names finishes a move and "
    "records the writer. Then plan again"
)
SWITCH_MOVES = "leave the traffic to `bluegreen shift` and `bluegreen switch`, and weights in ignore_changes"
IN_STEPS = "add the new one beside it, move both colours over one by one, then remove this one"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a change is refused."""

    policy: str
    severity: Severity
    message: str
    fix: str


@dataclass(frozen=True)
class Judge:
    """`live`: colour → weight, of the colours to be left alone; `existing`: blocks that are there; `writers`:
    colours whose database may be the ledger's writer.
    """

    traffic: Traffic
    owners: Owners
    live: Mapping[str, int]
    existing: frozenset[str]
    writers: frozenset[str] = frozenset()

    def objections(self, change: Change) -> list[Objection]:
        """Empty where the change may be made."""
        if change.idle:
            return []
        return [
            *self._weights(change),
            *self._stateful(change),
            *self._active(change),
            *self._shared(change),
            *self._writer(change),
        ]

    def _weights(self, change: Change) -> Iterator[Objection]:
        argument = ROUTING.get(change.type)
        if argument is None or not (change.address in self.traffic.weighted or self._on_weighted(change)):
            return
        if change.actions == ("create",):
            what = "a new rule on a weighted listener takes traffic past the weights"
        elif change.destroys or change.forgets:
            what = f"{_doing(change)} it takes its traffic away from both colours"
        elif not {argument, "condition", "priority", "listener_arn"} & change.changed:
            return
        else:
            after = "unknown before the apply"
            if not is_unknown(change.unknown.get(argument)):
                after = self._named(traffic.forwarded(change.after.get(argument))) or "no target group"
            before = self._named(traffic.forwarded(change.before.get(argument)))
            what = f"an apply would route its traffic anew: from {before or 'no target group'} to {after}"
        yield Objection(WEIGHTS, Severity.CRITICAL, what, SWITCH_MOVES)

    def _on_weighted(self, change: Change) -> bool:
        """A rule of a listener that divides traffic; also where only the configuration knows which."""
        if not change.type.endswith("_rule"):
            return False
        blocks = {without_index(other) for other in self.traffic.weighted}
        named = {change.before.get("listener_arn"), change.after.get("listener_arn")}
        return bool(
            named & self.traffic.listeners or self.owners.references.get(change.block, frozenset()) & blocks
        )

    def _named(self, weights: Mapping[str, int]) -> str:
        colours = {arn: colour for colour, arn in self.traffic.groups.items()}
        return ", ".join(f"{colours.get(arn, arn)} {weight}" for arn, weight in weights.items())

    def _stateful(self, change: Change) -> Iterator[Objection]:
        if change.type in STATEFUL and (change.destroys or change.forgets):
            what = f"{_doing(change)} it loses what can't be made again"
            if not change.destroys:
                what = "forgetting it leaves data that can't be restored outside Terraform"
            yield Objection(STATE, Severity.CRITICAL, what, KEEP_IT)

    def _active(self, change: Change) -> Iterator[Objection]:
        colours = self.owners.of(change)
        live = sorted(colours & self.live.keys())
        if not live or self._only_describes(change) or not (change.exists or self._acts(change)):
            return
        share = " and ".join(f"{colour}, which has weight {self.live[colour]}" for colour in live)
        whose = f"it belongs to {share}" if len(colours) == 1 else f"it may belong to {share}: nothing tells"
        what = f"{whose}; the plan {_deed(change)}"
        yield Objection(ACTIVE_COLOUR, Severity.CRITICAL, what, INACTIVE_FIRST)

    def _writer(self, change: Change) -> Iterator[Objection]:
        """Of a colour with traffic, `_active` says it."""
        if change.type not in DATABASES or not change.exists or self._only_describes(change):
            return
        taking = sorted(self.owners.of(change) & self.writers - self.live.keys())
        if not taking:
            return
        if len(self.writers) == 1:
            what, fix = f"it is part of {taking[0]}'s database, which takes all payments", MOVE_LEDGER
        else:
            what, fix = (
                "it is part of a database that may be taking all payments: no writer is recorded",
                RECORD,
            )
        yield Objection(LEDGER, Severity.CRITICAL, f"{what}; the plan {_deed(change)}", fix)

    def _only_describes(self, change: Change) -> bool:
        """They interrupt no traffic; but the tags that tell the colours apart decide about the next plan."""
        same = self.owners.told_by(change.before) == self.owners.told_by(change.after)
        return change.actions == ("update",) and change.changed <= DESCRIPTIVE and same

    def _shared(self, change: Change) -> Iterator[Objection]:
        if self.owners.of(change):
            return
        if change.destroys or change.forgets:
            what = f"both colours may depend on it, no colour alone owns it; the plan {_deed(change)}"
        elif change.actions == ("update",) and (taken := _interrupting(change)):
            what = f"both colours may depend on it, and changing {', '.join(taken)} can interrupt them"
        elif change.actions == ("create",) and self._acts(change):
            what = "it is new, but acts on what both colours use: it can divert or block their traffic"
        else:
            return
        yield Objection(SHARED, Severity.HIGH, what, IN_STEPS)

    def _acts(self, change: Change) -> bool:
        used = self.owners.references.get(change.block, frozenset()) & self.existing
        return change.type in ACTS_ON_EXISTING and bool(used)


def _interrupting(change: Change) -> list[str]:
    watched = AVAILABILITY.get(change.type, frozenset())
    changed = change.changed - DESCRIPTIVE
    found = changed if ANY in watched else changed & watched
    return sorted(name for name in found if not _only_grants(change, name))


def _only_grants(change: Change, name: str) -> bool:
    """Whether a policy document keeps every statement and gets none that denies."""
    if (change.type, name) not in GRANTS or is_unknown(change.unknown.get(name)):
        return False
    before, after = _statements(change.before.get(name)), _statements(change.after.get(name))
    new = [statement for statement in after if statement not in before]
    return all(old in after for old in before) and all(item.get("Effect") == "Allow" for item in new)


def _statements(text: Any) -> list[dict[str, Any]]:
    """Raises nothing: a document that can't be read is one statement that nothing else equals."""
    try:
        statements = json.loads(text)["Statement"]
    except (TypeError, ValueError, KeyError):
        return [{"unreadable": text}]
    found = statements if isinstance(statements, list) else [statements]
    return [item if isinstance(item, dict) else {"unreadable": item} for item in found]


def _doing(change: Change) -> str:
    if change.forgets:
        return "forgetting"
    return "destroying" if change.actions == ("delete",) else "replacing"


def _deed(change: Change) -> str:
    """Names of arguments only: values may be secret."""
    if change.actions == ("create",):
        return "creates it, and it acts on what is there"
    if change.actions == ("update",):
        return f"changes its {', '.join(sorted(change.changed))}"
    return {"forgetting": "forgets it", "destroying": "destroys it", "replacing": "replaces it"}[
        _doing(change)
    ]
