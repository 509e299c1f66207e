"""Gates whose reads fail: retried while there is time, and closed when they fail for longer."""

import inspect
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_src.contract.errors import GatesNotPassedError
from lambda_src.switch import gates
from lambda_src.switch.aws import LONGEST_CALL_SECONDS
from tests.lambda_src.live_platform import ALL_BLUE, LivePlatform
from tests.lambda_src.switch.faults import Call, Fault
from tests.lambda_src.switch.steps import Machine, plan
from tests.lambda_src.switch.wire import Wire

# The alarm has the name of the cluster.
ALARM = Call("cloudwatch", "DescribeAlarms", "GREEN_CLUSTER", 0)
READS = [
    ALARM,
    Call("elbv2", "DescribeTargetHealth", "GREEN_TG_ARN", 0),
    Call("rds", "DescribeDBClusters", "GREEN_CLUSTER", 0),
    Call("secretsmanager", "DescribeSecret", "GREEN_SECRET_ARN", 0),
]
# Besides the gates, the routing asks for the health of both groups, once.
OF_THE_ROUTING = {"DescribeTargetHealth": 1}
PREFLIGHT = {"action": "preflight", "target": "green"}


def passed(answer: dict[str, Any]) -> bool:
    return all(gate["passed"] for gate in answer["gates"])


class Momentary(Wire):
    """The fault hits the first such call of a gate: not its repetition, nor the same read of the routing."""

    victim: Call | None = None

    def _meant(self, call: Call, fault: Fault) -> bool:  # noqa: ARG002 - as its base
        of_the_routing = any(frame.function == "tried" for frame in inspect.stack(0))
        if self.victim is None and not of_the_routing and replace(call, occurrence=0) == self.call:
            self.victim = call
        return call == self.victim


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.ERROR, Fault.UNSENT, Fault.UNHEARD])
@pytest.mark.parametrize("call", READS, ids=str)
def test_a_read_that_fails_for_a_moment_is_repeated(platform: LivePlatform, call: Call, fault: Fault) -> None:
    with Momentary.of(platform, call, fault) as wire:
        assert passed(platform.invoke({"action": "switch", "target": "green"}))
    assert wire.hit
    repeated = [
        each for each in wire.calls if each.operation == call.operation and each.resource == call.resource
    ]
    assert len(repeated) == 2 + OF_THE_ROUTING.get(call.operation, 0)


@pytest.mark.usefixtures("no_waiting")
def test_what_can_not_be_read_for_longer_rolls_back(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100, bake=600))
    machine.begin()
    machine.shift(0)
    with Wire.of(platform, ALARM, Fault.ERROR) as wire, pytest.raises(GatesNotPassedError) as raised:
        machine.verify(0)
    assert wire.operations.count("DescribeAlarms") == 1 + len(gates.PAUSES_SECONDS)
    assert raised.value.what.startswith("alarms of green: can't be read: DescribeAlarms failed")
    machine.roll_back(str(raised.value))
    assert platform.state.weights == ALL_BLUE


def test_it_waits_longer_each_time_and_not_past_the_time_of_a_move(
    platform: LivePlatform,
    no_waiting: None,  # noqa: ARG001 - for botocore
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(gates, "time", SimpleNamespace(sleep=pauses.append))
    with Wire.of(platform, ALARM, Fault.ERROR):
        assert not passed(platform.invoke(PREFLIGHT))
    assert pauses == sorted(set(pauses)) == list(gates.PAUSES_SECONDS)
    pauses.clear()
    with Wire.of(platform, ALARM, Fault.ERROR):
        assert not passed(platform.invoke(PREFLIGHT, seconds_left=lambda: 3 * LONGEST_CALL_SECONDS + 0.1))
    assert pauses == []


@pytest.mark.usefixtures("no_waiting")
def test_what_aws_denies_is_not_repeated(platform: LivePlatform) -> None:
    """It would be denied again: the verdict comes at once."""
    platform.environment["GREEN_TG_ARN"] = (
        "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/gone/0123456789abcdef"
    )
    with Wire.of(platform) as wire:
        answer = platform.invoke(PREFLIGHT)
    assert not answer["ready"]
    health = [
        call.operation
        for call in wire.calls
        if call.resource == "GREEN_TG_ARN" and call.operation == "DescribeTargetHealth"
    ]
    # the gates `targets` and `capacity`, once each
    assert len(health) == 2 + OF_THE_ROUTING["DescribeTargetHealth"]
