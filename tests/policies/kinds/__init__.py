"""Defects by kind, each thing that a kind names in three forms: one file a kind, each with its CASES.

A case is right when the scan has a finding on the named resource, or could not evaluate it: which policy says
so does not matter here. Each is run plainly, and renamed behind locals and variables.
"""

import importlib
import json
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.policies.harness import Document, name_like

OWN = "123456789012"  # the account of the provider


@dataclass(frozen=True)
class Case:
    """`place`: changes the document, and gives the addresses of which one has to be named."""

    name: str
    place: Callable[[Document], tuple[str, ...]]


def everything() -> list[Case]:
    """The cases of all kinds."""
    kinds = (
        importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)
    )
    return [
        Case(f"{kind.__name__.rpartition('.')[2]}: {case.name}", case.place)
        for kind in kinds
        for case in kind.CASES
    ]


# What cases are written with


def reference(document: Document, type_: str, part: str, attribute: str) -> str:
    return f"${{{type_}.{name_like(document, type_, part)}.{attribute}}}"


Value = Any | Callable[[Document], Any]


def _of(value: Value, document: Document) -> Any:
    if isinstance(value, dict):
        return {key: _of(item, document) for key, item in value.items()}
    if isinstance(value, list):
        return [_of(item, document) for item in value]
    return value(document) if callable(value) else value


def ref(type_: str, part: str = "", attribute: str = "arn") -> Callable[[Document], str]:
    return lambda document: reference(document, type_, part, attribute)


def new(type_: str, label: str, /, **arguments: Value) -> Callable[[Document], tuple[str, ...]]:
    """A resource of its own; the finding belongs on it."""

    def place(document: Document) -> tuple[str, ...]:
        document["resource"].setdefault(type_, {})[label] = _of(arguments, document)
        return (f"{type_}.{label}",)

    return place


def with_(type_: str, part: str = "", /, **arguments: Value) -> Callable[[Document], tuple[str, ...]]:
    """Arguments of a resource of the stack; None takes one out, `a__b` is b of the block a."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, type_, part)
        for path, value in arguments.items():
            *parents, last = path.split("__")
            inner: Any = document["resource"][type_][name]
            for key in parents:
                inner = inner.setdefault(key, {})
                inner = inner[0] if isinstance(inner, list) else inner
            if value is None:
                inner.pop(last, None)
            else:
                inner[last] = _of(value, document)
        return (f"{type_}.{name}",)

    return place


def data(type_: str, label: str, user: Callable[[Document], tuple[str, ...]], /, **arguments: Value) -> Any:
    """A data source, and what uses it: one of both is named."""

    def place(document: Document) -> tuple[str, ...]:
        document.setdefault("data", {}).setdefault(type_, {})[label] = _of(arguments, document)
        return (*user(document), f"data.{type_}.{label}")

    return place


def several(*places: Callable[[Document], tuple[str, ...]], at: int = 0) -> Any:
    """All of them; the finding belongs where the one at `at` says."""

    def place(document: Document) -> tuple[str, ...]:
        return [one(document) for one in places][at]

    return place


def statements(*found: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(found)})


def allow(action: Any, principal: Any = None, resource: Any = "*", **more: Any) -> dict[str, Any]:
    found = {"Effect": "Allow", "Action": action, "Resource": resource}
    return found | ({"Principal": principal} if principal is not None else {}) | more


def added(
    type_: str, part: str, argument: str, *extra: Mapping[str, Any]
) -> Callable[[Document], tuple[str, ...]]:
    """Statements added to a document of the stack."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, type_, part)
        found = document["resource"][type_][name]
        content = json.loads(found[argument])
        content["Statement"] += _of(list(extra), document)
        found[argument] = json.dumps(content)
        return (f"{type_}.{name}",)

    return place
