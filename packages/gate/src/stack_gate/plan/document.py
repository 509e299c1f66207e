"""Reads a plan as `terraform show -json` writes it, and refuses what is no whole plan.

Source: Terraform documentation, "JSON Output Format", plan representation, format version 1.x.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack_gate.report import Problem

PLAN_AGAIN = "plan again, without -target, and give what `terraform show -json PLANFILE` writes"
KNOWN_ACTIONS = frozenset(
    {
        ("no-op",),
        ("create",),
        ("read",),
        ("update",),
        ("delete", "create"),
        ("create", "delete"),
        ("delete",),
        ("forget",),
        ("create", "forget"),
    }
)
_INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


class PlanError(Exception):
    """It is not a plan that can be judged. The message says why, `fix` what to give instead."""

    def __init__(self, message: str, fix: str = PLAN_AGAIN) -> None:
        super().__init__(message)
        self.fix = fix


def without_index(address: str) -> str:
    """The block of the configuration that an instance comes from: `a.b["x"]` comes from `a.b`."""
    return _INDEX.sub("", address)


@dataclass(frozen=True)
class Change:
    """What the plan does to one managed resource. `before`, `after`: its arguments and attributes, empty
    where it is not there; `unknown`: of `after`, what only the apply will tell.
    """

    address: str
    type: str
    actions: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    unknown: Mapping[str, Any]

    @property
    def block(self) -> str:
        return without_index(self.address)

    @property
    def exists(self) -> bool:
        """Whether there is something that the change could hurt."""
        return self.actions not in {("create",), ("read",)}

    @property
    def idle(self) -> bool:
        return self.actions in {("no-op",), ("read",)}

    @property
    def destroys(self) -> bool:
        """A replacement destroys, too."""
        return "delete" in self.actions

    @property
    def remains(self) -> bool:
        """Whether it is there afterwards. Not told by `after`, which is empty where all of it is unknown."""
        return self.actions not in {("delete",), ("forget",)}

    @property
    def forgets(self) -> bool:
        return "forget" in self.actions

    @property
    def changed(self) -> frozenset[str]:
        """Top-level arguments and attributes with another value afterwards, or an unknown one."""
        names = {*self.before, *self.after}
        differ = {name for name in names if self.before.get(name) != self.after.get(name)}
        return frozenset(differ | {name for name, value in self.unknown.items() if is_unknown(value)})


@dataclass(frozen=True)
class Plan:
    """A plan that Terraform completed; `document` as Terraform wrote it."""

    path: Path
    document: Mapping[str, Any]
    changes: tuple[Change, ...]

    @property
    def configuration(self) -> Mapping[str, Any]:
        """The root module."""
        root: Mapping[str, Any] = self.document["configuration"]["root_module"]
        return root

    @property
    def prior(self) -> dict[str, Mapping[str, Any]]:
        """Every resource, managed or data, that there is before the apply, by address."""
        values = (self.document.get("prior_state") or {}).get("values") or {}
        return dict(resources(values.get("root_module", {})))


def is_unknown(value: Any) -> bool:
    """Whether an `after_unknown` marks anything in it as unknown."""
    if isinstance(value, dict | list):
        return any(is_unknown(item) for item in (value.values() if isinstance(value, dict) else value))
    return value is True


def resources(module: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Address and resource of a values representation, child modules included."""
    for resource in module.get("resources", ()):
        yield resource["address"], resource
    for child in module.get("child_modules", ()):
        yield from resources(child)


def problem(path: Path, error: PlanError) -> Problem:
    """The error as a report holds it."""
    return Problem(f"{path} {error}", error.fix, path.as_posix())


def read(path: Path) -> Plan:
    """The plan in `path`. Raises PlanError."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise PlanError(f"can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise PlanError(f"is not JSON: {error}") from error
    _check(document)
    try:
        changes = tuple(_changes(document))
        return Plan(path, document, changes)
    except (KeyError, TypeError, AttributeError) as error:
        raise PlanError(f"is no plan of Terraform: {type(error).__name__}: {error}") from error


def _check(document: Any) -> None:
    if not isinstance(document, dict):
        raise PlanError("is not a JSON object")
    version = document.get("format_version")
    if not isinstance(version, str) or not version.startswith("1."):
        raise PlanError(f"has the format version {version!r}; this gate knows 1.x")
    configuration = document.get("configuration")
    if not isinstance(configuration, dict) or not isinstance(configuration.get("root_module"), dict):
        raise PlanError("has no configuration in it: it is a state, or no plan of Terraform")
    if document.get("errored") is not False:
        raise PlanError("is of a planning that failed: it lacks changes", "fix what `terraform plan` says")
    if document.get("complete") is not True:
        raise PlanError("is not complete (-target, or deferred): further changes would follow it")
    for name in ("deferred_changes", "action_invocations"):
        if document.get(name):
            raise PlanError(f"has {name}, whose effect can't be read from it")


def _changes(document: Mapping[str, Any]) -> Iterator[Change]:
    for entry in document.get("resource_changes", ()):
        change = entry["change"]
        actions = tuple(change["actions"])
        if actions not in KNOWN_ACTIONS:
            raise PlanError(f"does {list(actions)} to {entry['address']}, which this gate does not know")
        if entry["mode"] == "managed":
            unknown = change.get("after_unknown") or {}
            yield Change(
                entry["address"],
                entry["type"],
                actions,
                change.get("before") or {},
                change.get("after") or {},
                unknown if isinstance(unknown, dict) else {"*": True},
            )
