"""Documents are read as IAM's grammar says; what AWS refuses is refused, with place, cause and fix."""

import json
from typing import Any

import pytest

from iam_evaluation import Kind, PolicyError, parse_policy

GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
SHARED: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
TRUSTED: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "ecs.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


def without(statement: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key not in names}


@pytest.mark.parametrize(
    ("statement", "where", "cause"),
    [
        ({**GOOD, "Effect": "allow"}, "Statement[0].Effect", "'allow' is no effect"),
        (without(GOOD, "Effect"), "Statement[0].Effect", "None is no effect"),
        (without(GOOD, "Action"), "Statement[0]", "it names no action"),
        ({**GOOD, "NotAction": "s3:*"}, "Statement[0]", "it has Action and NotAction"),
        ({**GOOD, "Action": []}, "Statement[0].Action", "[] is no string"),
        ({**GOOD, "Action": "GetObject"}, "Statement[0].Action", "'GetObject' is neither"),
        ({**GOOD, "Action": "s*:GetObject"}, "Statement[0].Action", "'s*:GetObject' is neither"),
        (without(GOOD, "Resource"), "Statement[0]", "it names no resource"),
        ({**GOOD, "NotResource": "*"}, "Statement[0]", "it has Resource and NotResource"),
        ({**GOOD, "Resource": "bucket"}, "Statement[0].Resource", "'bucket' is neither"),
        ({**GOOD, "Resource": ["*", "arn:aws:s3"]}, "Statement[0].Resource", "'arn:aws:s3' is neither"),
        ({**GOOD, "Resource": 7}, "Statement[0].Resource", "7 is no string"),
        ({**GOOD, "Principal": "*"}, "Statement[0].Principal", "attached to its principal"),
        ({**GOOD, "Sid": "a b"}, "Statement[0].Sid", "'a b' has other characters"),
        ({**GOOD, "Sid": 1}, "Statement[0].Sid", "1 is no string"),
        ({**GOOD, "Conditions": {}}, "Statement[0]", "'Conditions' is no element"),
        ({**GOOD, "Condition": []}, "Statement[0].Condition", "[] is no object"),
        ({**GOOD, "Condition": {"Bool": {}}}, "Statement[0].Condition.Bool", "it has no keys"),
        (
            {**GOOD, "Condition": {"Bool": {"a:b": None}}},
            "Statement[0].Condition.Bool.a:b",
            "None is no string",
        ),
        (
            {**GOOD, "Condition": {"Bool": {"a:b": "yes"}}},
            "Statement[0].Condition.Bool.a:b",
            'neither "true"',
        ),
        (
            {**GOOD, "Condition": {"StringEqual": {"a:b": "c"}}},
            "….StringEqual.a:b",
            "did you mean StringEquals",
        ),
        (
            {**GOOD, "Condition": {"NullIfExists": {"a:b": "true"}}},
            "….NullIfExists.a:b",
            "no condition operator",
        ),
        ({**GOOD, "Condition": {"Null": {"a:b": "maybe"}}}, "….Null.a:b", 'takes "true"'),
        ({**GOOD, "Condition": {"Null": {"a:b": ["true", "false"]}}}, "….Null.a:b", 'takes "true"'),
        ({**GOOD, "Condition": {"ForAll:Bool": {"a:b": "true"}}}, "….ForAll:Bool.a:b", "no set operator"),
        ({**GOOD, "Condition": {"NumericEquals": {"a:b": "x"}}}, "….NumericEquals.a:b", "'x' is no number"),
        ({**GOOD, "Condition": {"DateEquals": {"a:b": "31.1.26"}}}, "….DateEquals.a:b", "is no date"),
        ({**GOOD, "Condition": {"IpAddress": {"a:b": "10.0.0/8"}}}, "….IpAddress.a:b", "neither an IP"),
        ({**GOOD, "Condition": {"BinaryEquals": {"a:b": "?"}}}, "….BinaryEquals.a:b", "is not base64"),
        ({**GOOD, "Condition": {"ArnLike": {"a:b": "*"}}}, "….ArnLike.a:b", "no ARN of six parts"),
        (
            {**GOOD, "Condition": {"ArnLike": {"a:b": "arn:aws:s3"}}},
            "….ArnLike.a:b",
            "nor an ARN of six parts",
        ),
        ("Allow", "Statement[0]", "'Allow' is no object"),
    ],
)
def test_statements_of_identities(statement: object, where: str, cause: str) -> None:
    check({"Version": "2012-10-17", "Statement": [statement]}, Kind.IDENTITY, where, cause)


@pytest.mark.parametrize(
    ("principal", "cause"),
    [
        ({"AWS": "arn:aws:iam::111122223333:role/*"}, "wildcards can't stand for a part"),
        ({"AWS": "arn:aws:iam::111122223333:group/admins"}, "neither an account"),
        ({"AWS": "1111"}, "neither an account"),
        ({"AWS": []}, "neither a string nor a list of strings"),
        ({"Aws": "*"}, "'Aws' is no type of principal"),
        ({"Service": "events"}, "no service principal"),
        ({"Service": "*.amazonaws.com"}, "no service principal"),
        ({"Federated": "arn:aws:iam::111122223333:saml-provider/*"}, "has a wildcard"),
        ("111122223333", "is neither"),
        ({}, "is neither"),
    ],
)
def test_principals(principal: object, cause: str) -> None:
    statement = {**SHARED, "Principal": principal}
    check({"Statement": statement}, Kind.RESOURCE, "Statement[0].Principal", cause)


@pytest.mark.parametrize(
    ("kind", "statement", "where", "cause"),
    [
        (Kind.RESOURCE, without(SHARED, "Principal"), "Statement[0]", "it names no principal"),
        (Kind.RESOURCE, {**SHARED, "NotPrincipal": "*"}, "Statement[0]", "it has Principal and NotPrincipal"),
        (
            Kind.RESOURCE,
            {**without(SHARED, "Principal"), "NotPrincipal": {"AWS": "111122223333"}},
            "Statement[0].NotPrincipal",
            "it is for Deny",
        ),
        (Kind.TRUST, {**TRUSTED, "Resource": "*"}, "Statement[0].Resource", "about its role"),
        (
            Kind.SERVICE_CONTROL,
            {**GOOD, "Principal": "*"},
            "Statement[0].Principal",
            "attached to its principal",
        ),
        (Kind.RESOURCE_CONTROL, SHARED, "Statement[0]", "resource control policies deny"),
        (
            Kind.RESOURCE_CONTROL,
            {**SHARED, "Effect": "Deny", "Principal": {"AWS": "111122223333"}},
            "Statement[0]",
            "for everyone",
        ),
    ],
)
def test_what_a_kind_of_document_may_not_have(
    kind: Kind, statement: dict[str, Any], where: str, cause: str
) -> None:
    check({"Version": "2012-10-17", "Statement": [statement]}, kind, where, cause)


@pytest.mark.parametrize(
    ("document", "where", "cause"),
    [
        ({"Version": "2012-10-17"}, "Statement", "there is no statement"),
        ({"Version": "2012-10-17", "Statement": []}, "Statement", "there is no statement"),
        ({"Version": "2020-01-01", "Statement": [GOOD]}, "Version", "'2020-01-01' is no version"),
        ({"statement": [GOOD]}, "the document", "'statement' is no element"),
        (
            {"Statement": [{**GOOD, "Sid": "a"}, {**GOOD, "Sid": "a"}]},
            "Statement[1].Sid",
            "another statement's",
        ),
        ([GOOD], "the document", "is no object"),
    ],
)
def test_documents(document: object, where: str, cause: str) -> None:
    check(document, Kind.IDENTITY, where, cause)


@pytest.mark.parametrize(
    ("text", "where", "cause"),
    [
        ("{", "line 1, column 2", "no JSON"),
        ('{"Statement": [{"Effect": "Deny", "Effect": "Allow"}]}', "Effect", "'Effect' occurs twice"),
    ],
)
def test_texts(text: str, where: str, cause: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, name="mine")
    assert (caught.value.where, caught.value.policy) == (where, "mine")
    assert cause in caught.value.cause


def check(document: Any, kind: Kind, where: str, cause: str) -> None:
    """As text and as what it says; the message has all that the error has."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(document, name="mine", kind=kind)
    error = caught.value
    assert error.where == where.replace("…", "Statement[0].Condition")
    assert cause in error.cause
    assert error.fix
    assert (
        str(error)
        == f"policy 'mine' is invalid, at {error.where}\n  cause: {error.cause}\n  fix: {error.fix}"
    )
    with pytest.raises(PolicyError) as again:
        parse_policy(json.dumps(document), name="mine", kind=kind)
    assert str(again.value) == str(error)


@pytest.mark.parametrize("kind", [Kind.RESOURCE, Kind.KEY, Kind.TRUST])
def test_documents_of_resources_have_free_sids_and_may_leave_out_the_resource(kind: Kind) -> None:
    statement = {"Sid": "Enable IAM policies", **TRUSTED}
    policy = parse_policy({"Id": "key-1", "Statement": [statement, statement]}, name="key", kind=kind)
    assert [one.sid for one in policy.statements] == ["Enable IAM policies"] * 2
    assert all(one.resources is None for one in policy.statements)
    assert [one.ineffective for one in policy.statements] == [kind is Kind.KEY] * 2


def test_the_same_text_is_parsed_once() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": GOOD})
    assert parse_policy(text, name="mine") is parse_policy(text, name="mine")
    assert parse_policy(text, name="mine") is not parse_policy(text, name="other")
