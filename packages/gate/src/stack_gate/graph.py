"""Checkov's graph of one stack: every block with its references rendered, and how blocks are connected."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from checkov.common.graph.db_connectors.rustworkx.rustworkx_db_connector import RustworkxConnector
from checkov.common.graph.graph_builder.consts import GraphSource
from checkov.terraform.graph_manager import TerraformGraphManager
from checkov.terraform_json.parser import hclify

from stack_gate import documents, ingress, once
from stack_gate.blocks import OUTSIDE_CHECKOV, Block
from stack_gate.document import END, START
from stack_gate.references import expressions
from stack_gate.report import Problem
from stack_gate.stack import Stack

Key = tuple[str, str]  # kind and name of a block, which Checkov's graph knows it by
_UNNAMED = ("locals", "terraform")
_ATTRIBUTE = re.compile(r"(?:\$\{)?\b([a-z]\w*\.[\w-]+)(?:\[[^]]*\])?\.[\w.\[\]]+\}?")
once.install()


@dataclass(frozen=True)
class StackGraph:
    """`graph`: a rustworkx digraph whose nodes are (index, attributes), and whose `attrs` is the
    `Stack` that policies read; `configs`: the blocks, rendered by Checkov.
    """

    graph: Any
    configs: dict[Key, dict[str, Any]]
    blocks: dict[Key, Block]


def build(blocks: Iterable[Block]) -> tuple[StackGraph, list[Problem]]:
    """The graph, and the blocks that did not arrive in it."""
    files: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    known: dict[Key, Block] = {}
    written: dict[Key, dict[str, Any]] = {}
    read = list(blocks)
    places = _in_one_directory(block.file for block in read)
    for block in (found for found in read if found.kind not in OUTSIDE_CHECKOV):
        definitions = _definition(block)
        files[places[block.file]][block.kind].extend(definitions)
        if block.kind not in _UNNAMED:
            known[block.kind, block.name], (written[block.kind, block.name],) = block, definitions
    connector = RustworkxConnector()
    manager = TerraformGraphManager(db_connector=connector, source=GraphSource.TERRAFORM)
    local = manager.build_graph_from_definitions({file: dict(kinds) for file, kinds in files.items()})
    rendered = {(vertex.block_type, vertex.name): vertex.config for vertex in local.vertices}
    configs = {key: _faithful(conf, rendered[key]) for key, conf in written.items() if key in rendered}
    problems = [_lost(block) for key, block in known.items() if key not in rendered]
    found = connector.save_graph(local)
    found.attrs = Stack(read)
    return StackGraph(found, configs, known), problems


def _in_one_directory(files: Iterable[str]) -> dict[str, str]:
    """What Checkov is told of where a file is: it connects blocks of one directory only, and a platform has
    several.
    """
    found: dict[str, str] = {}
    for file in dict.fromkeys(files):
        first = PurePosixPath(next(iter(found), file)).parent
        same = PurePosixPath(file).parent == first
        found[file] = file if same else f"{first}/part-{len(found)}-{PurePosixPath(file).name}"
    return found


def _definition(block: Block) -> list[dict[str, Any]]:
    """The block as Checkov's parser of Terraform JSON would give it, were it to get as far."""
    if block.kind == "terraform":  # the parser breaks on a plain value, as `required_version` is
        settings = ((name, value) for name, value in block.body.items() if name not in (START, END))
        return [{name: hclify(value) if isinstance(value, dict) else [value]} for name, value in settings]
    conf: dict[str, Any] = hclify(block.body)
    if block.kind == "locals":
        return [conf]
    if block.kind == "resource":
        documents.decode(conf, block.labels[0])
        ingress.clarify(conf, block.labels[0])
    if block.kind == "provider":  # the graph leaves out providers without the line numbers of its HCL parser
        conf |= {"__start_line__": conf[START], "__end_line__": conf[END]}
    for label in reversed(block.labels):
        conf = {label: conf}
    return [conf]


def _faithful(written: Any, rendered: Any) -> Any:
    """`rendered`, but each literal as it is written: Checkov evaluates literals too, "a && b" to "b"."""
    if isinstance(written, dict) and isinstance(rendered, dict):
        return rendered | {key: _faithful(value, rendered.get(key, value)) for key, value in written.items()}
    if isinstance(written, list) and isinstance(rendered, list) and len(written) == len(rendered):
        return [_faithful(*pair) for pair in zip(written, rendered, strict=True)]
    return rendered if any(expressions(written)) else written


def _lost(block: Block) -> Problem:
    message = f"{block.address} got lost in Checkov: its checks on connections don't see it"
    fix = "compare it with a block of the same type that does not get lost"
    return Problem(message, fix, block.file, block.line, resource=block.address)


class StandIns:
    """Stands in for values that only an apply will give: identifiers of resources of the same stack.

    Such a value is no default, no literal and not empty, which is all that most checks ask.
    """

    def __init__(self, stack: StackGraph) -> None:
        self._graph = stack.graph
        self._names = {name for kind, name in stack.blocks if kind == "resource"}
        self._texts: dict[str, str] = {}  # a graph has each several times

    def put(self, value: Any) -> Any:
        """`value`, however nested, with a stand-in for every such reference."""
        if isinstance(value, dict):
            return {key: self.put(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.put(item) for item in value]
        if isinstance(value, str) and "." in value:
            if value not in self._texts:
                self._texts[value] = _ATTRIBUTE.sub(self._stand_in, value)
            return self._texts[value]
        return value

    def _stand_in(self, reference: re.Match[str]) -> str:
        return "known-after-apply" if reference[1] in self._names else reference[0]

    @cached_property
    def graph(self) -> Any:
        """The graph with stand-ins, and the same connections."""
        copy = self._graph.copy()
        for node in copy.node_indices():
            index, attributes = copy[node]
            copy[node] = (index, self.put(attributes))
        return copy
