"""What the gate's graph is for checks that read the `Stack` beside it: no node, so none has to be made.

Building Checkov's graph is most of what a scan takes. A check that needs none of it says
`reads_stack = True`.
"""

from collections.abc import Iterable
from typing import Any

from checkov.terraform_json.parser import hclify
from rustworkx import PyDiGraph

from stack_gate.blocks import Block
from stack_gate.documents import DOCUMENTS, decode
from stack_gate.graph import StackGraph
from stack_gate.report import Problem
from stack_gate.stack import Stack

_REGISTERED = ("data", "module", "provider", "resource")


def _conf(block: Block) -> dict[str, Any]:
    """As Checkov's registries want it, within the block's labels: documents, which the gate reads there."""
    conf: dict[str, Any] = hclify({name: block.body[name] for name in DOCUMENTS & set(block.body)})
    if block.kind == "resource":
        decode(conf, block.labels[0])
    conf["__address__"] = ".".join(block.labels)
    for label in reversed(block.labels):
        conf = {label: conf}
    return conf


def build(blocks: Iterable[Block]) -> tuple[StackGraph, list[Problem]]:
    """As `stack_gate.graph.build`."""
    read = list(blocks)
    graph = PyDiGraph()
    graph.attrs = Stack(read)
    known = {(block.kind, block.name): block for block in read}
    configs = {key: _conf(block) for key, block in known.items() if block.kind in _REGISTERED}
    return StackGraph(graph, configs, known), []
