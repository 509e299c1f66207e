"""What the actions that only read say of a platform that is not as it should be, or has a long past."""

from typing import Any

from lambda_src.contract.values import Weights
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


def test_the_table_is_read_as_it_is_now(platform: LivePlatform) -> None:
    """Not as it may have been a second ago: the embedded AWS makes no difference, DynamoDB does."""
    asked: list[dict[str, Any]] = []

    def hear(params: dict[str, Any], **_: Any) -> None:
        asked.append(dict(params))

    events = platform.account.clients("dynamodb").meta.events
    for operation in ("GetItem", "Query"):
        events.register(f"before-parameter-build.dynamodb.{operation}", hear)
    platform.invoke({"action": "status"})
    platform.invoke({"action": "switch", "target": "green"})
    for operation in ("GetItem", "Query"):
        events.unregister(f"before-parameter-build.dynamodb.{operation}", hear)
    assert len(asked) >= 3
    assert all(parameters["ConsistentRead"] is True for parameters in asked)
