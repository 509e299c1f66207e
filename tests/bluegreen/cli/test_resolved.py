"""What an apply leaves of where its function is, and when that is not believed."""

import json
from pathlib import Path
from typing import Any

import pytest

from bluegreen.cli import connect
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.resolved import Resolved, recall, remember

ARNS = {
    "switch_lambda_arn": "arn:aws:lambda:eu-west-1:210987654321:function:payments-staging-switch",
    "shift_state_machine_arn": "arn:aws:states:eu-west-1:210987654321:stateMachine:payments-staging-shift",
}
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
    assert recall(STAGING, stack()) == left == Resolved(*ARNS.values())
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
        '{"function": 1, "state_machine": 2}',
        '{"function": "payments", "state_machine": "payments"}',
        json.dumps({"function": ARNS["switch_lambda_arn"], "state_machine": "arn:aws:states:us-east-1:1:x"}),
    ],
)
def test_a_damaged_file_is_none(content: str) -> None:
    remember(STAGING, ARNS)
    STAGING.resolved.write_text(content)
    assert recall(STAGING, stack()) is None


def test_a_verb_needs_no_terraform_then(monkeypatch: pytest.MonkeyPatch) -> None:
    remember(STAGING, ARNS)
    monkeypatch.setattr(connect, "Terraform", None)
    found = connect.connect(STAGING)
    assert (found.name, found.region) == (ARNS["switch_lambda_arn"], "eu-west-1")
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
