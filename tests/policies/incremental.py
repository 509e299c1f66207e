"""Graphs of stacks that are nearly alike: what a change can't have touched is taken from the first one's.

Building the graph is most of what a mutant takes, and a mutant changes a block or two. What Checkov makes of
an argument follows from what is written there, and from those arguments of other blocks that it refers to.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from rustworkx import PyDiGraph
from stack_gate import graph
from stack_gate.blocks import Block
from stack_gate.graph import StackGraph
from stack_gate.report import Problem

from policies._values import strings

Key = tuple[str, str]  # kind and name of a block
Body = dict[str, Any]
Argument = tuple[Key, str]

_REFERENCE = re.compile(r"((?:data\.)?\b[a-z]\w*)\.([A-Za-z_][\w-]*)([\w.\[\]\"*-]*)")
_NAME = re.compile(r"[\w-]+")
_WITHOUT_NAME = ("locals", "terraform")  # Checkov makes several of one
_FOR_ALL = frozenset({"provider", "terraform", "module"})  # everything may depend on them
_build = graph.build  # the real one, whatever is in its place later


class Builder:
    """`build` does what stack_gate.graph.build does, for stacks like the first one that it is given."""

    def __init__(self) -> None:
        self._bodies: dict[Key, Body] = {}
        self._uses: dict[Key, dict[str, set[Argument]]] = {}
        self._nodes: dict[Key, list[Any]] = {}
        self._configs: dict[tuple[str, str], Body] = {}

    def build(self, blocks: Iterable[Block]) -> tuple[StackGraph, list[Problem]]:
        """The graph of `blocks`; its nodes have no edges, which no check of the pack follows."""
        now = {(block.kind, block.name): block for block in blocks}
        bodies = {key: block.body for key, block in now.items()}
        changed = {key for key in {*bodies, *self._bodies} if bodies.get(key) != self._bodies.get(key)}
        uses = self._uses | {key: _uses(bodies[key]) for key in changed if key in bodies}
        if any(kind in _FOR_ALL for kind, _ in changed):
            stale = needed = set(bodies)
        else:
            stale = {key for key, _ in _closure(self._different(bodies), _users(uses))} & bodies.keys()
            needed = stale | {key for key, _ in _closure(_arguments(stale, bodies), _used(uses, bodies))}
        fresh, problems = _build(block for key, block in now.items() if key in needed)
        nodes = self._nodes | {key: found for key, found in _nodes(fresh).items() if key in stale}
        configs = self._configs | {key: conf for key, conf in fresh.configs.items() if key in stale}
        if not self._bodies:
            self._bodies, self._uses, self._nodes, self._configs = bodies, uses, nodes, configs
        merged = PyDiGraph()
        merged.add_nodes_from([node for key in now for node in nodes.get(key, [])])
        known = {key: block for key, block in now.items() if key[0] not in _WITHOUT_NAME}
        return StackGraph(merged, {key: configs[key] for key in known if key in configs}, known), problems

    def _different(self, bodies: Mapping[Key, Body]) -> set[Argument]:
        """Arguments that are there now, or were, and are not the same."""
        pairs = {key: (bodies.get(key, {}), self._bodies.get(key, {})) for key in {*bodies, *self._bodies}}
        return {
            (key, name)
            for key, (now, before) in pairs.items()
            if now != before
            for name in {*now, *before}
            if now.get(name) != before.get(name)
        }


def _nodes(stack: StackGraph) -> dict[Key, list[Any]]:
    found = defaultdict(list)
    for node in stack.graph.nodes():
        kind, name = node[1]["block_type_"], node[1]["block_name_"]
        found[kind, "" if kind in _WITHOUT_NAME else name].append(node)
    return found


def _uses(body: Body) -> dict[str, set[Argument]]:
    """What each argument may refer to. Every part of a path counts as an argument's name: to Checkov, too."""
    return {name: set(_referred("\n".join(strings(value)))) for name, value in body.items()}


def _referred(text: str) -> Iterable[Argument]:
    for type_, name, path in _REFERENCE.findall(text):
        data, _, bare = type_.rpartition(".")
        kinds = {"var": ("variable", name), "local": ("locals", "")}
        key = kinds.get(type_) or ("data" if data else "resource", f"{bare}.{name}")
        parts = {"variable": ["default"], "locals": [name]}.get(key[0]) or _NAME.findall(path)
        yield from ((key, part) for part in parts)


def _arguments(keys: Iterable[Key], bodies: Mapping[Key, Body]) -> set[Argument]:
    return {(key, name) for key in keys for name in bodies[key]}


def _users(uses: Mapping[Key, Mapping[str, set[Argument]]]) -> dict[Argument, set[Argument]]:
    found = defaultdict(set)
    for key, arguments in uses.items():
        for name, used in arguments.items():
            for other in used:
                found[other].add((key, name))
    return found


def _used(
    uses: Mapping[Key, Mapping[str, set[Argument]]], bodies: Mapping[Key, Body]
) -> dict[Argument, set[Argument]]:
    return {
        (key, name): {(other, part) for other, part in used if part in bodies.get(other, ())}
        for key, arguments in uses.items()
        for name, used in arguments.items()
    }


def _closure(start: Iterable[Argument], edges: Mapping[Argument, set[Argument]]) -> set[Argument]:
    """`start` and all that can be reached from it."""
    found: set[Argument] = set()
    waiting = list(start)
    while waiting:  # each at most once
        if (argument := waiting.pop()) not in found:
            found.add(argument)
            waiting += edges.get(argument, ())
    return found
