"""What the gate's graph is for the pack alone: the blocks, without Checkov's own, which no policy reads.

Building that graph is most of what a scan takes, and there are thousands.
"""

from collections.abc import Iterable
from typing import Any

from rustworkx import PyDiGraph
from stack_gate.blocks import Block
from stack_gate.graph import StackGraph
from stack_gate.report import Problem
from stack_gate.stack import Stack

_REGISTERED = ("data", "module", "provider", "resource")


def _conf(block: Block) -> dict[str, Any]:
    """As Checkov's registries want it: the block's body within its labels."""
    conf: dict[str, Any] = {"__address__": ".".join(block.labels)}
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
