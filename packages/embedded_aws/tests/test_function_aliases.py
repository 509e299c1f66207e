"""Versions and aliases of functions: what is called by which ARN, by whom, and how often at once."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from embedded_aws import ACCOUNT_ID, REGION, LocalAws

from packages.embedded_aws.tests.conftest import create_function
from packages.embedded_aws.tests.invoking import HOLDS_THE_LINE, listening, pick_up, port_of
from packages.embedded_aws.tests.roles import trust

Deploy = Callable[..., str]

TELLS_ITS_ARN = """
def handler(event, context):
    return [context.invoked_function_arn, context.function_version]
"""


def call(client: Any, name: str, **how: Any) -> Any:
    return json.loads(client.invoke(FunctionName=name, Payload=b"{}", **how)["Payload"].read())


def publish(aws: LocalAws, name: str, *aliases: str) -> str:
    """A version of the function as it is, to which these aliases lead; the function's ARN."""
    functions = aws.client("lambda")
    version = functions.publish_version(FunctionName=name)["Version"]
    for alias in aliases:
        functions.create_alias(FunctionName=name, Name=alias, FunctionVersion=version)
    return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}"


def caller_who_may(aws: LocalAws, name: str, *resources: str) -> Any:
    """A client of Lambda with the keys of a new user who may invoke these."""
    iam = aws.client("iam")
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": list(resources)}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    if resources:
        iam.put_user_policy(UserName=name, PolicyName="calls", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client(
        "lambda",
        region_name=REGION,
        endpoint_url=aws.endpoint,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def refusal(client: Any, name: str) -> str:
    with pytest.raises(ClientError) as error:
        client.invoke(FunctionName=name)
    return str(error.value.response["Error"]["Code"])


def test_a_function_is_told_the_arn_that_it_is_called_by(aws: LocalAws, deploy: Deploy) -> None:
    name, functions = deploy(TELLS_ITS_ARN), aws.client("lambda")
    arn = publish(aws, name, "live")

    assert call(functions, name) == [arn, "$LATEST"]
    for way in ({"name": f"{arn}:live"}, {"name": f"{name}:live"}, {"name": name, "Qualifier": "live"}):
        assert call(functions, **way) == [f"{arn}:live", "1"]
    assert call(functions, name, Qualifier="1") == [f"{arn}:1", "1"]


def test_an_alias_stays_at_its_version_until_it_is_moved(aws: LocalAws, deploy: Deploy) -> None:
    name, functions = deploy(TELLS_ITS_ARN), aws.client("lambda")
    arn = publish(aws, name, "live")
    functions.update_function_configuration(FunctionName=name, Timeout=9)
    second = functions.publish_version(FunctionName=name)["Version"]

    assert call(functions, f"{arn}:live")[1] == "1"
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=second)
    assert call(functions, f"{arn}:live")[1] == second == "2"


def test_a_permission_for_one_alias_is_none_for_others(aws: LocalAws, deploy: Deploy) -> None:
    name = deploy(TELLS_ITS_ARN)
    arn = publish(aws, name, "operate", "workflow")
    operator = caller_who_may(aws, f"{name}-operator", f"{arn}:operate")

    assert call(operator, f"{arn}:operate")[0] == f"{arn}:operate"
    for other in (f"{arn}:workflow", arn, f"{arn}:1", f"{arn}:$LATEST"):
        assert refusal(operator, other) == "AccessDeniedException"


def test_an_alias_has_a_policy_of_its_own(aws: LocalAws, deploy: Deploy) -> None:
    name, functions, iam = deploy(TELLS_ITS_ARN), aws.client("lambda"), aws.client("iam")
    arn = publish(aws, name, "operate", "workflow")
    user, role = f"{name}-nobody", f"{name}-states"
    nobody = caller_who_may(aws, user)
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust("states.amazonaws.com"))
    given = {
        "operate": f"arn:aws:iam::{ACCOUNT_ID}:root",
        "workflow": f"arn:aws:iam::{ACCOUNT_ID}:user/{user}",
    }
    for alias, principal in given.items():
        functions.add_permission(
            FunctionName=name,
            Qualifier=alias,
            StatementId=alias,
            Action="lambda:InvokeFunction",
            Principal=principal,
        )

    for alias, principal in given.items():
        (statement,) = json.loads(functions.get_policy(FunctionName=name, Qualifier=alias)["Policy"])[
            "Statement"
        ]
        assert (statement["Principal"], statement["Resource"]) == ({"AWS": principal}, f"{arn}:{alias}")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_policy(FunctionName=name)
    # The account's root delegates to identity policies, of which there is none.
    assert refusal(nobody, f"{arn}:operate") == "AccessDeniedException"
    assert call(nobody, f"{arn}:workflow")[0] == f"{arn}:workflow"
    functions.remove_permission(FunctionName=name, Qualifier="workflow", StatementId="workflow")
    assert refusal(nobody, f"{arn}:workflow") == "AccessDeniedException"


def test_reserved_concurrency_is_of_all_versions_together(aws: LocalAws, deploy: Deploy) -> None:
    name, functions = deploy(HOLDS_THE_LINE), aws.client("lambda")
    arn = publish(aws, name, "live")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    with listening() as listener:
        event = json.dumps({"port": port_of(listener)})
        functions.invoke(FunctionName=f"{arn}:live", Payload=event, InvocationType="Event")
        line = pick_up(listener)
        assert refusal(functions, name) == "TooManyRequestsException"
        line.sendall(b"done")


def test_what_stock_moto_lacks(stock: LocalAws) -> None:
    """Once it tells the policies apart, `function_policies.py` is not needed any more."""
    name, functions = create_function(stock, TELLS_ITS_ARN), stock.client("lambda")
    publish(stock, name, "operate")
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"
    functions.add_permission(
        FunctionName=name,
        Qualifier="operate",
        StatementId="a",
        Action="lambda:InvokeFunction",
        Principal=role,
    )

    (statement,) = json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"]
    assert statement["Principal"] == role
