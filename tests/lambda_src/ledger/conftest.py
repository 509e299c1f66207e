"""Two database servers for all tests of a worker; a ledger on them for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bluegreen.operate.databases import pair, programs
from bluegreen.operate.databases.server import Server
from tests.lambda_src.ledger import aurora
from tests.lambda_src.ledger.ledgers import Ledger
from tests.prerequisites import leave_out

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In CI tests on the servers fail without a server."""
    if not programs.find():
        leave_out(config, items, below=HERE, fixture="servers", lack=programs.LACK, fix=programs.FIX)


@pytest.fixture(scope="session")
def servers(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Two servers, configured as the parameter group does, without a ledger."""
    aurora.choose()
    with pair.running(tmp_path_factory.mktemp("pair"), aurora.kind()) as servers:
        yield servers


@pytest.fixture
def bare(servers: dict[str, Server]) -> Ledger:
    """As new: nothing is set up."""
    ledger = Ledger.on(servers)
    ledger.wipe()
    return ledger


@pytest.fixture
def ledger(bare: Ledger) -> Ledger:
    """Set up, blue open."""
    bare.set_up()
    return bare
