"""What an apply leaves of where its function is, and when that is not believed."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from bluegreen.cli import connect
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.ledger import place
from bluegreen.cli.resolved import Resolved, recall, remember

FUNCTION = "arn:aws:lambda:eu-west-1:210987654321:function:payments-staging-switch"
MACHINE = "arn:aws:states:eu-west-1:210987654321:stateMachine:payments-staging-shift"
ARNS = {"switch_lambda_arn": FUNCTION, "shift_state_machine_arn": MACHINE}
ELSEWHERE = "arn:aws:states:us-east-1:1:x"
PARTS = [field.name for field in fields(Resolved)]
STAGING = Deployment("staging")


def stack(account: str = "210987654321", region: str = "eu-west-1") -> dict[str, Any]:
    return {"provider": {"aws": [{"allowed_account_ids": [account], "region": region}]}}


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one, with the stack of `staging`."""
    monkeypatch.chdir(tmp_path)
    STAGING.stack.mkdir(parents=True)
    (STAGING.stack / "cdk.tf.json").write_text(json.dumps(stack()))


def test_what_an_apply_left_is_found_and_no_other_user_reads_it() -> None:
    assert recall(STAGING, stack()) is None
    left = remember(STAGING, ARNS | {"region": "eu-west-1"})
    assert recall(STAGING, stack()) == left == Resolved(FUNCTION, MACHINE, None, None)
    assert STAGING.resolved.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "now",
    [stack(account="111111111111"), stack(region="us-east-1"), {}, {"provider": {"aws": [{}]}}],
    ids=["another account", "another region", "no provider", "any account"],
)
def test_of_another_account_or_region_it_is_not_believed(now: dict[str, Any]) -> None:
    remember(STAGING, ARNS)
    assert recall(STAGING, now) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        json.dumps(dict.fromkeys(PARTS) | {"function": 1, "state_machine": 2}),
        json.dumps(dict.fromkeys(PARTS, "payments")),
        json.dumps(dict.fromkeys(PARTS) | {"function": FUNCTION, "state_machine": ELSEWHERE}),
        json.dumps({"function": FUNCTION, "state_machine": MACHINE}),  # as 0.1.0 wrote it: without the ledger
    ],
)
def test_a_damaged_file_is_none(content: str) -> None:
    remember(STAGING, ARNS)
    STAGING.resolved.write_text(content)
    assert recall(STAGING, stack()) is None


def test_a_verb_needs_no_terraform_then(monkeypatch: pytest.MonkeyPatch) -> None:
    of_ledger = {
        "ledger_setup_lambda_arn": f"{FUNCTION}-setup",
        "ledger_health_lambda_arn": f"{FUNCTION}-health",
    }
    remember(STAGING, ARNS | of_ledger)
    monkeypatch.setattr(connect, "Terraform", None)
    found = connect.connect(STAGING)
    assert (found.name, found.region) == (ARNS["switch_lambda_arn"], "eu-west-1")
    ledger = place.functions("staging")
    assert [ledger.setup.name, ledger.health.name] == list(of_ledger.values())
    assert str(found) == "function payments-staging-switch in eu-west-1 (AWS)"
    assert connect.connect_machine(STAGING, found.access).arn == ARNS["shift_state_machine_arn"]


def test_without_it_terraform_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    class Asked:
        def __init__(self, stack: Path, _environment: object) -> None:
            asked.append(stack)

        def output(self) -> dict[str, str]:
            return ARNS

    monkeypatch.setattr(connect, "Terraform", Asked)
    found = connect.connect(STAGING)
    assert connect.connect_machine(STAGING, found.access).arn == ARNS["shift_state_machine_arn"]
    assert asked == [STAGING.stack]


def test_without_a_ledger_its_verbs_say_so() -> None:
    remember(STAGING, ARNS)
    with pytest.raises(CommandError, match="staging has no ledger that moves") as refused:
        place.functions("staging")
    assert refused.value.code == ExitCode.INVALID
