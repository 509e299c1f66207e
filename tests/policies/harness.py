"""Puts defects into the real synthesized stack and asks the pack, through the gate, what it finds new.

A mutant is a function that changes the document of the stack in place. The harness runs it in two forms: as
it is; and with every resource renamed, their order reversed, and what it changed hidden behind locals that
refer to variables. Only the pack is run, in this process.
"""

import gc
import json
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack_gate import engine, pack, registries, summary, ungraphed
from stack_gate.discovery import Stack
from stack_gate.engine import Build
from stack_gate.isolation import isolated
from stack_gate.report import Report

from packages.gate.tests.builder import TODAY
from tests.copies import copied
from tests.workspaces import ROOT

Document = dict[str, Any]
Mutation = Callable[[Document], object]
Pair = tuple[str, str]  # policy, and address of the resource or the name of the stack

STACK = "local"  # the resource of findings about the whole stack
POLICIES = ROOT / "policies"


@dataclass(frozen=True)
class Mutant:
    """A defect, and exactly what has to be found because of it, given the mutated document."""

    name: str
    mutate: Mutation
    found: Callable[[Document], set[Pair]]


@contextmanager
def only_the_pack() -> Iterator[None]:
    """The gate with the checks of `policies/` and no others."""
    with isolated(), pack.loaded(POLICIES) as problems:
        assert problems == []
        registries.drop_built_in()
        gc.collect()  # what is garbage by now would stay for ever
        gc.freeze()  # Checkov's thousands of modules: looking for garbage in them takes longer than a scan
        yield


def evaluate(document: Document, directory: Path, build: Build = ungraphed.build) -> Report:
    """What the pack says about a stack; call it inside `only_the_pack`."""
    path = directory / "cdk.tf.json"
    path.write_text(json.dumps(document))
    gc.disable()  # a scan makes a hundred thousand objects: they are looked through once, after it
    try:
        return summary.report([engine.evaluate(Stack(STACK, (path,)), build=build)], [], TODAY, 0)
    finally:
        gc.enable()


def pairs(report: Report) -> set[Pair]:
    """(policy, resource) of what the pack found, waived or not."""
    everything = [*report.findings, *(item.finding for item in report.waived)]
    return {(f.policy, f.resource) for f in everything if not f.policy.startswith("BG_WAIVER")}


# The forms


@dataclass(frozen=True)
class Form:
    """A way to write a stack. `write(original, mutated)`: its document; `address`: as one is called there."""

    name: str
    write: Callable[[Document, Document], Document]
    address: Callable[[str], str]


def _plain(_original: Document, mutated: Document) -> Document:
    return mutated


def _disguised(original: Document, mutated: Document) -> Document:
    paths = list(_changed(original["resource"], mutated["resource"]))
    return _reversed(_renamed(_hidden(mutated, paths)))


def _rename(text: str) -> str:
    """Every `type.name` in the text with the new name."""
    return re.sub(
        r"\b((?:aws|random)_\w+)\.([A-Za-z_][\w-]*)", lambda match: f"{match[1]}.{new_name(match[2])}", text
    )


def new_name(name: str) -> str:
    """Says nothing, and is the same whatever else is in the stack."""
    return f"Thing-{zlib.crc32(name.encode())}"


FORMS = (Form("plain", _plain, str), Form("renamed, behind references", _disguised, _rename))


def _renamed(document: Document) -> Document:
    found: Document = json.loads(_rename(json.dumps(document)))
    for kind in ("resource", "data"):
        for type_, bodies in found.get(kind, {}).items():
            renamed = {new_name(name): body for name, body in bodies.items()}
            assert len(renamed) == len(bodies)
            found[kind][type_] = renamed
    return found


def _reversed(document: Document) -> Document:
    """The second resource of a type becomes the last but one, and so on."""
    resources = document["resource"].items()
    turned = {type_: dict(reversed(bodies.items())) for type_, bodies in reversed(resources)}
    return document | {"resource": turned}


def _changed(before: Any, after: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of arguments of resources whose value is another one now, or new."""
    if before == after:
        return
    if isinstance(after, dict) and (isinstance(before, dict) or len(path) <= 2):
        for key, value in after.items():
            if key not in ("//", "lifecycle", "depends_on", "count", "provider"):
                yield from _changed((before or {}).get(key), value, (*path, key))
    elif isinstance(after, list) and isinstance(before, list) and len(before) == len(after):
        for index, value in enumerate(after):
            yield from _changed(before[index], value, (*path, index))
    elif not isinstance(after, dict) and not _has_objects(after) and len(path) > 2:
        yield path


def _has_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _hidden(document: Document, paths: list[tuple[Any, ...]]) -> Document:
    """Each value becomes a variable's default; a local refers to that, and the argument to the local."""
    found = copied(document)
    for number, (*parents, last) in enumerate(paths):
        body = found["resource"]
        for key in parents:
            body = body[key]
        name = f"hidden_{number}"
        found.setdefault("variable", {})[name] = {"default": body[last]}
        found.setdefault("locals", {})[name] = f"${{var.{name}}}"
        body[last] = f"${{local.{name}}}"
    return found


# What mutants are written with


def without_the_boundary_of_the_account(document: Document) -> Document:
    """The stack waives one finding of the pack: it does not hold the boundary of the switch's role.

    Without boundary and waiver the pack finds nothing, so each finding in a mutant is the mutant's.
    """
    found = copied(document)
    for role in found["resource"]["aws_iam_role"].values():
        role.pop("permissions_boundary")
    del body(found, "aws_iam_role", "switching_switch")["//"]["checkov"]
    return found


def names(document: Document, type_: str) -> list[str]:
    """Names of the resources of a type, sorted."""
    return sorted(document["resource"].get(type_, {}))


def name_like(document: Document, type_: str, part: str) -> str:
    """The name of the only resource of a type that contains `part`."""
    (name,) = (name for name in names(document, type_) if part in name)
    return name


def body(document: Document, type_: str, part: str = "") -> dict[str, Any]:
    """The only resource of a type whose name contains `part`."""
    found: dict[str, Any] = document["resource"][type_][name_like(document, type_, part)]
    return found


def change(type_: str, part: str = "", /, **arguments: Any) -> Mutation:
    """Sets arguments of a resource; None takes one out. `a__b` is the argument b of the block a."""

    def mutate(document: Document) -> None:
        for path, value in arguments.items():
            *parents, last = path.split("__")
            inner: Any = body(document, type_, part)
            for key in parents:
                inner = inner[key]
                inner = inner[0] if isinstance(inner, list) else inner
            if value is None:
                del inner[last]
            else:
                inner[last] = value

    return mutate


def remove(type_: str, part: str = "") -> Mutation:
    """Takes every resource of a type out whose name contains `part`."""

    def mutate(document: Document) -> None:
        for name in [name for name in names(document, type_) if part in name]:
            del document["resource"][type_][name]

    return mutate


def both(*mutations: Mutation) -> Mutation:
    """One after the other."""

    def mutate(document: Document) -> None:
        for mutation in mutations:
            mutation(document)

    return mutate


def on(policy: str, type_: str = "", part: str = "") -> Callable[[Document], set[Pair]]:
    """Expected: the policy, on each resource of the type whose name has `part` in it; else on the stack."""

    def found(document: Document) -> set[Pair]:
        if not type_:
            return {(policy, STACK)}
        hits = {(policy, f"{type_}.{name}") for name in names(document, type_) if part in name}
        assert hits, f"{type_} *{part}* is not in the mutated stack"
        return hits

    return found


def output(name: str) -> Callable[[Document], set[Pair]]:
    """Expected: an output tells of a resource that is gone."""
    return lambda _: {("CKV2_BG_35", f"output.{name}")}


def also(*expected: Callable[[Document], set[Pair]]) -> Callable[[Document], set[Pair]]:
    """Expected: all of them."""
    return lambda document: set().union(*(one(document) for one in expected))
