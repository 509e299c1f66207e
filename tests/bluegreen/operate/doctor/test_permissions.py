"""What the doctor needs: the actions that its checks list, all of them read-only, and no other."""

import json
import uuid
from collections.abc import Iterable, Mapping

import embedded_aws
import pytest

from bluegreen.operate.doctor import CHECKS, STATE_PERMISSIONS
from iam_evaluation import find_action
from tests.bluegreen.operate.doctor.world import ACCOUNT, World

ACTIONS = {*STATE_PERMISSIONS, *(action for check in CHECKS for action in check.permissions)}
READING = {"List", "Read"}
# What the reference counts as no reading, and changes nothing: a key's use for the state.
USES = {"kms:Decrypt"}


def become(world: World, patch: pytest.MonkeyPatch, actions: Iterable[str]) -> None:
    """Until the patch is undone, a role that may do no more than this asks."""
    iam, name = world.client("iam"), f"doctor-{uuid.uuid4().hex[:8]}"
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    allow = {"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
    iam.put_role_policy(RoleName=name, PolicyName="reads", PolicyDocument=_document(allow))
    keys = world.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="doctor"
    )["Credentials"]
    patch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    patch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    patch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_every_action_reads() -> None:
    for action in ACTIONS - USES:
        assert find_action(action).access_level in READING, action


def test_these_actions_suffice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(embedded_aws.denials(world.aws))
    become(world, monkeypatch, ACTIONS)
    code, verdicts, answer = world.doctor("--domain", "payments.example.com")
    assert {name for name, verdict in verdicts.items() if verdict != "passed"} == {"copies of backups"}, (
        answer
    )
    assert code == 0
    assert embedded_aws.denials(world.aws)[before:] == []


def test_a_check_that_may_not_look_is_unknown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    become(world, monkeypatch, ACTIONS - {"acm:DescribeCertificate"})
    code, verdicts, answer = world.doctor()
    assert [name for name, verdict in verdicts.items() if verdict in {"failed", "unknown"}] == ["certificate"]
    assert (verdicts["certificate"], code, answer["ready"]) == ("unknown", 2, False)
    (said,) = [one for one in answer["checks"] if one["check"] == "certificate"]
    assert "acm:DescribeCertificate" in said["fix"]
