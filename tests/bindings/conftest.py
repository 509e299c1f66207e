"""What the tests of the bindings share."""

from pathlib import Path

import pytest

from tests.bindings.checkouts import Checkout, copy_of_bindings
from tests.bindings.small_provider import provider_files, write_provider


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout whose modules import `vpc`, with a small provider installed."""
    cwd, site = tmp_path / "elsewhere", tmp_path / "site"
    cwd.mkdir()
    write_provider(site, provider_files())
    made = Checkout(copy_of_bindings(tmp_path / "checkout"), cwd, site)
    made.imports("from cdktf_cdktf_provider_aws.vpc import Vpc")
    return made
