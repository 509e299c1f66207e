"""Where no database server is installed, one line says what did not run."""

from pathlib import Path

import pytest

from bluegreen.operate.databases import programs
from tests.prerequisites import leave_out


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In CI, tests fail then."""
    if not programs.find():
        below = Path(__file__).parent
        leave_out(config, items, below=below, fixture="server", lack=programs.LACK, fix=programs.FIX)
