"""Actions, resources, variables: what a statement covers.

Source: IAM User Guide, "IAM JSON policy elements: Action", "… NotAction", "… Resource", "… NotResource", "IAM
policy elements: Variables and tags".
"""

from typing import Any

import pytest

from packages.iam.tests.questions import ACCOUNT, USER, allowed

BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"
TABLE = f"arn:aws:dynamodb:us-east-2:{ACCOUNT}:table/books_table"


@pytest.mark.parametrize(
    ("pattern", "action", "covered"),
    [
        ("iam:ListAccessKeys", "IAM:listaccesskeys", True),
        ("IAM:LISTACCESSKEYS", "iam:ListAccessKeys", True),
        ("iam:*AccessKey*", "iam:CreateAccessKey", True),
        ("iam:*AccessKey*", "iam:CreateUser", False),
        ("s3:*", "s3:GetObject", True),
        ("s3:*", "s3express:CreateSession", False),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:Get?bject", "s3:Getbject", False),
        ("s3:Get", "s3:GetObject", False),
        ("*", "s3:GetObject", True),
        ("*:*", "s3:GetObject", True),
        ("s3:Get.bject", "s3:GetObject", None),
    ],
)
def test_actions(pattern: str, action: str, covered: bool | None) -> None:
    if covered is None:
        with pytest.raises(ValueError, match="is neither"):
            allowed({"Action": pattern}, action=action, resource=BUCKET)
        return
    assert allowed({"Action": pattern}, action=action, resource=BUCKET) is covered
    assert allowed({"NotAction": pattern}, action=action, resource=BUCKET) is not covered
    assert allowed({"Action": ["ec2:RunInstances", pattern]}, action=action, resource=BUCKET) is covered


@pytest.mark.parametrize(
    ("pattern", "resource", "covered"),
    [
        ("*", BUCKET, True),
        ("*", "*", True),
        ("**", "*", True),
        (BUCKET, BUCKET, True),
        (BUCKET, f"{BUCKET}/key", False),
        (BUCKET, BUCKET.upper(), False),
        (f"{BUCKET}/*", f"{BUCKET}/a/b:c", True),
        (f"{BUCKET}/*", BUCKET, False),
        (BUCKET, "*", False),
        ("arn:aws:s3:::*", "*", False),
        # The guide's list of what `/*/test/*` covers, and what it doesn't.
        *(
            (f"{BUCKET}/*/test/*", f"{BUCKET}/{key}", True)
            for key in ("1/test/object.jpg", "1/2/test/object.jpg")
        ),
        *((f"{BUCKET}/*/test/*", f"{BUCKET}/{key}", True) for key in ("1/2/3/test/4/object.jpg", "1/test/")),
        *(
            (f"{BUCKET}/*/test/*", f"{BUCKET}/{key}", True)
            for key in ("1///test///object.jpg", "/test/object.jpg")
        ),
        *(
            (f"{BUCKET}/*/test/*", f"{BUCKET}/{key}", False)
            for key in ("1-test/object.jpg", "test/object.jpg")
        ),
        (f"{BUCKET}/*/test/*", f"{BUCKET}/1/2/test.jpg", False),
        ("arn:aws:s3:::amzn-s3-dem?-bucket", BUCKET, True),
        ("arn:aws:s3:::amzn-s3-dem?bucket", BUCKET, False),
        (f"arn:aws:dynamodb:*:{ACCOUNT}:table/books_table", TABLE, True),
        (f"arn:*:dynamodb:us-*-2:{ACCOUNT}:table/*", TABLE, True),
        (f"arn:aws:dynamodb:us-east-?:{ACCOUNT}:table/*", TABLE, True),
        ("arn:aws:s:region?1:x:y", "arn:aws:s:region:1:x:y", False),
        ("arn:aws:*:table/books_table:*:*", TABLE, False),  # a wildcard stays within its segment
        (
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:a:111122223333:finance/x",
            False,
        ),
        ("arn:aws:logs:*:*:*:/aws/*", f"arn:aws:logs:us-east-2:{ACCOUNT}:log-group:/aws/lambda", True),
        ("arn:aws:s3:::bucket.name", "arn:aws:s3:::bucketxname", False),
    ],
)
def test_resources(pattern: str, resource: str, covered: bool) -> None:
    asked = {"resource": resource, "owner": ACCOUNT}
    assert allowed({"Resource": pattern}, **asked) is covered
    assert allowed({"NotResource": pattern}, **asked) is not covered
    assert allowed({"Resource": [f"{BUCKET}-other", pattern]}, **asked) is covered


@pytest.mark.parametrize(
    ("name", "context", "resource", "covered"),
    [
        ("${aws:username}", {}, "alice", True),
        ("${AWS:UserName}", {}, "alice", True),
        ("home/${aws:username}/*", {}, "home/alice/x", True),
        ("${aws:username}", {}, "bob", False),
        ("${aws:PrincipalTag/team}", {}, "yellow", False),
        ("a${aws:PrincipalTag/team}", {}, "a", False),
        ("${aws:PrincipalTag/team}", {"aws:PrincipalTag/Team": "yellow"}, "yellow", True),
        ("${aws:PrincipalTag/team, 'company-wide'}", {}, "company-wide", True),
        ("${aws:PrincipalTag/team,'company-wide'}", {}, "company-wide", True),
        ("${aws:PrincipalTag/team, 'company-wide'}", {"aws:PrincipalTag/team": "yellow"}, "yellow", True),
        (
            "${aws:PrincipalTag/team, 'company-wide'}",
            {"aws:PrincipalTag/team": "yellow"},
            "company-wide",
            False,
        ),
        (
            "${aws:PrincipalTag/team}",
            {"aws:PrincipalTag/team": "y*"},
            "yellow",
            False,
        ),  # a value is a literal
        ("${aws:TagKeys}", {"aws:TagKeys": ["a", "b"]}, "a", False),  # several values are no variable
        ("a${*}b", {}, "a*b", True),
        ("a${*}b", {}, "axb", False),
        ("a${?}b", {}, "a?b", True),
        ("a${?}b", {}, "axb", False),
        ("a${$}{aws:username}b", {}, "a${aws:username}b", True),
        ("${aws:username", {}, "${aws:username", True),
        ("x", {}, "${aws:username}", False),
    ],
)
def test_variables_in_resources(name: str, context: dict[str, Any], resource: str, covered: bool) -> None:
    asked = {"context": context, "resource": f"arn:aws:s3:::{resource}", "caller": USER}
    assert allowed({"Resource": f"arn:aws:s3:::{name}"}, **asked) is covered
    assert allowed({"NotResource": f"arn:aws:s3:::{name}"}, **asked) is not covered


def test_variables_are_of_version_2012_only() -> None:
    pattern, literal = {"Resource": "arn:aws:s3:::${aws:username}"}, "arn:aws:s3:::${aws:username}"
    assert allowed(pattern, resource="arn:aws:s3:::alice", caller=USER)
    assert not allowed(pattern, resource="arn:aws:s3:::alice", caller=USER, version="2008-10-17")
    assert allowed(pattern, resource=literal, caller=USER, version="2008-10-17")
    assert not allowed(pattern, resource=literal, caller=USER)


def test_a_variable_may_be_the_account_of_an_arn() -> None:
    """As in AWS's managed policy AmazonTimestreamInfluxDBServiceRolePolicy."""
    pattern = {"Resource": "arn:*:sqs:*:${aws:PrincipalAccount}:*"}
    for account, covered in ((ACCOUNT, True), ("999999999999", False)):
        resource = f"arn:aws:sqs:eu-west-1:{account}:queue"
        assert allowed(pattern, resource=resource, owner=ACCOUNT) is covered
