"""Who may do what on the applied platform: callers with the permissions of SECURITY.md, and no others."""

import json

import embedded_aws
import pytest

from packages.embedded_aws.tests.machines import eventually
from tests import callers
from tests.callers import OPERATOR, Ways
from tests.e2e.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]


@pytest.fixture
def ways(on_blue: Platform) -> Ways:
    found = on_blue.outputs
    ways = Ways(on_blue.aws, found["switch_lambda_arn"])
    assert found["switch_operate_arn"] == ways.arns["operate"]
    assert found["switch_read_arn"] == ways.arns["read"]
    return ways


def test_a_reader_reads_and_nothing_else(ways: Ways) -> None:
    with ways.caller("auditor", "read") as reader:
        callers.reads_and_nothing_else(reader)


def test_an_operator_operates_and_nothing_else(ways: Ways) -> None:
    with ways.caller("night-shift", "operate") as operator:
        callers.operates_and_nothing_else(operator)


def test_a_replayed_expired_or_foreign_proof_is_refused(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    with ways.caller("night-shift", "operate") as operator:
        callers.is_believed_once_in_time_and_for_what_was_signed(operator, monkeypatch)


def test_no_other_way_moves_traffic(ways: Ways) -> None:
    callers.no_other_way_moves_traffic(ways)


def test_a_shift_says_who_started_it_and_takes_no_claim(on_blue: Platform) -> None:
    shifted = on_blue.json("shift", "--to", "green", "--steps", "100", "--bake", "0s", "--yes")
    assert shifted["workflow"]["by"] == OPERATOR
    back = on_blue.bluegreen("rollback")
    assert back.returncode == 0, back.stderr
    machine = on_blue.aws.client("stepfunctions")
    claimed = {
        "target": "green",
        "steps": [100],
        "bake_seconds": 0,
        "by": f"arn:aws:iam::{embedded_aws.ACCOUNT_ID}:user/other",
    }
    name = machine.start_execution(
        stateMachineArn=on_blue.outputs["shift_state_machine_arn"], input=json.dumps(claimed)
    )["executionArn"]
    eventually(lambda: machine.describe_execution(executionArn=name)["status"] == "FAILED", "a refusal")
    ended = machine.describe_execution(executionArn=name)
    assert (ended["error"], "NotAttestedError" in ended["cause"]) == ("Refused", True)
    assert on_blue.weights() == {"blue": 100, "green": 0}


def test_the_aliases_lead_to_what_was_applied(on_blue: Platform, ways: Ways) -> None:
    functions = on_blue.aws.client("lambda")
    name = ways.switch.rpartition(":")[2]
    configuration = functions.get_function_configuration(FunctionName=name)
    before = {a["Name"]: a["FunctionVersion"] for a in functions.list_aliases(FunctionName=name)["Aliases"]}
    assert set(before.values()) == {max(before.values())}
    version = functions.get_function_configuration(FunctionName=name, Qualifier="operate")
    assert version["CodeSha256"] == configuration["CodeSha256"]
    assert version["Environment"] == configuration["Environment"]
    assert on_blue.weights() == {"blue": 100, "green": 0}
