"""What each half-made resource needs, with the command for it."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bluegreen.terraform import Instance, State
from bluegreen.terraform.recovery.clients import ClientFor
from bluegreen.terraform.recovery.conditions import Condition, Kind, condition_of
from bluegreen.terraform.recovery.imports import import_id

PROTECTIONS = (
    *("delete_protection", "deletion_protection", "deletion_protection_enabled"),
    "enable_deletion_protection",
)
BROKEN = "can neither be kept nor replaced: docs/runbook.md, A protected resource that is broken"
IMPORT = "exists in AWS and not in the state: import it, if an apply of this deployment made it"
WORDS = {
    Kind.complete: "exists, complete: keep it",
    Kind.changing: "is still changing: wait, then plan again",
    Kind.broken: BROKEN,
    Kind.missing: "does not exist: have Terraform create it",
    Kind.unknown: "look it up in AWS; if it is complete, keep it",
}


@dataclass(frozen=True)
class Need:
    """`what`: one sentence; `command`: to be typed as it is, None where there is nothing to type now."""

    address: str
    what: str
    command: str | None = None

    def __str__(self) -> str:
        return f"{self.address}: {self.what}" + (f"\n    {self.command}" if self.command else "")


def needs_of_tainted(
    state: State, document: Mapping[str, Any], stack: Path, client_for: ClientFor
) -> tuple[Need, ...]:
    """Of what Terraform marked for replacement but must not destroy. The rest it replaces by itself."""
    found = [x for x in state.tainted if _never_destroyed(x, document)]
    return tuple(
        _need(instance, condition_of(instance.type, instance.attributes, client_for), stack)
        for instance in found
    )


def needs_of_missing(
    addresses: Iterable[str],
    state: State,
    planned: Mapping[str, Mapping[str, Any]],
    stack: Path,
    client_for: ClientFor,
) -> tuple[Need, ...]:
    """Of what an apply was creating and its state doesn't have, where AWS has it. `planned`: values by
    address.
    """
    needs = []
    for address in sorted(set(addresses) - {instance.address for instance in state.instances}):
        values = planned.get(address, {})
        found = import_id(address.partition(".")[0], values, client_for)
        if found is not None:
            command = terraform(stack, "import", address, found)
            needs.append(Need(address, IMPORT, command))
    return tuple(needs)


def values_of(plan: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What a plan, as JSON, would create: planned values by address."""
    created = (found for found in plan.get("resource_changes", ()) if "create" in found["change"]["actions"])
    return {found["address"]: found["change"]["after"] or {} for found in created}


def terraform(stack: Path, *words: str) -> str:
    """A Terraform command for a shell in the checkout."""
    return shlex.join(["terraform", f"-chdir={stack}", *words])


def _never_destroyed(instance: Instance, document: Mapping[str, Any]) -> bool:
    """By `prevent_destroy`, which fails the plan, or by AWS's own protection, which fails the apply."""
    _, name = instance.address.partition("[")[0].rsplit(".", 2)[-2:]
    block = document.get("resource", {}).get(instance.type, {}).get(name, {})
    prevented = block.get("lifecycle", {}).get("prevent_destroy") is True
    return prevented or any(instance.attributes.get(key) is True for key in PROTECTIONS)


def _need(instance: Instance, condition: Condition, stack: Path) -> Need:
    what = f"{WORDS[condition.kind]} (status: {condition.words})"
    match condition.kind:
        case Kind.complete | Kind.unknown:
            return Need(instance.address, what, terraform(stack, "untaint", instance.address))
        case Kind.missing:
            return Need(instance.address, what, terraform(stack, "state", "rm", instance.address))
        case _:
            return Need(instance.address, what)
