"""The flowchart: well-formed, with every box and edge."""

import re
from collections.abc import Mapping

import pytest

from bluegreen.diagram.mermaid import mermaid
from bluegreen.diagram.model import Topology
from tests.bluegreen.diagram import additions
from tests.bluegreen.diagram.conftest import Document, Draw
from tests.workspaces import DEPLOYMENTS

NODE = re.compile(r'(n\d+|further)(\["[^"]*"\]|\[\("[^"]*"\)\]):::(blue|green|shared)')
FRAME = re.compile(r'subgraph (\w+)\["[^"]*"\]')
EDGE = re.compile(r'(n\d+) (==>|-\.->|-->)(\|"[^"]*"\|)? (n\d+)')
OTHER = re.compile(r"end|classDef \w+ [\w#:,]+|acc(Title|Descr): .+")


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_every_box_and_edge_is_in_it(deployment: str, topologies: Mapping[str, Topology]) -> None:
    assert_complete(topologies[deployment])


def test_names_can_not_break_it(document: Document, topology_of: Draw) -> None:
    for index, table in enumerate(document["resource"]["aws_dynamodb_table"].values()):
        table["name"] = f'payments-local-"quoted"-{index}'
    assert_complete(topology_of(additions.everything(document)))


def assert_complete(topology: Topology) -> None:
    head, *lines = [line.strip() for line in mermaid(topology).splitlines()]
    assert head == "flowchart TB"
    kinds = [[pattern.fullmatch(line) for pattern in (NODE, FRAME, EDGE, OTHER)] for line in lines]
    assert [line for line, found in zip(lines, kinds, strict=True) if not any(found)] == []
    opened = sum(1 for found in kinds if found[1])
    assert opened == lines.count("end")

    drawn = {found[0][1] for found in kinds if found[0]} | {found[1][1] for found in kinds if found[1]}
    assert {f"n{index}" for index in range(len(topology.nodes))} <= drawn
    assert len([found for found in kinds if found[2]]) == len(topology.edges)
