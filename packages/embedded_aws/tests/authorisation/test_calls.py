"""Which actions on which resources a request needs, whatever the protocol of its service."""

import gzip
import io
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from embedded_aws import ACCOUNT_ID
from embedded_aws.authorisation.actions import actions_of
from embedded_aws.authorisation.calls import call_of
from embedded_aws.authorisation.resources import resources_of

HERE = f"us-east-1:{ACCOUNT_ID}"
LISTENER = f"arn:aws:elasticloadbalancing:{HERE}:listener/app/pay/0123456789abcdef/0123456789abcdef"
GROUP = f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/blue/0123456789abcdef"


def needed(service: str, environ: Mapping[str, Any], body: bytes = b"") -> set[tuple[str, str]]:
    """Action and resource of each check."""
    given = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "HTTP_HOST": "127.0.0.1:4566",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    call = call_of(given, service, "us-east-1")
    return {(action, resource) for action in actions_of(call) for resource in resources_of(call, action)}


def of_json(service: str, operation: str, **parameters: Any) -> set[tuple[str, str]]:
    return needed(service, {"HTTP_X_AMZ_TARGET": f"Any.{operation}"}, json.dumps(parameters).encode())


def of_query(service: str, **parameters: str) -> set[tuple[str, str]]:
    form = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
    return needed(service, form, urlencode(parameters).encode())


def test_a_compressed_form() -> None:
    """SDK reference guide, "Request compression": PutMetricData from 10,240 bytes on."""
    form = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "HTTP_CONTENT_ENCODING": "gzip"}
    body = gzip.compress(urlencode({"Action": "PutMetricData", "Namespace": "Pay"}).encode())
    assert {action for action, _ in needed("monitoring", form, body)} == {"cloudwatch:PutMetricData"}
    json_body = gzip.compress(json.dumps({"TableName": "control"}).encode())
    headers = {"HTTP_X_AMZ_TARGET": "Any.GetItem", "HTTP_CONTENT_ENCODING": "gzip"}
    table = f"arn:aws:dynamodb:{HERE}:table/control"
    assert needed("dynamodb", headers, json_body) == {("dynamodb:GetItem", table)}
    assert {action for action, _ in needed("monitoring", form, body[:-9])} == {"cloudwatch:Unknown"}


def of_path(service: str, method: str, target: str, body: Any = None, **headers: str) -> set[tuple[str, str]]:
    path, _, query = target.partition("?")
    environ = {"REQUEST_METHOD": method, "RAW_URI": target, "PATH_INFO": path, "QUERY_STRING": query}
    return needed(service, environ | headers, json.dumps(body or {}).encode())


def test_json() -> None:
    table = f"arn:aws:dynamodb:{HERE}:table/control"
    assert of_json("dynamodb", "GetItem", TableName="control") == {("dynamodb:GetItem", table)}
    assert of_json("dynamodb", "Query", TableName="control", IndexName="by-time") == {
        ("dynamodb:Query", f"{table}/index/by-time")
    }
    parameters = {f"arn:aws:ssm:{HERE}:parameter/pay/{name}" for name in ("a", "b")}
    assert of_json("ssm", "GetParameters", Names=["/pay/a", "/pay/b"]) == {
        ("ssm:GetParameters", parameter) for parameter in parameters
    }


def test_a_transaction_needs_the_action_of_each_of_its_items() -> None:
    """DynamoDB developer guide, "Using IAM with transactions"."""
    items = [{"Put": {"TableName": "a"}}, {"Update": {"TableName": "a"}}]
    table = f"arn:aws:dynamodb:{HERE}:table/a"
    assert of_json("dynamodb", "TransactWriteItems", TransactItems=items) == {
        ("dynamodb:PutItem", table),
        ("dynamodb:UpdateItem", table),
    }


def test_query() -> None:
    assert of_query("elasticloadbalancing", Action="ModifyListener", ListenerArn=LISTENER) == {
        ("elasticloadbalancing:ModifyListener", LISTENER)
    }
    assert of_query("monitoring", Action="DescribeAlarms", **{"AlarmNames.member.1": "a"}) == {
        ("cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:{HERE}:alarm:a")
    }
    assert of_query("iam", Action="GetRole", RoleName="r") == {
        ("iam:GetRole", f"arn:aws:iam::{ACCOUNT_ID}:role/r")
    }


def test_the_target_groups_of_a_forward_are_no_resources_of_the_call() -> None:
    """Service Authorization Reference, ModifyListener."""
    forward = {"DefaultActions.member.1.TargetGroupArn": GROUP}
    assert of_query("elasticloadbalancing", Action="ModifyListener", ListenerArn=LISTENER, **forward) == {
        ("elasticloadbalancing:ModifyListener", LISTENER)
    }


def test_composite_alarms_are_described_only_on_every_resource() -> None:
    """CloudWatch API reference, DescribeAlarms."""
    asked = {"AlarmNames.member.1": "a", "AlarmTypes.member.1": "CompositeAlarm"}
    assert of_query("monitoring", Action="DescribeAlarms", **asked) == {("cloudwatch:DescribeAlarms", "*")}


def test_what_has_no_resource_is_asked_for_every_one() -> None:
    """Service Authorization Reference."""
    assert of_query(
        "elasticloadbalancing", Action="DescribeListeners", **{"ListenerArns.member.1": LISTENER}
    ) == {("elasticloadbalancing:DescribeListeners", "*")}
    assert of_query("ec2", Action="DescribeVpcs") == {("ec2:DescribeVpcs", "*")}


def test_a_call_that_names_none_is_about_all_of_its_type() -> None:
    assert of_query("rds", Action="DescribeDBClusters") == {
        ("rds:DescribeDBClusters", f"arn:aws:rds:{HERE}:cluster:*")
    }


def test_an_unknown_operation_is_no_action_of_any_policy_but_of_everything() -> None:
    assert of_json("ssm", "GetParametres") == {("ssm:GetParametres", "*")}
    assert of_path("lambda", "GET", "/2099-01-01/unknown") == {("lambda:Unknown", "*")}


@pytest.mark.parametrize(
    ("method", "target", "action", "resource"),
    [
        ("HEAD", "/b", "s3:ListBucket", "b"),
        ("GET", "/b?list-type=2&prefix=x", "s3:ListBucket", "b"),
        ("GET", "/b?encryption", "s3:GetEncryptionConfiguration", "b"),
        ("PUT", "/b?lifecycle", "s3:PutLifecycleConfiguration", "b"),
        ("GET", "/b?ownershipControls=", "s3:GetBucketOwnershipControls", "b"),
        ("HEAD", "/b/k", "s3:GetObject", "b/k"),
        ("PUT", "/b/a/k", "s3:PutObject", "b/a/k"),
        ("PUT", "/b/k?partNumber=1&uploadId=u", "s3:PutObject", "b/k"),
        ("DELETE", "/b/k?x-id=DeleteObject", "s3:DeleteObject", "b/k"),
    ],
)
def test_buckets_and_objects(method: str, target: str, action: str, resource: str) -> None:
    """S3 user guide, "Required permissions for Amazon S3 API operations"."""
    assert of_path("s3", method, target) == {(action, f"arn:aws:s3:::{resource}")}


def test_a_bucket_in_the_name_of_the_host() -> None:
    found = of_path("s3", "GET", "/k", HTTP_HOST="state.localhost:4566")
    assert found == {("s3:GetObject", "arn:aws:s3:::state/k")}


def test_functions() -> None:
    function = f"arn:aws:lambda:{HERE}:function:switch"
    path = "/2015-03-31/functions/switch/invocations"
    assert of_path("lambda", "POST", path) == {("lambda:InvokeFunction", function)}
    assert of_path("lambda", "POST", f"{path}?Qualifier=live") == {
        ("lambda:InvokeFunction", f"{function}:live")
    }


def test_log_groups() -> None:
    """CloudWatch Logs user guide, "Overview of managing access permissions": the ARN that ends with `:*`."""
    group = f"arn:aws:logs:{HERE}:log-group:/pay"
    assert of_json("logs", "PutRetentionPolicy", logGroupName="/pay") == {
        ("logs:PutRetentionPolicy", f"{group}:log-stream:")
    }
    assert of_json("logs", "PutLogEvents", logGroupName="/pay", logStreamName="s") == {
        ("logs:PutLogEvents", f"{group}:log-stream:s")
    }
    assert of_json("logs", "ListTagsForResource", resourceArn=group) == {("logs:ListTagsForResource", group)}
