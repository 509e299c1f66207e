"""The tutorial's own configuration, brought up beside another deployment and shifted, as the page says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents.blocks import Line, lines
from tests.e2e.documented import as_checkout, run
from tests.workspaces import with_shipped_configuration

pytestmark = [pytest.mark.e2e, pytest.mark.long]

PAGE = [line for line in lines() if line.document == "docs/tutorial.md"]
FIRST, LAST = "cp config/local.toml config/shop.toml", "rm -r config/shop.toml cdktf.out/stacks/shop"


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """Not set up by this test: `make up` was."""
    with as_checkout(with_shipped_configuration(tmp_path)) as workspace:
        yield workspace


def test_a_deployment_of_ones_own(checkout: Path) -> None:
    texts = [line.text for line in PAGE]
    part: list[Line] = PAGE[texts.index(FIRST) : texts.index(LAST) + 1]
    assert any(line.run_by == "tests/e2e/test_tutorial.py" for line in part)
    run(part, checkout)
    assert not (checkout / ".local").exists()
