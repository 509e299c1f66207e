"""When exactly things begin and end: the lock, a lease, a deadline, a bake, the time for a call."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lambda_src.contract.errors import OutOfTimeError, SwitchError
from lambda_src.contract.request import Plan
from lambda_src.contract.values import Colour, Weights
from lambda_src.contract.workflow import State
from lambda_src.switch.aws import LONGEST_CALL_SECONDS, Caller, Clients
from lambda_src.switch.control import Control, attribute, read_control
from lambda_src.switch.gateway import Gateway
from lambda_src.switch.history import Entry
from lambda_src.switch.settings import Settings
from lambda_src.switch.workflow import Workflow
from tests.lambda_src.live_platform import ALL_BLUE, LivePlatform

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PLAN = Plan(Colour.GREEN, (5, 100), bake_seconds=60)
WORKFLOW = Workflow.begun("w", PLAN, NOW, percent=0)
AT_WORK = Entry("one", "switch", "2026-11-25T12:00:00+00:00")


def test_the_lock_is_free_from_the_moment_it_ends() -> None:
    busy = Control(busy_until=100, current=AT_WORK)
    assert busy.lock_json(99.9) == {"holder": None, "request": "one", "until": 100}
    assert busy.lock_json(100) is None
    leased = Control(holder="w", lease_until=100)
    assert leased.lock_json(99.9) == {"holder": "w", "request": None, "until": 100}
    assert leased.lock_json(100) is None


@pytest.mark.parametrize(
    ("busy_until", "lease_until", "told"),
    [
        (200, 300, {"holder": "w", "request": "one", "until": 300}),
        (300, 200, {"holder": "w", "request": "one", "until": 300}),
        (200, 50, {"holder": None, "request": "one", "until": 200}),
        (50, 200, {"holder": "w", "request": None, "until": 200}),
    ],
)
def test_of_lock_and_lease_the_later_one_counts(
    busy_until: float, lease_until: float, told: dict[str, object]
) -> None:
    control = Control(busy_until=busy_until, current=AT_WORK, holder="w", lease_until=lease_until)
    assert control.lock_json(100) == told


def test_a_lease_without_holder_is_nobody_s() -> None:
    assert Control(lease_until=200).lock_json(100) is None
    assert Control(busy_until=200).lock_json(100) == {"holder": None, "request": None, "until": 200}


def test_a_workflow_is_overdue_after_its_deadline_not_at_it() -> None:
    deadline = NOW + timedelta(seconds=PLAN.allowed_seconds)
    assert datetime.fromisoformat(WORKFLOW.deadline_at) == deadline
    assert not WORKFLOW.overdue(deadline)
    assert WORKFLOW.overdue(deadline + SECOND)


def test_without_a_deadline_a_workflow_may_take_what_its_parts_take() -> None:
    plan = Plan(
        Colour.GREEN, (5, 25, 100), bake_seconds=60, approve_at=(25, 100), approval_timeout_seconds=600
    )
    assert plan.allowed_seconds == 3 * (60 + 300) + 2 * 600
    assert replace(plan, deadline_seconds=7).allowed_seconds == 7


def test_a_bake_lasts_as_long_as_planned() -> None:
    assert WORKFLOW.bake_left(NOW) == 0
    baking = WORKFLOW.shifted(0, NOW)
    assert (baking.state, baking.step, baking.percent) == (State.BAKING, 0, 5)
    assert baking.bake_left(NOW) == 60
    assert baking.bake_left(NOW + 59 * SECOND) == 1
    assert baking.bake_left(NOW + 60 * SECOND) == baking.bake_left(NOW + 61 * SECOND) == 0


@pytest.mark.parametrize(("percent", "shifted"), [(0, False), (4, False), (5, True), (100, True)])
def test_a_workflow_has_shifted_from_its_first_step_on(percent: int, shifted: bool) -> None:
    assert replace(WORKFLOW, percent=percent).has_shifted is shifted
    assert replace(WORKFLOW, percent=percent).weights == Weights(100 - percent, percent)


def test_an_ended_workflow_bakes_no_more() -> None:
    ended = WORKFLOW.shifted(0, NOW).ended(State.FAILED, NOW + SECOND, "why")
    assert (ended.state, ended.cause, ended.baking_until) == (State.FAILED, "why", None)
    assert ended.finished_at == "2026-11-25T12:00:01.000+00:00"


@pytest.mark.parametrize("calls", [1, 2])
def test_a_call_begins_when_there_is_just_time_enough(calls: int) -> None:
    needed = calls * LONGEST_CALL_SECONDS
    with Caller(Clients(), lambda: needed).calling("Publish", "topic", calls=calls):
        pass
    begun = []
    with (
        pytest.raises(OutOfTimeError, match="Publish"),
        Caller(Clients(), lambda: needed - 0.1).calling("Publish", "topic", calls=calls),
    ):
        begun.append(True)
    assert begun == []


def test_two_calls_are_what_is_kept_by_default() -> None:
    with Caller(Clients(), lambda: 2 * LONGEST_CALL_SECONDS).calling("GetItem", "table"):
        pass


def test_time_is_kept_for_the_report_of_a_failure(platform: LivePlatform) -> None:
    """Every other look has to leave enough for it."""
    caller = Caller(platform.account.clients, lambda: 2 * LONGEST_CALL_SECONDS - 0.1)
    gateway = Gateway(Settings.from_environment(platform.environment), caller)
    assert gateway.load_balancer.production(last_call=True).weights == ALL_BLUE
    for look in (gateway.listeners, gateway.records, lambda: gateway.health(Colour.BLUE)):
        with pytest.raises(OutOfTimeError):
            look()


@pytest.mark.parametrize("item", [None, {}])
def test_an_empty_item_is_a_platform_where_nothing_ever_moved(item: dict[str, object] | None) -> None:
    control = read_control(item)
    assert control == Control()
    assert (control.token, control.busy_until, control.lease_until) == (0, 0, 0)


def test_attributes_are_numbers_strings_lists_or_json() -> None:
    assert attribute(1.5) == {"N": "1.5"}
    assert attribute(7) == {"N": "7"}
    assert attribute("text") == {"S": "text"}
    assert attribute(({"a": 1}, "b")) == {"L": [{"S": '{"a": 1}'}, {"S": "b"}]}
    assert attribute({"a": None}) == {"S": '{"a": null}'}


def test_an_error_s_repr_tells_what() -> None:
    assert repr(SwitchError(what="a", where="b", cause="c", fix="d")) == "SwitchError('a')"
