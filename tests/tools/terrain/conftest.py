"""What the shipped configuration becomes with CDK Terrain."""

from pathlib import Path

import pytest
from trimmed_bindings import TERRAIN

from tests.workspaces import made_once, with_shipped_configuration
from tools.terrain.synthesis import synthesize


@pytest.fixture(scope="session")
def terrain(shared: Path, _integration: None) -> Path:
    """The output of CDK Terrain, as `workspace` has that of CDKTF. Don't write into it."""

    def make(directory: Path) -> None:
        said = synthesize(TERRAIN, with_shipped_configuration(directory), directory / "cdktf.out")
        remarks = [line.startswith("config/") for line in said.splitlines()]
        assert all(remarks), "the trimmed bindings were not used"

    return made_once(shared / "terrain", make) / "cdktf.out"
