"""Which policies have to allow, within an account and across accounts.

Source: IAM User Guide, "Policy evaluation logic" (also its table "Resource-based policies and implicit denies
in other policy types"), "Cross-account policy evaluation logic", "Permissions boundaries for IAM entities",
"Session policies".
"""

from typing import Any

import pytest

from iam_evaluation import Caller, Kind, Layer, Policies
from packages.iam.tests.questions import (
    ACCOUNT,
    OTHER,
    QUEUE,
    ROLE,
    ROLE_ARN,
    ROOT_ARN,
    USER,
    USER_ARN,
    ask,
    of_resource,
    policy,
)

YES, NO, DENY = policy(), policy({"Action": "s3:*"}), policy({"Effect": "Deny"})
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
FEDERATED = Caller.federated_user(USER_ARN, "bob")
ROOT, SERVICE = Caller.root(ACCOUNT), Caller.service("events.amazonaws.com")


def to(*names: str) -> tuple[Any, ...]:
    return of_resource({"Principal": {"AWS": list(names)}})


@pytest.mark.parametrize(
    ("caller", "identity", "expected"),
    [
        (ROLE, (YES,), True),
        (ROLE, (NO,), False),
        (ROLE, (), False),
        (ROLE, (NO, YES), True),
        (USER, (YES,), True),
    ],
)
def test_identity_based_policies_alone(caller: Caller, identity: tuple[Any, ...], expected: bool) -> None:
    decision = ask(Policies(identity=identity), caller=caller)
    assert decision.allowed is expected
    assert decision.missing is (None if expected else Layer.IDENTITY)


@pytest.mark.parametrize(
    ("caller", "principal", "limits", "missing"),
    [
        # A grant to the role is limited by boundary and session policy, not by the identity-based policies.
        (ROLE, ROLE_ARN, {}, None),
        (ROLE, ROLE_ARN, {"boundary": NO}, Layer.BOUNDARY),
        (ROLE, ROLE_ARN, {"session": (NO,)}, Layer.SESSION),
        (ROLE, ROLE_ARN, {"boundary": YES, "session": (YES,)}, None),
        # A grant to the session isn't limited by any.
        (ROLE, SESSION_ARN, {"boundary": NO, "session": (NO,)}, None),
        # To a user: not by the boundary.
        (USER, USER_ARN, {"boundary": NO}, None),
        # To the user behind a federated session: by both; to the session itself: by none.
        (FEDERATED, USER_ARN, {}, Layer.SESSION),
        (FEDERATED, USER_ARN, {"session": (NO,)}, Layer.SESSION),
        (FEDERATED, USER_ARN, {"session": (YES,)}, None),
        (FEDERATED, USER_ARN, {"session": (YES,), "boundary": NO}, Layer.BOUNDARY),
        (FEDERATED, FEDERATED.arn, {"session": (NO,), "boundary": NO}, None),
        # To the account: identity-based policies have to allow, too.
        (ROLE, ROOT_ARN, {}, Layer.IDENTITY),
        (USER, ROOT_ARN, {}, Layer.IDENTITY),
        (ROOT, ROOT_ARN, {}, None),
    ],
)
def test_resource_based_policies_and_implicit_denials(
    caller: Caller, principal: str, limits: dict[str, Any], missing: Layer | None
) -> None:
    decision = ask(Policies(resource=to(principal), **limits), caller=caller)
    assert (decision.allowed, decision.missing) == (missing is None, missing)


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
def test_what_is_granted_to_everyone_is_not_limited(principal: Any) -> None:
    """IAM User Guide, "Principal": identities of the account need no other permission, and only explicit
    denials limit.
    """
    rules = of_resource({"Principal": principal})
    assert ask(Policies(resource=rules, boundary=NO, session=(NO,))).allowed
    assert ask(Policies(resource=rules, boundary=DENY)).explicit


@pytest.mark.parametrize(
    ("limits", "missing"),
    [
        ({}, None),
        ({"boundary": YES}, None),
        ({"boundary": NO}, Layer.BOUNDARY),
        ({"session": (YES,)}, None),
        ({"session": (NO,)}, Layer.SESSION),
        ({"session": (NO, YES)}, None),
        ({"session": ()}, Layer.SESSION),
        ({"boundary": YES, "session": (NO,)}, Layer.SESSION),
        ({"service_control": ((YES,),)}, None),
        ({"service_control": ((YES,), (NO,))}, Layer.SERVICE_CONTROL),
        ({"service_control": ((NO, YES), (YES,))}, None),
        ({"service_control": ((),)}, Layer.SERVICE_CONTROL),
        ({"endpoint": of_resource()}, None),
        ({"endpoint": of_resource({"Action": "s3:*"})}, Layer.ENDPOINT),
        ({"endpoint": of_resource({"Principal": {"AWS": OTHER}})}, Layer.ENDPOINT),
        ({"endpoint": of_resource({"Principal": {"AWS": ROOT_ARN}})}, None),
    ],
)
def test_what_limits_identity_based_policies(limits: dict[str, Any], missing: Layer | None) -> None:
    decision = ask(Policies(identity=(YES,), **limits))
    assert (decision.allowed, decision.missing) == (missing is None, missing)


def rcp(**statement: Any) -> Any:
    return policy({"Effect": "Deny", "Principal": "*", **statement}, kind=Kind.RESOURCE_CONTROL)


@pytest.mark.parametrize(
    ("layer", "policies"),
    [
        (Layer.IDENTITY, {"identity": (YES, DENY)}),
        (Layer.BOUNDARY, {"boundary": DENY}),
        (Layer.SESSION, {"session": (YES, DENY)}),
        (Layer.RESOURCE, {"resource": of_resource({}, {"Effect": "Deny"})}),
        (Layer.SERVICE_CONTROL, {"service_control": ((YES,), (YES, DENY))}),
        (Layer.RESOURCE_CONTROL, {"resource_control": (rcp(),)}),
        (Layer.ENDPOINT, {"endpoint": of_resource({}, {"Effect": "Deny"})}),
    ],
)
def test_an_explicit_denial_anywhere_wins(layer: Layer, policies: dict[str, Any]) -> None:
    everything = {"identity": (YES,), "resource": of_resource(), "boundary": YES, "session": (YES,)}
    decision = ask(Policies(**{**everything, **policies}))
    assert (decision.allowed, decision.explicit, decision.by[0].layer) == (False, True, layer)
    for caller in (Caller.role(f"arn:aws:iam::{OTHER}:role/app"), ROOT):
        assert ask(Policies(**{**everything, **policies}), caller=caller).explicit


@pytest.mark.parametrize(
    ("identity", "resource", "missing"),
    [
        ((YES,), to(OTHER), None),
        ((YES,), to(f"arn:aws:iam::{OTHER}:role/app"), None),
        ((YES,), of_resource(), None),
        ((), to(OTHER), Layer.IDENTITY),
        ((), of_resource(), Layer.IDENTITY),
        ((), to(f"arn:aws:iam::{OTHER}:role/app"), Layer.IDENTITY),
        ((), to(f"arn:aws:sts::{OTHER}:assumed-role/app/one"), Layer.IDENTITY),
        ((YES,), to(ACCOUNT), Layer.RESOURCE),
        ((YES,), (), Layer.RESOURCE),
    ],
)
def test_across_accounts_both_have_to_allow(
    identity: tuple[Any, ...], resource: tuple[Any, ...], missing: Layer | None
) -> None:
    foreign = Caller.role(f"arn:aws:iam::{OTHER}:role/app", "one")
    decision = ask(Policies(identity=identity, resource=resource), caller=foreign)
    assert (decision.allowed, decision.missing) == (missing is None, missing)
    limited = ask(Policies(identity=identity, resource=resource, boundary=NO), caller=foreign)
    assert not limited.allowed


def test_whose_account_it_is_when_the_arn_does_not_say() -> None:
    bucket = "arn:aws:s3:::bucket"
    assert ask(Policies(identity=(YES,)), resource=bucket).allowed
    assert ask(Policies(identity=(YES,)), resource=bucket, owner=OTHER).missing is Layer.RESOURCE
    assert ask(Policies(identity=(YES,)), resource="*").allowed
    assert ask(Policies(identity=(YES,)), resource=QUEUE.replace(ACCOUNT, OTHER)).missing is Layer.RESOURCE


def test_the_root_user_may_everything_in_its_account() -> None:
    assert ask(Policies(), caller=ROOT).allowed
    assert ask(Policies(boundary=NO), caller=ROOT).allowed
    assert ask(Policies(service_control=((NO,),)), caller=ROOT).missing is Layer.SERVICE_CONTROL
    assert ask(Policies(resource=of_resource({"Effect": "Deny"})), caller=ROOT).explicit
    assert ask(Policies(), caller=Caller.root(OTHER)).missing is Layer.RESOURCE
    assert ask(Policies(resource=to(OTHER)), caller=Caller.root(OTHER)).allowed


@pytest.mark.parametrize("caller", [SERVICE, Caller.anonymous(), Caller.provider("accounts.google.com")])
def test_who_has_no_account_needs_the_resource_policy_and_nothing_else(caller: Caller) -> None:
    asked = Policies(identity=(DENY,), boundary=DENY, session=(DENY,), service_control=((DENY,),))
    assert ask(asked, caller=caller).missing is Layer.RESOURCE
    open_ = Policies(**{**vars(asked), "resource": of_resource()})
    assert ask(open_, caller=caller).allowed
    assert ask(Policies(**{**vars(open_), "resource_control": (rcp(),)}), caller=caller).explicit


def test_organisations_do_not_limit_service_linked_roles() -> None:
    """Organizations User Guide, "Service control policies", "Resource control policies"."""
    name = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    limits: dict[str, Any] = {"service_control": ((NO, DENY),), "resource_control": (rcp(),)}
    assert ask(Policies(identity=(YES,), **limits), caller=Caller.role(name)).allowed
    assert ask(Policies(identity=(YES,), **limits)).explicit


@pytest.mark.parametrize("identity", [(), (DENY,)])
def test_get_caller_identity_needs_no_permission(identity: tuple[Any, ...]) -> None:
    """STS API Reference, "GetCallerIdentity": not even an explicit denial stops it."""
    assert ask(Policies(identity=identity), action="sts:GetCallerIdentity", resource="*").allowed


def test_carlos() -> None:
    """The example of "Policy evaluation logic": his own bucket, and a log bucket that is denied."""
    arns = ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"]
    carlos = Caller.user(f"arn:aws:iam::{ACCOUNT}:user/carlossalazar")
    identity = policy(
        {
            "Sid": "AllowS3ListRead",
            "Action": ["s3:GetBucketLocation", "s3:ListAllMyBuckets"],
            "Resource": "arn:aws:s3:::*",
        },
        {"Sid": "AllowS3Self", "Action": "s3:*", "Resource": arns},
        {"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*log*"},
    )
    bucket = of_resource({"Principal": {"AWS": carlos.arn}, "Action": "s3:*", "Resource": arns})
    asked = Policies(identity=(identity,), resource=bucket)
    assert ask(
        asked, caller=carlos, action="s3:PutObject", resource="arn:aws:s3:::carlossalazar/file"
    ).allowed
    denied = ask(asked, caller=carlos, action="s3:PutObject", resource="arn:aws:s3:::carlossalazar-logs/file")
    assert (denied.explicit, denied.by[0].sid) == (True, "DenyS3Logs")
    assert not ask(asked, caller=carlos, action="s3:PutObject", resource="arn:aws:s3:::other/file").allowed
