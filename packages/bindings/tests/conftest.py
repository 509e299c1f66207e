"""What the tests of the bindings share."""

from pathlib import Path

import pytest

from packages.bindings.tests.checkouts import REPOSITORY, Checkout
from packages.bindings.tests.small_provider import provider_files, write_provider


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout whose modules import `vpc`, with a small provider installed."""
    site = tmp_path / "site"
    write_provider(site, provider_files())
    return _importing_vpc(tmp_path, site)


@pytest.fixture
def real_checkout(tmp_path: Path) -> Checkout:
    """The same with the real provider, and jsii."""
    return _importing_vpc(tmp_path, REPOSITORY)


def _importing_vpc(directory: Path, site: Path) -> Checkout:
    cwd = directory / "elsewhere"
    cwd.mkdir()
    root = directory / "checkout"
    root.mkdir()
    made = Checkout(root, cwd, site)
    made.imports("from cdktf_cdktf_provider_aws.vpc import Vpc")
    return made
