"""`status` tells everything, and where records and truth disagree."""

from collections import Counter
from typing import Any

import pytest

from lambda_src.contract.values import Colour, Weights
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, GREEN, LivePlatform, State
from tests.lambda_src.recorder import ANY, Recorder
from tests.lambda_src.versions import image

STATUS = {"action": "status"}
COMPLETED = {"status": "completed", "source": "blue", "target": "green", "weights": {"blue": 0, "green": 100}}


def test_status_of_a_new_platform(platform: LivePlatform) -> None:
    with Recorder.listening_to(*platform.clients) as recorder:
        answer = platform.invoke(STATUS)
    assert recorder.writes == []
    # What several parts of the answer need is read once, or once for each colour.
    read = [(call.iam_action, name) for call in recorder.calls for name in call.resources if name != ANY]
    assert max(Counter(read).values()) <= len(Colour)
    colours = {
        colour: {
            "weight": weight,
            "test_weight": 100 - weight,
            "target_group_arn": platform.environment[f"{colour.upper()}_TG_ARN"],
            "healthy": 2,
            "total": 2,
            "targets": [
                {
                    "id": f"10.0.{net}.{host}",
                    "port": 8443,
                    "state": "healthy",
                    "reason": "",
                    "description": "",
                }
                for host in (4, 5)
            ],
        }
        for colour, weight, net in (("blue", 100, 0), ("green", 0, 1))
    }
    assert answer == {
        "action": "status",
        "request_id": answer["request_id"],
        "active": "blue",
        "recorded_active": "blue",
        "weights": {"blue": 100, "green": 0},
        "test_weights": {"blue": 0, "green": 100},
        "colours": colours,
        "migration": {
            "status": "not_started",
            "source": None,
            "target": None,
            "weights": None,
            "reason": "",
            "updated_at": "",
        },
        "ledger": {"writer": None, "epoch": None, "workflow": "", "updated_at": ""},
        "images": {
            colour: {
                "running": image(1),
                "recorded": image(1),
                "latest": image(1),
                "rollout": answer["images"][colour]["rollout"],
                "problems": [],
            }
            for colour in ("blue", "green")
        },
        "consistent": True,
        "differences": [],
        "findings": [],
        "gates": answer["gates"],
        "lock": None,
        "frozen": None,
        "workflow": None,
        "history": [],
    }
    for colour in ("blue", "green"):
        gates = {gate["gate"]: gate["passed"] for gate in answer["gates"][colour]}
        assert {"targets", "alarms", "database", "credentials", "frozen", "window"} <= set(gates)
        assert all(gates.values())


def test_status_tells_what_a_colour_lacks_though_nobody_asks_to_move(platform: LivePlatform) -> None:
    platform.colours.alarm(GREEN, "ALARM")
    platform.colours.lose_instance(GREEN)
    platform.invoke({"action": "freeze", "reason": "end of year", "by": "alice"})
    answer = platform.invoke(STATUS)
    failed = {
        colour: {gate["gate"] for gate in answer["gates"][colour] if not gate["passed"]}
        for colour in ("blue", "green")
    }
    assert failed == {"blue": {"frozen"}, "green": {"alarms", "database", "frozen"}}
    assert (answer["frozen"]["by"], answer["frozen"]["reason"]) == ("alice", "end of year")
    assert answer["history"][0]["action"] == "freeze"


@pytest.mark.parametrize(
    ("state", "active", "differences"),
    [
        (
            State(ALL_GREEN),
            "green",
            [
                "blue is recorded as active, but production has blue 0 / green 100",
                "the migration record says not_started, but production has blue 0 / green 100",
                "the test listener has blue 0 / green 100, but green is active: only blue belongs there",
            ],
        ),
        (
            State(Weights(50, 50)),
            "blue",
            ["the migration record says not_started, but production has blue 50 / green 50"],
        ),
        (
            State(ALL_GREEN, ALL_BLUE, "blue", COMPLETED),
            "green",
            ["blue is recorded as active, but production has blue 0 / green 100"],
        ),
        (
            State(ALL_BLUE, ALL_GREEN, "blue", COMPLETED),
            "blue",
            [
                "the migration record says completed, blue to green at blue 0 / green 100, "
                "but production has blue 100 / green 0"
            ],
        ),
        (
            State(test_weights=Weights(50, 50)),
            "blue",
            ["the test listener has blue 50 / green 50, but blue is active: only green belongs there"],
        ),
        (
            State(Weights(1, 1)),
            "blue",
            ["the production listener has weights that don't sum to 100: blue 1 / green 1"],
        ),
    ],
)
def test_disagreements_are_told(
    platform: LivePlatform, state: State, active: str, differences: list[str]
) -> None:
    platform.put(state)
    answer = platform.invoke(STATUS)
    assert answer["differences"] == differences
    assert not answer["consistent"]
    assert answer["active"] == active


def test_lost_records_are_told(platform: LivePlatform) -> None:
    platform.put(State(Weights(50, 50), active="red", migration=None))
    answer = platform.invoke(STATUS)
    assert (answer["active"], answer["recorded_active"], answer["migration"]) == (None, None, None)
    assert answer["differences"] == [
        f"parameter {platform.environment['SSM_PARAM_NAME']} holds no usable record",
        f"parameter {platform.environment['STATUS_PARAM_NAME']} is missing",
    ]


def test_a_listener_of_another_shape_is_still_reported(platform: LivePlatform) -> None:
    platform.replace_action(
        "LISTENER_ARN", {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}
    )
    answer = platform.invoke(STATUS)
    assert answer["weights"] is None
    assert answer["colours"]["blue"]["weight"] is None
    assert answer["test_weights"] == {"blue": 0, "green": 100}
    assert answer["active"] == "blue"
    assert answer["differences"] == [
        "the production listener has the default actions ['redirect'] instead of one forward"
    ]


@pytest.mark.parametrize(
    "event",
    [
        {"action": "switch", "target": "green"},
        {"action": "shift", "target": "green", "percent": 30},
        {"action": "rollback", "target": "blue"},
    ],
)
def test_all_agrees_after_an_action(platform: LivePlatform, event: dict[str, Any]) -> None:
    platform.invoke(event)
    assert platform.invoke(STATUS)["differences"] == []
    platform.invoke({"action": "rollback"})
    assert platform.invoke(STATUS)["differences"] == []


def test_targets_that_are_gone_are_counted(platform: LivePlatform) -> None:
    platform.register(GREEN, 0)
    colours = platform.invoke(STATUS)["colours"]
    assert (colours["green"]["healthy"], colours["green"]["total"], colours["green"]["targets"]) == (0, 0, [])
    assert colours["blue"]["healthy"] == 2
