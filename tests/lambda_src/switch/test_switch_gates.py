"""Each gate by itself: what passes, what doesn't, and that what can't be read doesn't."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_src.contract.errors import GatesNotPassedError
from lambda_src.switch.window import DAYS, WEEK_MINUTES, parse_windows
from tests.lambda_src.live_platform import GREEN, LivePlatform

SWITCH = {"action": "switch", "target": "green"}
Break = Callable[[LivePlatform], object]


def failed(platform: LivePlatform, **options: Any) -> dict[str, str]:
    """Gate → value of those that a switch to green doesn't pass; that nothing moved is asserted."""
    before = platform.state
    with pytest.raises(GatesNotPassedError) as raised:
        platform.invoke(SWITCH, **options)
    assert platform.state == before
    assert len(raised.value.gates) == 7  # every verdict is told, not only the first that failed
    return {gate.gate: gate.value for gate in raised.value.gates if not gate.passed}


@pytest.mark.parametrize(
    ("break_it", "gate", "value"),
    [
        (lambda p: p.register(GREEN, 0), "targets", "0 of 0 healthy"),
        (lambda p: p.colours.alarm(GREEN, "ALARM"), "alarms", "payments-green is ALARM for"),
        (lambda p: p.colours.lose_alarm(GREEN), "alarms", "payments-green does not exist"),
        (lambda p: p.colours.stop_database(GREEN), "database", "payments-green is stopped"),
        (lambda p: p.colours.lose_instance(GREEN), "database", "payments-green-1 is missing"),
        (lambda p: p.colours.lose_credentials(GREEN), "credentials", "the secret is to be deleted"),
        (lambda p: p.invoke({"action": "freeze", "reason": "sale"}), "frozen", "frozen since"),
    ],
)
def test_a_colour_that_is_not_fit_gets_no_traffic(
    platform: LivePlatform, break_it: Break, gate: str, value: str
) -> None:
    break_it(platform)
    found = failed(platform)
    assert list(found) == [gate]
    assert value in found[gate]


@pytest.mark.parametrize(
    ("variable", "value", "gate", "found"),
    [
        ("GREEN_CLUSTER", "gone", "database", "gone is missing"),
        (
            "GREEN_SECRET_ARN",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:gone",
            "credentials",
            "the secret does not exist",
        ),
        (
            "GREEN_TG_ARN",
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/gone/0123456789abcdef",
            "targets",
            "can't be read: DescribeTargetHealth failed",
        ),
    ],
)
def test_what_is_not_there_or_can_not_be_read_has_not_passed(
    platform: LivePlatform, variable: str, value: str, gate: str, found: str
) -> None:
    platform.environment[variable] = value
    preflight = platform.invoke({"action": "preflight", "target": "green"})
    verdict = next(verdict for verdict in preflight["gates"] if verdict["gate"] == gate)
    assert (preflight["ready"], verdict["passed"]) == (False, False)
    assert found in verdict["value"]


def test_the_other_colour_is_not_asked(platform: LivePlatform) -> None:
    platform.colours.alarm(GREEN.other, "ALARM")
    platform.colours.stop_database(GREEN.other)
    assert platform.invoke(SWITCH)["after"]["green"] == 100


@pytest.mark.parametrize(("seconds", "passes"), [(0, True), (290, True), (310, False)])
def test_an_alarm_without_data_is_believed_for_a_while(
    platform: LivePlatform, seconds: int, passes: bool
) -> None:
    platform.colours.alarm(GREEN, "INSUFFICIENT_DATA")
    now = datetime.now(UTC) + timedelta(seconds=seconds)
    ready = platform.invoke({"action": "preflight", "target": "green"}, clock=lambda: now)["ready"]
    assert ready is passes


@pytest.mark.parametrize(("hour", "passes"), [(21, False), (22, True), (4, True), (5, False)])
def test_traffic_moves_inside_a_window_only(platform: LivePlatform, hour: int, passes: bool) -> None:
    platform.environment["WINDOWS"] = "mon-sun 22:00-05:00"
    now = datetime(2027, 3, 3, hour, tzinfo=UTC)
    if passes:
        assert platform.invoke(SWITCH, clock=lambda: now)["changed"]
    else:
        assert failed(platform, clock=lambda: now) == {"window": f"Wed {hour:02}:00 UTC"}
        platform.invoke({"action": "rollback"}, clock=lambda: now)  # the emergency exit is always open


def test_preflight_tells_all_gates_and_changes_nothing(platform: LivePlatform) -> None:
    before = platform.state
    answer = platform.invoke({"action": "preflight", "target": "green", "percent": 5})
    assert (answer["ready"], answer["target"], answer["percent"]) == (True, "green", 5)
    assert [gate["gate"] for gate in answer["gates"]] == [
        "targets",
        "alarms",
        "database",
        "credentials",
        "frozen",
        "window",
        "lock",
        "capacity",
        "listener",
    ]
    assert platform.state == before
    assert platform.control == {}


@pytest.mark.parametrize(("percent", "ready"), [(5, True), (40, True), (41, False), (100, False)])
def test_preflight_tells_that_a_colour_is_too_small(
    platform: LivePlatform, percent: int, ready: bool
) -> None:
    platform.register(GREEN.other, 5)
    answer = platform.invoke({"action": "preflight", "target": "green", "percent": percent})
    assert answer["ready"] is ready
    assert [gate["gate"] for gate in answer["gates"] if not gate["passed"]] == [
        gate for gate in ("capacity",) if not ready
    ]
    platform.invoke(SWITCH)  # it keeps nobody from moving


MONDAY = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day", "time", "inside"),
    [
        ("mon 22:00-23:00", "mon", "22:00", True),
        ("mon 22:00-23:00", "mon", "22:59", True),
        ("mon 22:00-23:00", "mon", "23:00", False),
        ("mon 22:00-23:00", "tue", "22:30", False),
        ("fri 22:00-05:00", "sat", "04:59", True),
        ("fri 22:00-05:00", "sat", "05:00", False),
        ("sun 22:00-05:00", "mon", "00:00", True),
        ("sat-mon 01:00-02:00", "sun", "01:30", True),
        ("sat-mon 01:00-02:00", "fri", "01:30", False),
        ("wed 06:00-06:00", "thu", "05:59", True),
        ("mon 01:00-02:00,thu 03:00-04:00", "thu", "03:30", True),
    ],
)
def test_windows(text: str, day: str, time: str, inside: bool) -> None:
    hours, minutes = map(int, time.split(":"))
    moment = MONDAY + timedelta(days=DAYS.index(day), hours=hours, minutes=minutes)
    windows = parse_windows(text)
    assert windows
    assert any(window.contains(moment) for window in windows) is inside


@given(
    first=st.sampled_from(DAYS),
    last=st.sampled_from(DAYS),
    start=st.integers(0, 1439),
    minutes=st.integers(1, 1440),
)
@settings(max_examples=20)
def test_a_window_is_open_for_as_long_as_it_says(first: str, last: str, start: int, minutes: int) -> None:
    def clock(minute: int) -> str:
        return f"{minute // 60 % 24:02}:{minute % 60:02}"

    (window,) = parse_windows(f"{first}-{last} {clock(start)}-{clock(start + minutes)}") or ()
    days = (DAYS.index(last) - DAYS.index(first)) % 7 + 1
    opened = sum(window.contains(MONDAY + timedelta(minutes=minute)) for minute in range(WEEK_MINUTES))
    assert opened == days * minutes


@pytest.mark.parametrize(
    "text", ["", "mon", "mon 1:00-2:00", "mon 01:00", "mon 24:00-01:00", "x 01:00-02:00"]
)
def test_what_is_no_window(text: str) -> None:
    assert parse_windows(text) is None
