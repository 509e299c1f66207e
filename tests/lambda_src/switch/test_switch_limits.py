"""The limits of the contract, each at its last value inside and its first one outside."""

from typing import Any

import pytest

from lambda_src.contract.errors import ConfigurationError, ValidationError
from lambda_src.contract.event import parse_request
from lambda_src.switch.aws import LONGEST_CALL_SECONDS, Clients
from lambda_src.switch.settings import Settings
from tests.lambda_src.switch.test_switch_settings import ENVIRONMENT

DAY = 86_400
# What README and runbook ask for as the function's timeout, at least.
SHORTEST_TIMEOUT_SECONDS = 60
SHIFT = {"action": "shift", "target": "green", "percent": 5}
PLAN = {"target": "green", "steps": [100], "bake_seconds": 0}


def begin(**plan: Any) -> dict[str, Any]:
    return {"action": "begin", "workflow": "w", "plan": PLAN | plan}


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        (SHIFT | {"percent": 0}, SHIFT | {"percent": -1}),
        (SHIFT | {"percent": 100}, SHIFT | {"percent": 101}),
        (SHIFT | {"reason": "r" * 256}, SHIFT | {"reason": "r" * 257}),
        (SHIFT | {"by": "b" * 128}, SHIFT | {"by": "b" * 129}),
        (SHIFT | {"request_id": "i" * 128}, SHIFT | {"request_id": "i" * 129}),
        (SHIFT | {"workflow": "w" * 80, "step": 0}, SHIFT | {"workflow": "w" * 81, "step": 0}),
        (SHIFT | {"workflow": "w", "step": 49}, SHIFT | {"workflow": "w", "step": 50}),
        (SHIFT | {"workflow": "w", "step": 0}, SHIFT | {"workflow": "w", "step": -1}),
        (SHIFT | {"hold_seconds": 1}, SHIFT | {"hold_seconds": 0}),
        (SHIFT | {"hold_seconds": DAY}, SHIFT | {"hold_seconds": DAY + 1}),
        ({"action": "history", "limit": 1}, {"action": "history", "limit": 0}),
        ({"action": "history", "limit": 50}, {"action": "history", "limit": 51}),
        (begin(steps=list(range(51, 101))), begin(steps=list(range(50, 101)))),
        (begin(steps=[1, 100]), begin(steps=[0, 100])),
        (begin(bake_seconds=0), begin(bake_seconds=-1)),
        (begin(bake_seconds=DAY), begin(bake_seconds=DAY + 1)),
        (begin(approval_timeout_seconds=1), begin(approval_timeout_seconds=0)),
        (begin(approval_timeout_seconds=DAY), begin(approval_timeout_seconds=DAY + 1)),
        (begin(deadline_seconds=1), begin(deadline_seconds=0)),
        (begin(deadline_seconds=31 * DAY), begin(deadline_seconds=31 * DAY + 1)),
    ],
)
def test_events(inside: dict[str, Any], outside: dict[str, Any]) -> None:
    parse_request(inside, "one")
    with pytest.raises(ValidationError):
        parse_request(outside, "one")


@pytest.mark.parametrize(
    ("variable", "inside", "outside"),
    [
        ("MIN_HEALTHY_TARGETS", "1", "0"),
        ("MIN_HEALTHY_TARGETS", "9999", "10000"),
        ("MIN_HEALTHY_PERCENT", "1", "0"),
        ("MIN_HEALTHY_PERCENT", "100", "101"),
        ("ALARM_GRACE_SECONDS", "0", "-1"),
        ("ALARM_GRACE_SECONDS", "3600", "3601"),
        ("VERIFY_SECONDS", "1", "0"),
        ("VERIFY_SECONDS", "300", "301"),
        ("HOLD_SECONDS", "60", "59"),
        ("HOLD_SECONDS", "86400", "86401"),
    ],
)
def test_settings(variable: str, inside: str, outside: str) -> None:
    Settings.from_environment(ENVIRONMENT | {variable: inside})
    with pytest.raises(ConfigurationError):
        Settings.from_environment(ENVIRONMENT | {variable: outside})


@pytest.mark.usefixtures("only_this_aws")
def test_a_call_takes_no_longer_than_it_says() -> None:
    """By the client's own settings: all attempts, and what standard mode may wait before each repetition."""
    config = Clients()("ssm").meta.config
    attempts = config.retries["total_max_attempts"]
    waits = sum(2**number for number in range(attempts - 1))
    assert config.retries["mode"] == "standard"
    assert attempts * (config.connect_timeout + config.read_timeout) + waits == LONGEST_CALL_SECONDS


def test_three_calls_have_their_time_in_the_shortest_function() -> None:
    """A read, a write, and the read that an error report needs."""
    assert 3 * LONGEST_CALL_SECONDS <= SHORTEST_TIMEOUT_SECONDS
