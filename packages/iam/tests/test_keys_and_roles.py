"""KMS keys and roles: nothing opens them but their own policy, or what that delegates to.

Source: KMS Developer Guide, "Default key policy", "Troubleshooting key access", "Grants in AWS KMS",
"Creating grants", "Creating a key policy"; IAM User Guide, "Policy evaluation logic" (trust policies and key
policies), "How to use trust policies".
"""

from typing import Any

import pytest

from iam_evaluation import Caller, Decision, Grant, Kind, Layer, Policies, Policy, parse_policy
from packages.iam.tests.questions import (
    ACCOUNT,
    KEY,
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

YES, NO = policy(), policy({"Action": "s3:*"})
TARGET = f"arn:aws:iam::{ACCOUNT}:role/target"
FOREIGN = Caller.role(f"arn:aws:iam::{OTHER}:role/app", "one")
ROOT = Caller.root(ACCOUNT)
DECRYPT, ASSUME = ("kms:Decrypt", KEY), ("sts:AssumeRole", TARGET)


def own(action: tuple[str, str], *principals: Any) -> tuple[Policy, ...]:
    """The key's or the role's policy."""
    kind = Kind.KEY if action is DECRYPT else Kind.TRUST
    return of_resource(*({"Principal": principal} for principal in principals), kind=kind)


@pytest.mark.parametrize(("action", "layer"), [(DECRYPT, Layer.KEY), (ASSUME, Layer.TRUST)])
class TestSameRule:
    """What keys and roles have in common."""

    def test_identity_based_policies_alone_do_not_do(self, action: tuple[str, str], layer: Layer) -> None:
        decision = ask(Policies(identity=(YES,)), action=action[0], resource=action[1])
        assert decision.missing is layer
        closed = Policies(identity=(YES,), resource=own(action, {"Service": "ecs.amazonaws.com"}))
        assert ask(closed, action=action[0], resource=action[1]).missing is layer

    def test_who_is_named_needs_nothing_else(self, action: tuple[str, str], layer: Layer) -> None:
        del layer
        for caller, name in ((ROLE, ROLE_ARN), (USER, USER_ARN), (ROLE, ROLE.arn)):
            rules = Policies(resource=own(action, {"AWS": name}))
            assert ask(rules, caller=caller, action=action[0], resource=action[1]).allowed

    def test_a_named_role_is_limited_by_its_boundary(self, action: tuple[str, str], layer: Layer) -> None:
        del layer
        rules = Policies(resource=own(action, {"AWS": ROLE_ARN}), boundary=NO)
        assert ask(rules, action=action[0], resource=action[1]).missing is Layer.BOUNDARY

    def test_a_named_account_delegates(self, action: tuple[str, str], layer: Layer) -> None:
        del layer
        rules = own(action, {"AWS": ROOT_ARN})
        assert ask(Policies(resource=rules), action=action[0], resource=action[1]).missing is Layer.IDENTITY
        assert ask(Policies(resource=rules, identity=(YES,)), action=action[0], resource=action[1]).allowed

    def test_another_account_needs_both(self, action: tuple[str, str], layer: Layer) -> None:
        asked: dict[str, Any] = {"caller": FOREIGN, "action": action[0], "resource": action[1]}
        open_ = own(action, {"AWS": OTHER})
        assert ask(Policies(resource=open_, identity=(YES,)), **asked).allowed
        assert ask(Policies(resource=open_), **asked).missing is Layer.IDENTITY
        closed = own(action, {"AWS": ACCOUNT})
        assert ask(Policies(resource=closed, identity=(YES,)), **asked).missing is layer

    def test_a_service_needs_to_be_named(self, action: tuple[str, str], layer: Layer) -> None:
        asked: dict[str, Any] = {
            "caller": Caller.service("ecs-tasks.amazonaws.com"),
            "action": action[0],
            "resource": action[1],
        }
        assert ask(Policies(resource=own(action, {"Service": "ecs-tasks.amazonaws.com"})), **asked).allowed
        assert ask(Policies(resource=own(action, {"Service": "ecs.amazonaws.com"})), **asked).missing is layer


def test_the_root_user_needs_the_key_policy_and_assumes_no_role() -> None:
    assert ask(Policies(), caller=ROOT, action=DECRYPT[0], resource=KEY).missing is Layer.KEY
    named = Policies(resource=own(DECRYPT, {"AWS": ROOT_ARN}))
    assert ask(named, caller=ROOT, action=DECRYPT[0], resource=KEY).allowed
    named = Policies(resource=own(ASSUME, {"AWS": ROOT_ARN}))
    assert ask(named, caller=ROOT, action=ASSUME[0], resource=TARGET).missing is Layer.TRUST


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("kms:ListKeys", "*"),
        ("kms:CreateAlias", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/app"),
        ("iam:PassRole", TARGET),
        ("iam:GetRole", TARGET),
    ],
)
def test_other_actions_of_these_services_follow_the_usual_rules(action: str, resource: str) -> None:
    assert ask(Policies(identity=(YES,)), action=action, resource=resource).allowed


@pytest.mark.parametrize("action", ["sts:TagSession", "sts:SetSourceIdentity", "STS:assumerole"])
def test_the_trust_policy_decides_about_session_tags_too(action: str) -> None:
    assert ask(Policies(identity=(YES,)), action=action, resource=TARGET).missing is Layer.TRUST
    rules = of_resource(
        {"Principal": {"AWS": ROLE_ARN}, "Action": ["sts:TagSession", "sts:AssumeRole"]}, kind=Kind.TRUST
    )
    assert ask(Policies(resource=rules), action=action, resource=TARGET).allowed is (
        action != "sts:SetSourceIdentity"
    )


def test_an_identity_provider_assumes_a_role() -> None:
    provider = Caller.provider(f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com")
    subject = {"StringEquals": {"token.example.com:sub": "repo:me"}}
    rules = of_resource(
        {
            "Principal": {"Federated": provider.arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": subject,
        },
        kind=Kind.TRUST,
    )
    asked: dict[str, Any] = {
        "caller": provider,
        "action": "sts:AssumeRoleWithWebIdentity",
        "resource": TARGET,
    }
    assert ask(Policies(resource=rules), context={"token.example.com:sub": "repo:me"}, **asked).allowed
    refused = ask(Policies(resource=rules), context={"token.example.com:sub": "repo:other"}, **asked)
    assert refused.missing is Layer.TRUST


def test_a_key_policy_statement_without_resource_has_no_effect() -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Action": "kms:*"}
    for resource, expected in (({}, False), ({"Resource": "*"}, True)):
        rules = parse_policy({"Statement": {**statement, **resource}}, name="key", kind=Kind.KEY)
        decision = ask(Policies(resource=(rules,)), action=DECRYPT[0], resource=KEY)
        assert decision.allowed is expected


CLOSED = own(DECRYPT, {"Service": "logs.eu-west-1.amazonaws.com"})


def grant(grantee: str = ROLE_ARN, **given: Any) -> Policies:
    return Policies(
        resource=CLOSED, grants=(Grant("g1", grantee, frozenset({"Decrypt", "DescribeKey"}), **given),)
    )


def decrypt(
    policies: Policies,
    caller: Caller = ROLE,
    action: str = DECRYPT[0],
    context: dict[str, str] | None = None,
) -> Decision:
    return ask(policies, caller=caller, action=action, resource=KEY, context=context)


def test_grants_open_a_key_beside_its_policy() -> None:
    decision = decrypt(grant())
    assert decision.allowed
    assert decision.by[0].layer is Layer.GRANT
    assert decrypt(grant(), action="kms:Encrypt").missing is Layer.KEY
    assert decrypt(grant(), caller=USER).missing is Layer.KEY
    assert decrypt(grant(ROLE.arn)).allowed
    assert decrypt(
        grant("dynamodb.eu-west-1.amazonaws.com"), caller=Caller.service("dynamodb.eu-west-1.amazonaws.com")
    ).allowed
    assert decrypt(grant(FOREIGN.entity), caller=FOREIGN).allowed


def test_a_grant_to_an_account_delegates() -> None:
    assert decrypt(grant(ROOT_ARN)).missing is Layer.IDENTITY
    both = grant(ROOT_ARN)
    assert decrypt(Policies(**{**vars(both), "identity": (YES,)})).allowed
    assert decrypt(grant(f"arn:aws:iam::{OTHER}:root"), caller=FOREIGN).missing is Layer.IDENTITY


def test_an_explicit_denial_wins_over_a_grant() -> None:
    denied = (*own(DECRYPT, "*"), policy({"Effect": "Deny", "Principal": "*"}, kind=Kind.KEY))
    assert decrypt(Policies(**{**vars(grant()), "resource": denied})).explicit


def test_a_boundary_limits_a_grant_to_the_role() -> None:
    assert decrypt(Policies(**{**vars(grant()), "boundary": NO})).missing is Layer.BOUNDARY


@pytest.mark.parametrize(
    ("constraint", "context", "expected"),
    [
        ({"context_subset": {"Department": "IT"}}, {"Department": "IT", "Purpose": "Test"}, True),
        ({"context_subset": {"Department": "IT"}}, {"Department": "it"}, False),
        ({"context_subset": {"Department": "IT"}}, {"department": "IT"}, False),
        ({"context_subset": {"Department": "IT"}}, {}, False),
        ({"context_equals": {"Department": "IT"}}, {"Department": "IT"}, True),
        ({"context_equals": {"Department": "IT"}}, {"Department": "IT", "Purpose": "Test"}, False),
        ({"context_equals": {"Department": "IT"}}, {}, False),
    ],
)
def test_constraints_of_grants(constraint: dict[str, Any], context: dict[str, str], expected: bool) -> None:
    keys = {f"kms:EncryptionContext:{name}": value for name, value in context.items()}
    assert decrypt(grant(**constraint), context=keys).allowed is expected
    assert decrypt(grant(**constraint), action="kms:DescribeKey").allowed
