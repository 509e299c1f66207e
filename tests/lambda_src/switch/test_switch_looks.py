"""What the actions that only read say of a platform that is not as it should be, or has a long past."""

from lambda_src.switch.models import Weights
from tests.lambda_src.live_platform import LivePlatform, State


def test_status_shows_the_last_five_actions(platform: LivePlatform) -> None:
    for percent in range(10, 70, 10):
        platform.invoke({"action": "shift", "target": "green", "percent": percent})
    shown = platform.invoke({"action": "status"})["history"]
    assert [entry["to"]["green"] for entry in shown] == [60, 50, 40, 30, 20]


def test_preflight_says_that_the_listener_can_not_be_moved(platform: LivePlatform) -> None:
    platform.put(State(Weights(1, 1)))
    answer = platform.invoke({"action": "preflight", "target": "green"})
    assert answer["ready"] is False
    assert [gate["gate"] for gate in answer["gates"] if not gate["passed"]] == ["listener"]
