"""Stacks to draw: those that are shipped, those of others, and what they become when something is added."""

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bluegreen.diagram.model import Topology
from bluegreen.diagram.topology import read
from tests.workspaces import stack_directory, stack_of

Document = dict[str, Any]
Draw = Callable[[Document], Topology]


@pytest.fixture(scope="session")
def topologies(workspace: Path) -> Mapping[str, Topology]:
    """The topology of each shipped deployment."""
    return {name: read(stack_directory(workspace, name)) for name in ("local", "production", "staging")}


@pytest.fixture
def local(topologies: Mapping[str, Topology]) -> Topology:
    return topologies["local"]


@pytest.fixture
def document(workspace: Path) -> Document:
    """The JSON of `local`, to be changed."""
    return copy.deepcopy(stack_of(workspace, "local"))


@pytest.fixture
def topology_of(tmp_path: Path) -> Draw:
    """Writes a document where a stack would be, and reads it."""

    def draw(document: Document) -> Topology:
        directory = tmp_path / "changed"
        directory.mkdir(exist_ok=True)
        (directory / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")
        return read(directory)

    return draw
