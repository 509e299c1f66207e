"""The switch on a busy AWS: requests are throttled, and a listener shows its new weights after a moment."""

from collections.abc import Iterator

import embedded_aws as local_aws
import pytest

from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, LivePlatform

SEEDS = (1, 2, 3)


@pytest.fixture(params=SEEDS)
def busy(
    request: pytest.FixtureRequest, embedded_aws: local_aws.LocalAws, platform: LivePlatform
) -> Iterator[LivePlatform]:
    """A platform that was made in peace."""
    local_aws.set_conditions(embedded_aws, request.param)
    yield platform
    local_aws.set_conditions(embedded_aws, None)


def test_traffic_moves_there_and_back(busy: LivePlatform, embedded_aws: local_aws.LocalAws) -> None:
    answer = busy.invoke({"action": "switch", "target": "green", "reason": "release"})
    assert (answer["changed"], answer["active"]) == (True, "green")
    assert busy.invoke({"action": "status"})["weights"] == ALL_GREEN.to_json()
    answer = busy.invoke({"action": "rollback", "reason": "back"})
    assert answer["after"] == ALL_BLUE.to_json()
    assert busy.invoke({"action": "status"})["active"] == "blue"
    local_aws.set_conditions(embedded_aws, None)  # all that was written is visible now
    assert busy.state.test_weights == ALL_GREEN


def test_a_share_is_set(busy: LivePlatform) -> None:
    answer = busy.invoke({"action": "shift", "target": "green", "percent": 25, "reason": "a share"})
    assert answer["after"] == {"blue": 75, "green": 25}
    assert busy.invoke({"action": "status"})["weights"] == {"blue": 75, "green": 25}
