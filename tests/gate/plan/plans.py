"""Plans of the real platform: a real `terraform plan` of its creation, and what follows from it.

Applying the platform takes minutes. `settled` makes of the plan that creates it the plan after it, with
nothing to do; changes to that are made with `Edit`. One test in tests/e2e compares with really applied ones.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from stack_gate import Report
from stack_gate.plan import Live, guard

from tests.copies import copied

TODAY = date(2026, 11, 23)
Document = dict[str, Any]
_REFERENCE = re.compile(r"\$\{((?:data\.)?[\w-]+\.[\w-]+)\.(\w+)(?:[\[.][^}]*)?\}")


def expected(address: str) -> frozenset[str]:
    """The colours of a resource of the platform, by its construct path. A permission of the ledger's function
    is shared, as the function is, whichever secret it is for.
    """
    if address.startswith("aws_lambda_permission.ledger_"):
        return frozenset()
    return frozenset(re.findall("blue|green", address.partition(".")[2]))


def settled(created: Document) -> Document:
    """The plan after `created` has been applied: everything exists, nothing changes."""
    plan = copied(created)
    plan.pop("relevant_attributes", None)
    planned = {entry["address"]: entry["change"] for entry in plan["resource_changes"]}
    blocks = {block["address"]: block for block in plan["configuration"]["root_module"]["resources"]}

    def given(reference: re.Match[str]) -> str:
        block, attribute = reference[1], reference[2]
        known = (planned.get(block, {}).get("after") or {}).get(attribute)
        return known if isinstance(known, str) else f"{attribute}:of:{block}"

    for address, change in planned.items():
        expressions = blocks[address].get("expressions", {})
        after = {
            name: _given(
                expressions.get(name), change["after"].get(name), unknown, f"{name}:of:{address}", given
            )
            for name, unknown in change["after_unknown"].items()
        }
        change["after"] |= after
        change |= {"actions": ["no-op"], "before": copy.deepcopy(change["after"]), "after_unknown": {}}
    needed = dict(_dependencies(blocks))
    plan["prior_state"]["values"]["root_module"]["resources"] = [
        {key: blocks[address][key] for key in ("address", "mode", "type", "name")}
        | {"values": change["before"], "depends_on": sorted(needed[address])}
        for address, change in planned.items()
    ]
    return plan


def _given(
    expression: Any, value: Any, unknown: Any, made_up: str, given: Callable[[re.Match[str]], str]
) -> Any:
    """`value` without unknowns: what the configuration refers to, or something made up."""
    if unknown is True:
        written = expression.get("constant_value") if isinstance(expression, dict) else None
        return json.loads(_REFERENCE.sub(given, json.dumps(written))) if written is not None else made_up
    if isinstance(unknown, list) and isinstance(value, list):
        parts = [_written(expression, item) for item in value]
        if isinstance(expression, dict) and isinstance(expression.get("constant_value"), list):
            parts = [{"constant_value": item} for item in expression["constant_value"]]
        return [_given(*items, made_up, given) for items in zip(parts, value, unknown, strict=False)]
    if isinstance(unknown, dict) and isinstance(value, dict):
        inner = expression if isinstance(expression, dict) else {}
        if isinstance(inner.get("constant_value"), dict):
            inner = {name: {"constant_value": item} for name, item in inner["constant_value"].items()}
        names = {**value, **unknown}
        return {n: _given(inner.get(n), value.get(n), unknown.get(n), made_up, given) for n in names}
    return value


def _written(expressions: Any, value: Any) -> Any:
    """The expressions of the nested block with this value: the provider orders sets as it likes."""
    for block in expressions if isinstance(expressions, list) and isinstance(value, dict) else ():
        constants = {n: e for n, e in block.items() if isinstance(e, dict) and "references" not in e}
        if all(value.get(n) == e.get("constant_value") for n, e in constants.items()):
            return block
    return expressions


def _dependencies(blocks: dict[str, Document]) -> Iterator[tuple[str, set[str]]]:
    """Transitive, as in a state."""
    direct = {
        address: {match[1] for match in _REFERENCE.finditer(json.dumps(block.get("expressions", {})))}
        | set(block.get("depends_on", ()))
        for address, block in blocks.items()
    }
    for address in direct:
        seen: set[str] = set()
        waiting = [address]
        while waiting:
            new = direct.get(waiting.pop(), set()) - seen
            seen |= new
            waiting += new
        yield address, seen


class Edit:
    """Changes to a copy of a plan."""

    def __init__(self, plan: Document) -> None:
        self.document = copied(plan)

    def named(self, type_: str, *parts: str) -> str:
        """Address of the only resource of that type whose construct path has all these parts."""
        found = [
            entry["address"]
            for entry in self.document["resource_changes"]
            if entry["type"] == type_ and all(part in entry["name"] for part in parts)
        ]
        assert len(found) == 1, f"{type_} {parts}: {found}"
        return str(found[0])

    def entry(self, address: str) -> Document:
        (found,) = (e for e in self.document["resource_changes"] if e["address"] == address)
        return found  # type: ignore[no-any-return]

    def change(self, address: str) -> Document:
        found: Document = self.entry(address)["change"]
        return found

    def update(self, address: str, /, **arguments: Any) -> "Edit":
        change = self.change(address)
        change["actions"] = ["update"]
        change["after"] = copy.deepcopy(change["after"]) | arguments
        return self

    def unknown(self, address: str, **arguments: Any) -> "Edit":
        change = self.change(address)
        change["actions"] = ["update"]
        change["after"] = {name: value for name, value in change["after"].items() if name not in arguments}
        change["after_unknown"] = arguments
        return self

    def recorded(self, record: str | None) -> "Edit":
        """What the parameter of the ledger's writer says; None: it is gone."""
        address = self.named("aws_ssm_parameter", "ledger-writer")
        for state in ("before", "after"):
            self.change(address)[state]["insecure_value"] = record
        return self

    def act(self, address: str, *actions: str) -> "Edit":
        """delete, create+delete, forget, create …: with what Terraform says before and after each."""
        change = self.change(address)
        change["actions"] = list(actions)
        if "create" not in actions:
            change["after"] = None
        if actions == ("create",):
            change["before"] = None
        return self

    def unconfigured(self, address: str) -> "Edit":
        """Takes the block out of the configuration, as for a resource that the code no longer has."""
        root = self.document["configuration"]["root_module"]
        root["resources"] = [block for block in root["resources"] if block["address"] != address]
        return self

    def write(self, directory: Path) -> Path:
        path = directory / "plan.json"
        path.write_text(json.dumps(self.document))
        return path


def judged(path: Path, active: str | None = "blue", **allowances: str) -> Report:
    """What the guard says, with the active colour given."""

    def never() -> Live:
        raise AssertionError("asked who serves")

    return guard(path, active=active, read_live=never, allowances=allowances, today=TODAY)


def refused(report: Report) -> set[tuple[str, str]]:
    """(policy, address) of the findings; there have to be no errors."""
    assert report.errors == ()
    return {(finding.policy, finding.resource) for finding in report.findings}
