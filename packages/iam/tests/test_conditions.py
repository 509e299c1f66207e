"""Condition operators, by the examples of the guide.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from typing import Any

import pytest

from iam_evaluation.conditions import OPERATORS
from packages.iam.tests.questions import USER, allowed

K = "aws:PrincipalTag/key"
# Operator, value in the policy, value in the request, whether it holds.
PAIRS: list[tuple[str, Any, Any, bool]] = [
    ("StringEquals", "johndoe", "johndoe", True),
    ("StringEquals", "johndoe", "JohnDoe", False),
    ("StringEquals", "john*", "johndoe", False),
    ("StringEquals", "john*", "john*", True),
    ("StringEquals", ["a", "b"], "b", True),
    ("StringEquals", "", "", True),
    ("StringEquals", True, "true", True),
    ("StringEquals", 42, "42", True),
    ("StringEquals", "${aws:username}", "alice", True),
    ("StringEquals", ["x", "${aws:PrincipalTag/none}"], "alice", False),
    ("StringEquals", "${aws:PrincipalTag/none, 'a*'}", "a*", True),
    ("StringEquals", "${*}", "*", True),
    ("StringEqualsIgnoreCase", "johndoe", "JohnDoe", True),
    ("StringEqualsIgnoreCase", "johndoe", "JohnDo", False),
    ("StringEqualsIgnoreCase", "john*", "johnx", False),
    ("StringEqualsIgnoreCase", "${aws:username}", "ALICE", True),
    ("StringLike", "home/${aws:username}/*", "home/alice/x", True),
    ("StringLike", "home/${aws:username}/*", "home/bob/x", False),
    ("StringLike", ["", "home/"], "", True),
    ("StringLike", "t1.*", "t1.micro", True),
    ("StringLike", "t1.*", "t1xmicro", False),
    ("StringLike", "T1.*", "t1.micro", False),
    ("StringLike", "m?.large", "m3.large", True),
    ("StringLike", "m?.large", "m.large", False),
    ("StringLike", "a${*}b", "axb", False),
    ("StringLike", "a*b", "a\nb", True),
    ("NumericEquals", "10", "10.0", True),
    ("NumericEquals", 10, "10", True),
    ("NumericEquals", "10", "11", False),
    ("NumericEquals", "10", "ten", False),
    ("NumericEquals", "1e1", "10", True),
    ("NumericLessThan", "10", "9.5", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericLessThanEquals", "3600", "3601", False),
    ("NumericGreaterThan", "9", "10", True),  # not as texts
    ("NumericGreaterThan", "10", "10", False),
    ("NumericGreaterThanEquals", "10", "10", True),
    ("NumericGreaterThanEquals", "-1.5", "-2", False),
    ("DateEquals", "2026-01-31T12:00:00Z", "2026-01-31T14:00:00+02:00", True),
    ("DateEquals", "2026-01-31", "2026-01-31T00:00:00Z", True),
    ("DateEquals", "2026", "2026-01-01T00:00Z", True),
    ("DateEquals", "2026-02", "2026-02-01", True),
    ("DateEquals", "1767225600", "2026-01-01T00:00:00Z", True),
    ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", True),
    ("DateEquals", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z", False),
    ("DateEquals", "2026-01-01", "soon", False),
    ("DateEquals", "2026-01-01", "2026-02-31", False),
    ("DateLessThan", "2026-01-31T12:00:00Z", "2026-01-31T11:59:59Z", True),
    ("DateLessThan", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z", False),
    ("DateLessThanEquals", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z", True),
    ("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z", True),
    ("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", False),
    ("DateGreaterThanEquals", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", True),
    ("DateGreaterThanEquals", "2020-01-01T00:00:01Z", "2019-12-31T23:59:59-05:00", True),
    ("Bool", "true", "true", True),
    ("Bool", "True", "true", True),
    ("Bool", False, "false", True),
    ("Bool", "false", "true", False),
    ("Bool", "true", "yes", False),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", True),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", False),
    ("BinaryEquals", "QmluYXJ5", "not base64", False),
    ("IpAddress", "203.0.113.0/24", "203.0.113.255", True),
    ("IpAddress", "203.0.113.0/24", "203.0.114.0", False),
    ("IpAddress", "203.0.113.7", "203.0.113.7", True),
    ("IpAddress", "203.0.113.7", "203.0.113.8", False),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::1", True),
    ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
    ("IpAddress", "203.0.113.0/24", "somewhere", False),
    (
        "ArnEquals",
        "arn:aws:sns:REGION:123456789012:TOPIC-ID",
        "arn:aws:sns:REGION:123456789012:TOPIC-ID",
        True,
    ),
    ("ArnEquals", "arn:aws:sns:*:123456789012:TOPIC-*", "arn:aws:sns:REGION:123456789012:TOPIC-ID", True),
    (
        "ArnEquals",
        "arn:aws:sns:REGION:123456789012:topic-id",
        "arn:aws:sns:REGION:123456789012:TOPIC-ID",
        False,
    ),
    ("ArnLike", "arn:aws:sns:?:1:t", "arn:aws:sns:r:1:t", True),
    # The guide's example of what StringLike takes and ArnLike doesn't.
    *(
        (
            operator,
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
            operator == "StringLike",
        )
        for operator in ("StringLike", "ArnLike")
    ),
    (
        "ArnLike",
        "arn:aws:iam::111122223333:user/${aws:username}",
        "arn:aws:iam::111122223333:user/alice",
        True,
    ),
    ("ArnLike", "${aws:PrincipalArn}", "arn:aws:iam::111122223333:user/alice", True),
    ("ArnLike", "arn:aws:s3:::*", "no ARN", False),
]
NEGATIONS = {
    "StringEquals": ("StringNotEquals",),
    "StringEqualsIgnoreCase": ("StringNotEqualsIgnoreCase",),
    "StringLike": ("StringNotLike",),
    "NumericEquals": ("NumericNotEquals",),
    "DateEquals": ("DateNotEquals",),
    "IpAddress": ("NotIpAddress",),
    "ArnEquals": ("ArnNotEquals", "ArnNotLike"),
    "ArnLike": ("ArnNotEquals", "ArnNotLike"),
}
POSITIVE = sorted({operator for operator, *_ in PAIRS})


def holds(operator: str, wanted: Any, found: Any = None, key: str = K) -> bool:
    """Whether a request with `found` (None: without the key) meets the condition."""
    context = {} if found is None else {key: found}
    return allowed({"Condition": {operator: {K: wanted}}}, caller=USER, context=context)


@pytest.mark.parametrize(("operator", "wanted", "found", "expected"), PAIRS)
def test_an_operator_its_negation_and_its_other_forms(
    operator: str, wanted: Any, found: Any, expected: bool
) -> None:
    assert holds(operator, wanted, found) is expected
    assert holds(operator, wanted, found, key=K.upper()) is expected
    assert holds(operator.lower(), wanted, found) is expected
    assert holds(f"{operator}IfExists", wanted, found) is expected
    for negation in NEGATIONS.get(operator, ()):
        assert holds(negation, wanted, found) is not expected
    for over in ("ForAllValues", "ForAnyValue"):
        assert found == "" or holds(f"{over}:{operator}", wanted, [found]) is expected


def test_every_operator_has_cases() -> None:
    negations = {name for names in NEGATIONS.values() for name in names}
    assert {*POSITIVE, *negations} == {*OPERATORS}
    assert len(OPERATORS) == 26


@pytest.mark.parametrize("operator", POSITIVE)
def test_a_missing_key(operator: str) -> None:
    """False; of negated operators true; of IfExists true; of sets: vacuously true of all, false of any."""
    wanted = next(wanted for name, wanted, *_ in PAIRS if name == operator)
    assert not holds(operator, wanted)
    assert holds(f"{operator}IfExists", wanted)
    assert holds(f"ForAllValues:{operator}", wanted)
    assert not holds(f"ForAnyValue:{operator}", wanted)
    assert holds(f"ForAnyValue:{operator}IfExists", wanted)
    for negation in NEGATIONS.get(operator, ()):
        assert holds(negation, wanted)
        assert holds(f"{negation}IfExists", wanted)
        assert holds(f"ForAllValues:{negation}", wanted)
        assert not holds(f"ForAnyValue:{negation}", wanted)


def test_several_values_in_the_policy_are_alternatives_and_none_of_them_when_negated() -> None:
    assert holds("StringEquals", ["a", "b"], "b")
    assert not holds("StringNotEquals", ["a", "b"], "b")
    assert holds("StringNotEquals", ["a", "b"], "c")
    assert not holds("StringEquals", [], "a")
    assert holds("StringNotEquals", [], "a")


def test_keys_and_operators_all_have_to_hold() -> None:
    condition = {
        "StringEquals": {K: "a", "aws:PrincipalTag/other": "b"},
        "Bool": {"aws:SecureTransport": "true"},
    }
    met = {K: "a", "aws:PrincipalTag/other": "b", "aws:SecureTransport": True}
    assert allowed({"Condition": condition}, context=met)
    for key in met:
        assert not allowed({"Condition": condition}, context={**met, key: "c"})


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "expected"),
    [
        # The guide's example: attributes of a DynamoDB table.
        ("ForAllValues:StringEquals", ["ID", "Message", "Tags"], ["Message", "Tags"], True),
        ("ForAllValues:StringEquals", ["ID", "Message", "Tags"], ["Message", "UserName"], False),
        ("ForAllValues:StringEquals", ["ID"], [], True),
        ("ForAllValues:StringEquals", ["ID"], [""], True),
        ("ForAnyValue:StringEquals", ["ID", "PostDateTime"], ["UserName", "Message", "PostDateTime"], True),
        ("ForAnyValue:StringEquals", ["ID", "PostDateTime"], ["UserName"], False),
        ("ForAnyValue:StringEquals", ["ID"], [], False),
        ("ForAnyValue:StringEquals", [""], [""], False),
        ("ForAllValues:StringNotEquals", ["ID"], ["a", "b"], True),
        ("ForAllValues:StringNotEquals", ["ID"], ["a", "ID"], False),
        ("ForAnyValue:StringNotEquals", ["ID"], ["a", "ID"], True),
        ("ForAnyValue:StringNotEquals", ["ID"], ["ID"], False),
        ("ForAllValues:StringLike", ["t*"], ["team", "tag"], True),
        ("forallvalues:StringLike", ["t*"], ["team", "cost"], False),
        ("ForAnyValue:ArnLike", ["arn:aws:s3:::*"], ["x", "arn:aws:s3:::b"], True),
        # Without a set operator, nothing fits several values.
        ("StringEquals", ["a", "b"], ["a", "b"], False),
        ("StringNotEquals", ["c"], ["a", "b"], True),
        ("StringEquals", ["a"], ["a"], True),
    ],
)
def test_several_values_in_the_request(operator: str, wanted: Any, found: Any, expected: bool) -> None:
    assert holds(operator, wanted, found) is expected


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        ("true", None, True),
        ("false", None, False),
        ("true", "x", False),
        ("false", "x", True),
        (True, None, True),
        ("True", None, True),
        ("true", [], True),
        ("true", "", True),
        ("false", "", False),
    ],
)
def test_null(wanted: Any, found: Any, expected: bool) -> None:
    """IAM User Guide, "Condition", The request context: an empty string is null."""
    assert holds("Null", wanted, found) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [("StringEquals", False), ("StringLike", False), ("StringNotEquals", True), ("StringNotLike", True)],
)
def test_a_variable_without_value_equals_nothing(operator: str, expected: bool) -> None:
    assert holds(operator, "${aws:PrincipalTag/none}", "x") is expected


def test_only_strings_arns_and_booleans_take_variables() -> None:
    assert holds("Bool", "${aws:PrincipalIsAWSService}", "false")
    for operator in ("NumericEquals", "DateEquals", "IpAddress", "BinaryEquals", "Null"):
        with pytest.raises(ValueError, match="is invalid"):
            holds(operator, "${aws:PrincipalTag/none}", "1")


def test_the_same_key_twice_in_a_context_is_refused() -> None:
    with pytest.raises(ValueError, match="is given twice"):
        allowed({}, context={"aws:SourceIp": "1.1.1.1", "AWS:sourceip": "1.1.1.1"})
