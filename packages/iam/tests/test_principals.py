"""Whom a statement reaches.

Source: IAM User Guide, "AWS JSON policy elements: Principal", "… NotPrincipal".
"""

from typing import Any

import pytest

from iam_evaluation import Caller, Policies
from packages.iam.tests.questions import (
    ACCOUNT,
    OTHER,
    ROLE,
    ROLE_ARN,
    ROOT_ARN,
    USER,
    USER_ARN,
    ask,
    of_resource,
    policy,
)

SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
FEDERATED = Caller.federated_user(USER_ARN, "bob")
CALLERS = {
    "role": ROLE,
    "user": USER,
    "root": Caller.root(ACCOUNT),
    "federated": FEDERATED,
    "service": Caller.service("events.amazonaws.com"),
    "provider": Caller.provider("cognito-identity.amazonaws.com"),
    "anonymous": Caller.anonymous(),
    "foreign": Caller.role(f"arn:aws:iam::{OTHER}:role/app", "one"),
}
OF_ACCOUNT = {"role", "user", "root", "federated"}


@pytest.mark.parametrize(
    ("principal", "reached"),
    [
        ("*", set(CALLERS)),
        ({"AWS": "*"}, set(CALLERS)),
        ({"AWS": ROOT_ARN}, OF_ACCOUNT),
        ({"AWS": ACCOUNT}, OF_ACCOUNT),
        ({"AWS": [OTHER, ACCOUNT]}, OF_ACCOUNT | {"foreign"}),
        ({"AWS": ROLE_ARN}, {"role"}),
        ({"AWS": ROLE_ARN.replace("app", "APP")}, set()),
        ({"AWS": SESSION_ARN}, {"role"}),
        ({"AWS": SESSION_ARN.replace("one", "two")}, set()),
        ({"AWS": USER_ARN}, {"user", "federated"}),
        ({"AWS": USER_ARN.replace("alice", "Alice")}, set()),
        ({"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/bob"}, {"federated"}),
        ({"AWS": "AROADBQP57FF2AEXAMPLE"}, set()),
        ({"Service": "events.amazonaws.com"}, {"service"}),
        ({"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}, {"service"}),
        ({"Service": "events.eu-west-1.amazonaws.com"}, set()),
        ({"Federated": "cognito-identity.amazonaws.com"}, {"provider"}),
        ({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}, set()),
        ({"AWS": ROLE_ARN, "Service": "events.amazonaws.com"}, {"role", "service"}),
    ],
)
def test_principal(principal: Any, reached: set[str]) -> None:
    """Shown by what a Deny denies."""
    rules = of_resource({}, {"Effect": "Deny", "Principal": principal})
    asked = Policies(resource=rules, identity=(policy(),), session=(policy(),))
    assert {name for name, caller in CALLERS.items() if ask(asked, caller=caller).explicit} == reached


@pytest.mark.parametrize(
    ("named", "exempt"),
    [
        ({"AWS": [USER_ARN, ROOT_ARN]}, {"user", "root", "federated"}),
        ({"AWS": [USER_ARN, ACCOUNT]}, {"user", "root", "federated"}),
        ({"AWS": [ROLE_ARN, ROOT_ARN, SESSION_ARN]}, {"role", "root"}),
        ({"AWS": [ROLE_ARN, ROOT_ARN]}, {"role", "root"}),
        ({"AWS": ROLE_ARN}, set()),  # without the account
        ({"AWS": ROOT_ARN}, {"root"}),  # its users and roles aren't named
        ({"Service": "events.amazonaws.com"}, {"service"}),
        ("*", set(CALLERS)),
    ],
)
def test_not_principal(named: Any, exempt: set[str]) -> None:
    rules = of_resource({}, {"Effect": "Deny", "NotPrincipal": named})
    asked = Policies(resource=rules, identity=(policy(),), session=(policy(),))
    assert {name for name, caller in CALLERS.items() if not ask(asked, caller=caller).explicit} == exempt


def test_not_principal_denies_principals_with_a_boundary() -> None:
    """IAM User Guide, "Permissions boundaries for IAM entities"."""
    rules = of_resource({}, {"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE_ARN, ROOT_ARN]}})
    assert ask(Policies(resource=rules)).allowed
    assert ask(Policies(resource=rules, boundary=policy())).explicit


def test_a_role_has_its_path_in_its_own_arn_only() -> None:
    caller = Caller.role(f"arn:aws-cn:iam::{ACCOUNT}:role/team/app", "one")
    assert caller.arn == f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/app/one"
    assert caller.entity == f"arn:aws-cn:iam::{ACCOUNT}:role/team/app"


@pytest.mark.parametrize("make", [Caller.role, Caller.user])
def test_callers_are_made_of_arns_of_their_kind(make: Any) -> None:
    with pytest.raises(ValueError, match="is not the ARN of an IAM"):
        make(f"arn:aws:iam::{ACCOUNT}:group/x")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("role", {"aws:PrincipalArn": ROLE_ARN, "aws:PrincipalType": "AssumedRole"}),
        ("user", {"aws:PrincipalArn": USER_ARN, "aws:PrincipalType": "User", "aws:username": "alice"}),
        ("root", {"aws:PrincipalArn": ROOT_ARN, "aws:PrincipalType": "Account"}),
        ("federated", {"aws:PrincipalArn": FEDERATED.arn, "aws:PrincipalType": "FederatedUser"}),
        (
            "service",
            {"aws:PrincipalServiceName": "events.amazonaws.com", "aws:PrincipalIsAWSService": "true"},
        ),
        ("anonymous", {"aws:PrincipalAccount": "anonymous", "aws:PrincipalType": "Anonymous"}),
        ("foreign", {"aws:PrincipalAccount": OTHER, "aws:PrincipalIsAWSService": "false"}),
    ],
)
def test_keys_that_follow_from_the_caller(name: str, keys: dict[str, str]) -> None:
    """IAM User Guide, "AWS global condition context keys", Properties of the principal."""
    condition = {"StringEquals": {**keys, "aws:ResourceAccount": ACCOUNT}}
    rules = Policies(resource=of_resource({"Effect": "Deny", "Condition": condition}))
    assert ask(rules, caller=CALLERS[name], owner=ACCOUNT).explicit
    given = dict.fromkeys(condition["StringEquals"], "other")  # what the request says goes first
    assert not ask(rules, caller=CALLERS[name], owner=ACCOUNT, context=given).explicit


@pytest.mark.parametrize("name", ["role", "root", "service", "anonymous"])
def test_only_users_have_a_user_name(name: str) -> None:
    rules = of_resource({"Condition": {"Null": {"aws:username": "true"}}})
    assert ask(Policies(resource=rules), caller=CALLERS[name]).allowed
    assert not ask(Policies(resource=rules), caller=USER).allowed
