"""What switch, shift and rollback do to a platform in order."""

from dataclasses import replace
from typing import Any

import pytest

from lambda_src.contract.values import Weights
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, GREEN, LivePlatform, State
from tests.lambda_src.recorder import ANY, WRITES, Recorder
from tests.lambda_src.switch.wire import Wire

HALF = Weights(50, 50)
PLATFORM = ("elasticloadbalancing:ModifyListener", "ssm:PutParameter")


def migration(status: str, source: str, target: str, weights: Weights) -> dict[str, Any]:
    return {"status": status, "source": source, "target": target, "weights": weights.to_json()}


COMPLETED = State(ALL_GREEN, ALL_BLUE, "green", migration("completed", "blue", "green", ALL_GREEN))
IN_PROGRESS = State(HALF, ALL_GREEN, "blue", migration("in_progress", "blue", "green", HALF))
ROLLED_BACK = State(ALL_BLUE, ALL_GREEN, "blue", migration("rolled_back", "blue", "green", ALL_BLUE))


@pytest.mark.parametrize(
    ("action", "start"),
    [
        ("switch", State()),
        ("reconcile", replace(COMPLETED, migration=IN_PROGRESS.migration)),
        ("reconcile", replace(COMPLETED, active="blue")),
        ("reconcile", replace(COMPLETED, test_weights=HALF)),
    ],
    ids=["all", "migration", "active environment", "test listener"],
)
def test_the_lock_is_looked_at_once_more_before_the_first_write(
    platform: LivePlatform, action: str, start: State
) -> None:
    platform.put(start)
    with Wire.of(platform) as wire:
        platform.invoke({"action": action} | ({"target": "green"} if action == "switch" else {}))
    operations = [call.operation for call in wire.writes]
    assert operations[:2] == ["UpdateItem", "UpdateItem"]  # taken, and still there
    assert "UpdateItem" not in operations[2:]
    assert {"ModifyListener", "PutParameter"} & set(operations[2:])


def test_switch_answers_with_all_that_it_did(platform: LivePlatform) -> None:
    answer = platform.invoke(
        {"action": "switch", "target": "green", "reason": "release 42", "request_id": "release-42"}
    )
    assert answer == {
        "action": "switch",
        "request_id": "release-42",
        "changed": True,
        "before": {"blue": 100, "green": 0},
        "after": {"blue": 0, "green": 100},
        "active": "green",
        "findings": [],
        "test_weights": {"blue": 100, "green": 0},
        "migration": {
            "status": "completed",
            "source": "blue",
            "target": "green",
            "weights": {"blue": 0, "green": 100},
            "reason": "release 42",
            "updated_at": answer["migration"]["updated_at"],
        },
        "gates": answer["gates"],
        "writes": ["listener", "migration_status", "active_environment", "test_listener"],
        "workflow": None,
        "repeated": False,
        "notified": True,
    }
    assert {(gate["gate"], gate["colour"]) for gate in answer["gates"]} >= {
        ("targets", "green"),
        ("alarms", "green"),
        ("database", "green"),
        ("credentials", "green"),
        ("listener", None),
        ("frozen", None),
        ("window", None),
    }
    assert all(gate["passed"] for gate in answer["gates"])
    assert answer["migration"]["updated_at"].endswith("+00:00")
    assert platform.state.told == COMPLETED.told
    assert platform.state.migration == answer["migration"]


@pytest.mark.parametrize(
    ("start", "event", "end"),
    [
        (State(), {"action": "switch", "target": "green"}, COMPLETED),
        (State(), {"action": "shift", "target": "green", "percent": 100}, COMPLETED),
        (State(), {"action": "shift", "target": "green", "percent": 50}, IN_PROGRESS),
        (State(), {"action": "shift", "target": "blue", "percent": 50}, IN_PROGRESS),
        (IN_PROGRESS, {"action": "switch", "target": "green"}, COMPLETED),
        (IN_PROGRESS, {"action": "rollback"}, ROLLED_BACK),
        (IN_PROGRESS, {"action": "rollback", "target": "blue"}, ROLLED_BACK),
        (IN_PROGRESS, {"action": "switch", "target": "blue"}, ROLLED_BACK),
        (IN_PROGRESS, {"action": "shift", "target": "green", "percent": 0}, ROLLED_BACK),
        (COMPLETED, {"action": "rollback"}, ROLLED_BACK),
        # the very first switch, whose function died before recording it
        (State(ALL_GREEN), {"action": "rollback"}, ROLLED_BACK),
        (ROLLED_BACK, {"action": "shift", "target": "green", "percent": 50}, IN_PROGRESS),
        (ROLLED_BACK, {"action": "switch", "target": "green"}, COMPLETED),
        (
            COMPLETED,
            {"action": "switch", "target": "blue"},
            State(ALL_BLUE, ALL_GREEN, "blue", migration("completed", "green", "blue", ALL_BLUE)),
        ),
        (
            COMPLETED,
            {"action": "shift", "target": "blue", "percent": 50},
            State(HALF, ALL_BLUE, "green", migration("in_progress", "green", "blue", HALF)),
        ),
    ],
)
def test_where_an_action_leads(
    platform: LivePlatform, start: State, event: dict[str, Any], end: State
) -> None:
    platform.put(start)
    answer = platform.invoke(event)
    assert platform.state.told == end.told
    assert (answer["before"], answer["after"]) == (start.weights.to_json(), end.weights.to_json())
    assert (answer["active"], answer["test_weights"]) == (end.active, end.test_weights.to_json())


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State(), {"action": "switch", "target": "blue"}),
        (State(), {"action": "rollback"}),
        (State(), {"action": "rollback", "target": "blue"}),
        (COMPLETED, {"action": "switch", "target": "green"}),
        (COMPLETED, {"action": "shift", "target": "blue", "percent": 0}),
        (ROLLED_BACK, {"action": "rollback"}),
        (ROLLED_BACK, {"action": "switch", "target": "blue"}),
    ],
)
def test_what_is_already_so_needs_no_gate_and_writes_nothing_of_the_platform(
    platform: LivePlatform, state: State, event: dict[str, Any]
) -> None:
    platform.put(state)
    with Recorder.listening_to(*platform.clients) as recorder:
        answer = platform.invoke(event)
    assert (answer["changed"], answer["writes"], answer["gates"]) == (False, [], [])
    assert {call.iam_action.split(":")[0] for call in recorder.writes} == {"dynamodb", "sns"}
    assert platform.state == state


def test_a_repeated_request_keeps_the_reason_and_time_of_the_first(platform: LivePlatform) -> None:
    first = platform.invoke({"action": "switch", "target": "green", "reason": "release 42"})
    again = platform.invoke({"action": "switch", "target": "green", "reason": "pressed twice"})
    assert again["migration"] == first["migration"]


def test_calls_of_a_whole_switch_in_order(platform: LivePlatform) -> None:
    with Recorder.listening_to(*platform.clients) as recorder:
        platform.invoke({"action": "switch", "target": "green"})
    moved = recorder.actions.index("elasticloadbalancing:ModifyListener") - 1
    first, *looks = recorder.actions[:moved]
    assert first == "dynamodb:UpdateItem"  # the lock, before anything is read
    assert not WRITES & set(looks)
    assert {
        "cloudwatch:DescribeAlarms",
        "dynamodb:GetItem",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetHealth",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "secretsmanager:DescribeSecret",
        "ssm:GetParameters",
    } <= set(looks)
    read = [(call.iam_action, name) for call in recorder.calls[1:moved] for name in call.resources]
    assert len({one for one in read if one[1] != ANY}) == sum(name != ANY for _, name in read)  # each once
    after = recorder.actions[moved:]
    weights, listeners, records, rest = after[:2], after[2:5], after[5:7], after[7:]
    assert weights == ["dynamodb:UpdateItem", "elasticloadbalancing:ModifyListener"]
    assert sorted(listeners) == [  # at the same time
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:ModifyListener",
        "ssm:PutParameter",
    ]
    # The record, while the test listener is read back.
    assert sorted(records) == ["elasticloadbalancing:DescribeListeners", "ssm:PutParameter"]
    assert rest == ["sns:Publish", "dynamodb:TransactWriteItems"]
    first, *between, last = [
        call.resources[0].split("/")[-1] for call in recorder.writes if call.iam_action in PLATFORM
    ]
    assert first == platform.environment["LISTENER_ARN"].split("/")[-1]
    assert set(between) == {platform.environment["TEST_LISTENER_ARN"].split("/")[-1], "migration-status"}
    assert last == "active-environment"


@pytest.mark.parametrize("variable", ["LISTENER_ARN", "TEST_LISTENER_ARN"])
def test_only_weights_of_the_live_action_change(platform: LivePlatform, variable: str) -> None:
    """Order, stickiness and the order of the groups stay: a plan that follows sees no change (P5)."""
    before = platform.action(variable)
    platform.invoke({"action": "switch", "target": "green"})
    after = platform.action(variable)
    assert after != before
    for group in (*before["ForwardConfig"]["TargetGroups"], *after["ForwardConfig"]["TargetGroups"]):
        del group["Weight"]
    assert after == before
    assert after["Order"] == 1
    assert after["ForwardConfig"]["TargetGroupStickinessConfig"] == {"Enabled": False}


def test_the_test_listener_follows_even_when_somebody_turned_it(platform: LivePlatform) -> None:
    platform.put(State(test_weights=ALL_BLUE))
    answer = platform.invoke({"action": "switch", "target": "blue"})
    assert (answer["changed"], answer["writes"]) == (False, ["test_listener"])
    assert platform.state == State()


def test_a_deleted_record_comes_back(platform: LivePlatform) -> None:
    platform.put(State(active=None, migration=None))
    answer = platform.invoke({"action": "switch", "target": "green"})
    assert answer["writes"].count("active_environment") == 2  # that blue was active, then that green is
    parameter = platform.ssm.get_parameter(Name=platform.environment["SSM_PARAM_NAME"])["Parameter"]
    assert parameter["Type"] == "String"  # real SSM creates nothing without a type
    assert platform.state.told == COMPLETED.told


def test_rollback_without_target_follows_the_active_colour_while_weights_are_shared(
    platform: LivePlatform,
) -> None:
    """The record of the migration is of an older one: the shift from green died before it was recorded."""
    platform.put(State(HALF, ALL_BLUE, "green", migration("completed", "blue", "green", ALL_GREEN)))
    platform.invoke({"action": "rollback"})
    assert platform.state.told == (
        ALL_GREEN,
        ALL_BLUE,
        "green",
        migration("rolled_back", "green", "blue", ALL_GREEN),
    )


def test_escape_from_a_colour_without_healthy_targets_is_not_blocked(platform: LivePlatform) -> None:
    platform.put(IN_PROGRESS)
    platform.register(GREEN, 0)
    assert platform.invoke({"action": "rollback"})["after"] == {"blue": 100, "green": 0}
    platform.put(IN_PROGRESS)
    assert platform.invoke({"action": "shift", "target": "green", "percent": 10})["after"]["green"] == 10


def test_a_freeze_is_answered_with_what_it_set(platform: LivePlatform) -> None:
    frozen = platform.invoke({"action": "freeze", "reason": "sale", "by": "carol", "request_id": "one"})
    assert (frozen["action"], frozen["request_id"]) == ("freeze", "one")
    assert (frozen["frozen"]["by"], frozen["frozen"]["reason"]) == ("carol", "sale")
    thawed = platform.invoke({"action": "unfreeze", "request_id": "two"})
    assert (thawed["action"], thawed["request_id"], thawed["frozen"]) == ("unfreeze", "two", None)
