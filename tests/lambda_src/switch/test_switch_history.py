"""The history: one entry an action, whatever its end; and that a request is carried out once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from lambda_src.contract.errors import GatesNotPassedError, SwitchError, ValidationError, VerificationError
from lambda_src.contract.values import Colour, Verdict, Weights
from tests.lambda_src.live_platform import ALL_BLUE, GREEN, LivePlatform, State
from tests.lambda_src.recorder import Recorder
from tests.lambda_src.switch.scenarios import BEGIN, PLAN, SWITCH, step
from tests.lambda_src.switch.steps import Machine, plan


def test_an_entry_tells_who_why_from_where_to_where_and_what_the_gates_said(platform: LivePlatform) -> None:
    platform.invoke(SWITCH | {"by": "alice", "reason": "release 42", "request_id": "release-42"})
    (entry,) = platform.invoke({"action": "history"})["entries"]
    assert entry == {
        "id": "release-42",
        "action": "switch",
        "outcome": "done",
        "by": "alice",
        "reason": "release 42",
        "target": "green",
        "workflow": None,
        "from": {"blue": 100, "green": 0},
        "to": {"blue": 0, "green": 100},
        "gates": entry["gates"],
        "started_at": entry["started_at"],
        "finished_at": entry["finished_at"],
        "duration_ms": entry["duration_ms"],
        "error": None,
        "ledger": None,
        "deployment": None,
        "schema": [],
    }
    assert len(entry["gates"]) == 7
    assert entry["started_at"] < entry["finished_at"]
    assert entry["duration_ms"] > 0


def test_refusals_are_entries_too(platform: LivePlatform) -> None:
    platform.colours.alarm(GREEN, "ALARM")
    with pytest.raises(GatesNotPassedError):
        platform.invoke(SWITCH)
    platform.colours.fix()
    platform.put(State(Weights(1, 1)))
    with pytest.raises(Exception, match="don't sum to 100"):
        platform.invoke(SWITCH)
    shape, refusal = platform.invoke({"action": "history"})["entries"]
    assert (refusal["outcome"], refusal["error"]["type"]) == ("refused", "GatesNotPassedError")
    assert [gate["gate"] for gate in refusal["gates"] if not gate["passed"]] == ["alarms"]
    assert (shape["outcome"], shape["error"]["type"]) == ("refused", "ListenerStateError")


def test_the_newest_come_first_and_no_more_than_asked_for(platform: LivePlatform) -> None:
    for percent in range(10, 70, 10):
        platform.invoke({"action": "shift", "target": "green", "percent": percent})
    entries = platform.invoke({"action": "history", "limit": 4})["entries"]
    assert [entry["to"]["green"] for entry in entries] == [60, 50, 40, 30]


def test_a_request_that_was_carried_out_is_not_carried_out_again(platform: LivePlatform) -> None:
    """Not even when others have moved the traffic since: that is what the id is for."""
    event = SWITCH | {"request_id": "once"}
    first = platform.invoke(event)
    platform.invoke({"action": "rollback"})
    with Recorder.listening_to(*platform.clients) as recorder:
        again = platform.invoke(event)
    assert again == first | {"repeated": True}
    assert platform.state.weights == ALL_BLUE
    assert "elasticloadbalancing:ModifyListener" not in recorder.actions
    assert len(platform.invoke({"action": "history"})["entries"]) == 2


def test_nor_while_a_workflow_has_the_lock(platform: LivePlatform) -> None:
    event = SWITCH | {"request_id": "once"}
    first = platform.invoke(event)
    platform.invoke(step("begin", plan=PLAN | {"target": "blue"}))
    assert platform.invoke(event) == first | {"repeated": True}


def test_nor_when_the_workflow_that_it_was_about_is_over(platform: LivePlatform) -> None:
    platform.invoke(BEGIN)
    event = {"action": "abort", "request_id": "once"}
    first = platform.invoke(event)
    platform.invoke(step("rollback"))
    assert platform.invoke(event) | {"notified": True} == first | {"repeated": True}


def test_a_request_that_was_refused_may_be_sent_again(platform: LivePlatform) -> None:
    event = SWITCH | {"request_id": "patient"}
    platform.colours.alarm(GREEN, "ALARM")
    with pytest.raises(GatesNotPassedError):
        platform.invoke(event)
    platform.colours.fix()
    assert platform.invoke(event)["repeated"] is False
    assert [entry["outcome"] for entry in platform.invoke({"action": "history"})["entries"]] == [
        "done",
        "refused",
    ]


def test_an_id_belongs_to_one_request(platform: LivePlatform) -> None:
    platform.invoke(SWITCH | {"request_id": "mine"})
    before = platform.state
    with pytest.raises(ValidationError, match="used before, for another request"):
        platform.invoke({"action": "switch", "target": "blue", "request_id": "mine"})
    assert platform.state == before


def test_what_is_undone_after_a_failure_is_told_by_the_entry(platform: LivePlatform) -> None:
    def interfere(model: object, **_: object) -> None:
        if getattr(model, "name", "") == "ModifyListener":
            platform.set_listener("LISTENER_ARN", Weights(70, 30))

    events = platform.account.clients("elbv2").meta.events
    events.register("after-call", interfere)
    try:
        with pytest.raises(VerificationError):
            platform.invoke(SWITCH)
    finally:
        events.unregister("after-call", interfere)
    (entry,) = platform.invoke({"action": "history"})["entries"]
    assert (entry["outcome"], entry["to"]) == ("failed", {"blue": 0, "green": 100})


def test_an_action_that_died_is_told_by_the_next(platform: LivePlatform) -> None:
    class KilledError(BaseException):
        pass

    def kill(**_: object) -> None:
        raise KilledError

    events = platform.account.clients("elbv2").meta.events
    events.register("before-call.elastic-load-balancing-v2.ModifyListener", kill)
    try:
        with pytest.raises(KilledError):
            platform.invoke(SWITCH | {"request_id": "dead"}, seconds_left=lambda: 36.0)
    finally:
        events.unregister("before-call.elastic-load-balancing-v2.ModifyListener", kill)
    assert platform.invoke({"action": "status"})["lock"]["request"] == "dead"
    later = datetime.now(UTC) + timedelta(seconds=60)
    platform.invoke({"action": "shift", "target": "green", "percent": 10}, clock=lambda: later)
    done, dead = platform.invoke({"action": "history"})["entries"]
    assert (done["action"], done["outcome"]) == ("shift", "done")
    assert (dead["id"].startswith("dead#"), dead["outcome"]) == (True, "interrupted")
    assert (dead["from"], dead["to"]) == ({"blue": 100, "green": 0}, {"blue": 0, "green": 100})


def abort(machine: Machine) -> None:
    machine.platform.invoke({"action": "abort"})
    machine.shift(1)


def overdue(machine: Machine) -> None:
    machine.options["clock"] = lambda: datetime.now(UTC) + timedelta(days=1)
    machine.shift(1)


def moved_past_it(machine: Machine) -> None:
    machine.platform.put(State(Weights(40, 60)))
    machine.shift(1)


def another_percent(machine: Machine) -> None:
    machine.send("shift", step=1, target="green", percent=99)


@pytest.mark.parametrize(
    ("late", "error"),
    [
        (abort, "AbortedError"),
        (overdue, "DeadlineError"),
        (lambda machine: machine.shift(1), "ApprovalMissingError"),
        (moved_past_it, "WeightsChangedError"),
        (another_percent, "ValidationError"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_step_that_has_begun_nothing_is_refused(
    platform: LivePlatform, late: Callable[[Machine], object], error: str
) -> None:
    approve_at = [100] if error == "ApprovalMissingError" else []
    machine = Machine(platform, plan(25, 100, approve_at=approve_at))
    machine.begin()
    machine.shift(0)
    with pytest.raises(SwitchError):
        late(machine)
    newest = platform.invoke({"action": "history"}, clock=machine.options.get("clock"))["entries"][0]
    assert (newest["outcome"], newest["error"]["type"]) == ("refused", error)


def test_an_entry_of_an_earlier_version_is_readable() -> None:
    verdict = {"gate": "targets", "passed": True, "value": "3", "threshold": "2", "side": "green", "fix": ""}
    assert Verdict.read(verdict) == Verdict("targets", True, "3", "2", Colour.GREEN)
    assert Verdict.read(verdict | {"side": None}).colour is None
    written = Verdict("targets", True, "3", "2", Colour.BLUE).to_json()
    assert written["colour"] == "blue"
    assert Verdict.read(written).colour is Colour.BLUE
