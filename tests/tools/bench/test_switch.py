"""The commands whose cold start is measured start."""

import pytest

from tools.bench.switch import OURS, PLAIN, _cold_start

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("code", [OURS, PLAIN])
def test_a_cold_start_ends_well(code: str) -> None:
    assert _cold_start(code, {"AWS_DEFAULT_REGION": "us-east-1"}) > 0
