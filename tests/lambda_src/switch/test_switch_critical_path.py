"""What waits for what: reads run at the same time, and so do writes of which none needs another."""

from typing import Any

import pytest

from tests.lambda_src.critical_path import CountingClients, round_trips
from tests.lambda_src.live_platform import LivePlatform

SWITCH = {"action": "switch", "target": "green"}


@pytest.mark.parametrize(
    ("event", "longest"),
    [
        # lock, reads, fence, move; read back beside the migration's record and the test listener; the active
        # colour's record, notification, history
        (SWITCH, 8),
        (
            {"action": "shift", "target": "green", "percent": 25},
            8,
        ),  # starts its watch first; the active colour stays
        ({"action": "status"}, 2),  # a colour's image needs its service first
        ({"action": "preflight", "target": "green"}, 2),  # the capacity needs both colours' targets
    ],
    ids=["switch", "share", "status", "preflight"],
)
def test_round_trips(platform: LivePlatform, event: dict[str, Any], longest: int) -> None:
    assert round_trips(platform, event) <= longest


def test_a_rollback_takes_one_more_than_a_switch(platform: LivePlatform) -> None:
    """It looks up the health of the one colour that the records name."""
    platform.invoke(SWITCH)
    assert round_trips(platform, {"action": "rollback"}) <= 9


@pytest.mark.usefixtures("only_this_aws")
def test_calls_made_together_count_once() -> None:
    """The measure itself: two levels of calls, the longest way through them."""
    clients = CountingClients()

    def call(times: int) -> None:
        for _ in range(times):
            clients._call()

    clients._call()
    clients.together(
        [lambda: call(1), lambda: clients.together([lambda: call(3), lambda: call(2)]), lambda: call(2)]
    )
    clients._call()
    assert clients.steps == 1 + 3 + 1
